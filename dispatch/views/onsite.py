"""What is done on site, by a worker's phone or a company's, through the same door (DI-12, EX-01)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, now

from core.forms import KeyedForm
from core.store import RefusedFile
from dispatch import visits
from dispatch.field_acts import ACTS, Act
from dispatch.models import Worker
from dispatch.views.days import agree, chosen_day, day_strip, window_form
from tickets import contacts, plans, requirements, rules, workflow
from tickets.forms.steps import PauseForm
from tickets.models import Ticket
from tickets.views.shared import act_once, actor_of


def _do(request: HttpRequest, ticket: Ticket, chosen: Act, form: Any) -> str:
    chosen.do(ticket, form, actor_of(request), now())
    messages.success(request, chosen.thanks)
    return ""


@dataclass(frozen=True, kw_only=True)
class Surface:
    """Whose phone it is: its addresses, its pages and its words."""

    # Its addresses are called <name>_ticket and <name>_called.
    name: str
    ticket_page: str
    act_page: str
    schedule_page: str
    called_page: str
    # What the ticket's page needs.
    context: Callable[[HttpRequest, Ticket], dict[str, Any]]
    # Who has the ticket, and what all others are told.
    holds: Callable[[HttpRequest, Ticket], bool]
    not_held: str
    # Does an act and says where to go; nowhere is back to the ticket.
    do: Callable[[HttpRequest, Ticket, Act, Any], str] = _do

    def back(self, ticket: Ticket) -> str:
        """The address of the ticket's page."""
        return reverse(f"{self.name}_ticket", args=[ticket.number])

    def check(self, request: HttpRequest, ticket: Ticket) -> None:
        """Raise PermissionDenied for a ticket that is with somebody else, which may only be read."""
        if not self.holds(request, ticket):
            raise PermissionDenied(self.not_held)


def act(request: HttpRequest, ticket: Ticket, name: str, surface: Surface) -> HttpResponse:
    """Do one act of `ACTS`: a page with its form, or for direct ones the button itself."""
    chosen = ACTS.get(name)
    if chosen is None:
        raise Http404
    surface.check(request, ticket)
    if request.method == "GET" and not workflow.may(ticket, chosen.step, actor_of(request)):
        # The browser's back button, after it was done.
        return redirect(surface.back(ticket))
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = chosen.form(*data, **_about(chosen, ticket))
    if request.method == "GET" or not form.is_valid():
        return _act_page(request, ticket, name, chosen, form, surface)
    back = surface.back(ticket)
    try:
        return act_once(
            request, form, lambda: surface.do(request, ticket, chosen, form) or back, back_url=back
        )
    except RefusedFile as error:
        form.add_error("photos" if "photos" in form.fields else None, str(error))
        return _act_page(request, ticket, name, chosen, form, surface)


def _about(chosen: Act, ticket: Ticket) -> dict[str, Any]:
    if issubclass(chosen.form, PauseForm):
        return {"ticket": ticket}
    if "cost" in chosen.form.base_fields and (price := requirements.facts_of(ticket).get("price")):
        # What the owner has agreed to is what the plan begins with, not 免费.
        return {"initial": {"cost": price}}
    return {"initial": {"signer": ticket.reporter_name}} if "signer" in chosen.form.base_fields else {}


def _act_page(
    request: HttpRequest, ticket: Ticket, name: str, chosen: Act, form: Any, surface: Surface
) -> HttpResponse:
    context = {"ticket": ticket, "name": name, "act": chosen, "form": form}
    context["plan"] = plans.current(ticket) if name == "sign" else None
    return render(request, surface.act_page, context, status=422 if form.is_bound else 200)


def schedule(request: HttpRequest, ticket: Ticket, surface: Surface) -> HttpResponse:
    """Agree on a window with the owner, or move it with a reason; taken ones cannot be chosen (DI-07)."""
    surface.check(request, ticket)
    worker = get_object_or_404(Worker, user=ticket.handler_id)
    day, at = chosen_day(request), now()
    slots = visits.free_windows(worker, day, at=at, ticket=ticket)
    form = window_form(request, ticket, slots)
    if request.method == "GET" or not form.is_valid():
        return _schedule_page(request, ticket, day, slots, form, surface)
    back = surface.back(ticket)

    def run() -> str:
        words = agree(request, ticket, form, at=at)
        messages.success(request, f"已预约 {words}，短信已通知业主。")
        return back

    try:
        return act_once(request, form, run, back_url=back)
    except visits.BadWindow as error:
        form.add_error("window", str(error))
        return _schedule_page(request, ticket, day, slots, form, surface)


def _schedule_page(
    request: HttpRequest, ticket: Ticket, day: date, slots: Any, form: Any, surface: Surface
) -> HttpResponse:
    context = {"ticket": ticket, "day": day, "days": day_strip(localdate()), "slots": slots, "form": form}
    return render(request, surface.schedule_page, context, status=422 if form.is_bound else 200)


def call(request: HttpRequest, ticket: Ticket, surface: Surface) -> HttpResponse:
    """Write down the call, then show the number; hidden until the ticket is accepted (OR-01, EX-01)."""
    form = KeyedForm(request.POST)
    if not form.is_valid():
        return render(request, surface.ticket_page, surface.context(request, ticket), status=422)

    def run() -> str:
        by, at = actor_of(request), now()
        contacts.reveal(ticket=ticket, by=by, why="contact", at=at)
        workflow.note(ticket=ticket, name="contact", by=by, at=at)
        return reverse(f"{surface.name}_called", args=[ticket.number])

    try:
        return act_once(request, form, run, back_url=surface.back(ticket))
    except contacts.TooMany as error:
        messages.error(request, str(error))
        return render(request, surface.ticket_page, surface.context(request, ticket), status=429)


def called(request: HttpRequest, ticket: Ticket, surface: Surface) -> HttpResponse:
    """The number to dial, for who has just been written down as a caller."""
    recently = now() - timedelta(minutes=30)
    written_down = ticket.reveals.filter(user=request.user, at__gte=recently).exists()
    # A ticket given to somebody else since then takes its number with it.
    if not (written_down and rules.may_see_contact(ticket, actor_of(request))):
        raise PermissionDenied("请从工单页面点击“联系业主”。")
    return render(request, surface.called_page, {"ticket": ticket})
