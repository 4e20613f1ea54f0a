"""The worker's phone: my tasks, one task, and what to do next (EX-01)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.forms import KeyedForm
from dispatch import cards, punctuality, visits
from dispatch.emergency import squads
from dispatch.field_acts import Act, allowed
from dispatch.views import onsite
from tickets import delays, pages, plans, workflow
from tickets.clock_lines import phone_lines
from tickets.models import Status, Ticket
from tickets.queries import with_next_due
from tickets.states import PAUSABLE
from tickets.views import shared
from tickets.views.shared import actor_of, replays, ticket_or_404

works = permission_required("tickets.work_ticket", raise_exception=True)
# What waited longer in a phone is no longer believed to have been pressed then.
KEPT_FOR = timedelta(hours=12)
NOTEWORTHY = timedelta(minutes=2)
# So many missed limits are asked about at a time.
OWED = 6
MINE = [Status.DISPATCHED, *PAUSABLE, Status.SUSPENDED]


@require_GET
@works
def home(request: HttpRequest) -> HttpResponse:
    """My tasks, the nearest deadline first; what waits for others stands apart."""
    mine = Ticket.objects.filter(handler=request.user, status__in=MINE).select_related("estate", "fault")
    rows = list(with_next_due(mine).prefetch_related("visits").order_by("level", "next_due", "pk"))
    for ticket in rows:
        ticket.booked = next((visit for visit in ticket.visits.all() if visit.state == "booked"), None)
    waiting = {Status.PRE_INSPECTION, Status.PLAN_REVIEW, Status.SUSPENDED}
    at = now()
    context = {
        "now": at,
        "new": [ticket for ticket in rows if ticket.status == Status.DISPATCHED],
        "doing": [ticket for ticket in rows if ticket.status not in {Status.DISPATCHED, *waiting}],
        "waiting": [ticket for ticket in rows if ticket.status in waiting],
        "owed": delays.owed_by(request.user, now=at)[:OWED],
        "punctual": punctuality.own(request.user, at=at),
        "squads": squads.posts_of(request.user, at=at),
    }
    return render(request, "dispatch/field_home.html", context)


def _mine(request: HttpRequest, number: str) -> Ticket:
    """A ticket this worker may see; acting on it is for its handler alone."""
    return ticket_or_404(request, number)


@require_GET
@works
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """One task: where, what, who, and the next thing to do."""
    return render(request, "dispatch/field_ticket.html", _context(request, _mine(request, number)))


def _context(request: HttpRequest, ticket: Ticket) -> dict:
    by, at = actor_of(request), now()
    acts = allowed(ticket, by)
    shown = cards.card(ticket, request.user, at=at) | phone_lines(ticket, now=at)
    return shown | {
        "main": next(((name, act) for name, act in acts if act.tone == "primary"), None),
        "acts": [(name, act) for name, act in acts if act.tone != "primary"],
        "may_call": workflow.may(ticket, "contact", by) and ticket.status != Status.DISPATCHED,
        "may_book": workflow.may(ticket, "schedule", by),
        "may_explain": delays.may_explain(ticket, by),
        "may_move": workflow.may(ticket, "reschedule", by),
        "plan": plans.current(ticket),
        "aside": pages.aside(ticket),
        "evidence": pages.evidence_items(ticket.evidence.open_to(request.user)),
        "events": pages.timeline(ticket)[:12],
        # The class: each button of the page draws a key of its own.
        "key_form": KeyedForm,
    }


def to_outbox(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer static/js/outbox.js: where to go next, and a refusal as a page that ends the waiting (EX-01)."""

    @wraps(view)
    def answered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if "X-Outbox" not in request.headers:
            return view(request, *args, **kwargs)
        try:
            answer = view(request, *args, **kwargs)
        except PermissionDenied as error:
            # 403 would read as a page that has grown old: sent again and again.
            context = {"text": str(error), "back_url": reverse("field_home")}
            return render(request, "core/taken.html", context, status=409)
        if answer.status_code in {302, 303}:
            return HttpResponse(status=204, headers={"X-Go": answer["Location"]})
        return answer

    return answered


def pressed_at(request: HttpRequest, ticket: Ticket) -> datetime:
    """When the button was pressed: what waited for the network says so itself (EX-01).

    Never before the ticket's last event, never later than now, and no more than half a day ago.
    """
    at = now()
    pressed = shared.pressed_at(request, at=at, kept_for=KEPT_FOR)
    if pressed == at:
        return at
    last = ticket.events.order_by("-seq").values_list("at", flat=True)[0]
    return min(max(pressed, last), at)


def _do(request: HttpRequest, ticket: Ticket, chosen: Act, form) -> str:
    by, at, pressed = actor_of(request), now(), pressed_at(request, ticket)
    chosen.do(ticket, form, by, pressed)
    still_mine = Ticket.objects.filter(pk=ticket.pk, handler=request.user).exists()
    if still_mine and at - pressed > NOTEWORTHY:
        words = f"“{chosen.label}”在没有网络时记录，{visits.clock_words(at)}送达。"
        workflow.note(ticket=ticket, name="comment", by=by, at=at, reason=words)
    messages.success(request, chosen.thanks)
    return "" if still_mine else reverse("field_home")


SURFACE = onsite.Surface(
    name="field",
    ticket_page="dispatch/field_ticket.html",
    act_page="dispatch/field_act.html",
    schedule_page="dispatch/field_schedule.html",
    called_page="dispatch/field_called.html",
    context=_context,
    holds=lambda request, ticket: ticket.handler_id == request.user.pk,
    not_held="这张工单已不在您手上。",
    do=_do,
)


@require_http_methods(["GET", "POST"])
@works
@to_outbox
@replays
def act(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Do one act of `ACTS`, which may have waited for the network."""
    return onsite.act(request, _mine(request, number), name, SURFACE)


@require_http_methods(["GET", "POST"])
@works
@replays
def schedule(request: HttpRequest, number: str) -> HttpResponse:
    """Agree on a window, or move it (DI-07)."""
    return onsite.schedule(request, _mine(request, number), SURFACE)


@require_POST
@works
def call(request: HttpRequest, number: str) -> HttpResponse:
    """Write down the call, then show the number."""
    return onsite.call(request, _mine(request, number), SURFACE)


@require_GET
@works
def called(request: HttpRequest, number: str) -> HttpResponse:
    """The number to dial."""
    return onsite.called(request, _mine(request, number), SURFACE)
