"""Agreeing on a window, on the phone and at the desk: the days, the form, and what it does (DI-07)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.http import HttpRequest
from django.utils.timezone import localdate

from dispatch import visits
from dispatch.field_forms import MoveForm, WindowForm
from tickets.models import Status, Ticket
from tickets.views.shared import actor_of

DAYS_AHEAD = 7


def chosen_day(request: HttpRequest) -> date:
    """The day named in the address, or today."""
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return localdate()


def day_strip(today: date) -> list[tuple[date, str]]:
    """Today and the days after it, each with its word."""
    days = [today + timedelta(days=number) for number in range(DAYS_AHEAD)]
    return [(each, "今天" if each == today else f"周{'一二三四五六日'[each.weekday()]}") for each in days]


def window_form(request: HttpRequest, ticket: Ticket, slots: Sequence[visits.Slot]) -> WindowForm:
    """The windows to choose from; a booked one is moved, with a reason."""
    form_class = MoveForm if ticket.status == Status.SCHEDULED else WindowForm
    return form_class(request.POST if request.method == "POST" else None, slots=slots)


def agree(request: HttpRequest, ticket: Ticket, form: WindowForm, *, at: datetime) -> str:
    """Book what the form says, or move what was booked; returns the window in words. Raises as `visits`."""
    start, end = form.span()
    facts = {"ticket": ticket, "start": start, "end": end, "by": actor_of(request), "at": at}
    if isinstance(form, MoveForm):
        visits.move(reason=form.cleaned_data["reason"], **facts)
    else:
        visits.book(**facts)
    return visits.window_words(start, end)
