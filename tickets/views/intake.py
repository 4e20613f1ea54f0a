"""Taking a call: one page that is never left (IN-03); what stands beside it is in `beside`."""

from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_http_methods, require_POST

from core.addresses import address
from core.forms import KeyedForm
from core.keys import Claim
from estates.models import Unit
from estates.queries import household_of
from tickets import callbacks, cases, incoming, intake, repeats, requirements
from tickets.forms.intake import CompleteForm, IntakeForm
from tickets.models import Incoming, Report, Status, Ticket
from tickets.views import beside
from tickets.views import incoming as incoming_views
from tickets.views.kind_switch import switched, switches_kind
from tickets.views.shared import (
    act_once,
    actor_of,
    may_register,
    replays,
    step_taken,
    ticket_or_404,
    write_once,
)
from tickets.wishes import meant
from tickets.workflow import StepTaken


@require_http_methods(["GET", "POST"])
@may_register
@replays
def new(request: HttpRequest) -> HttpResponse:
    """The form of one call; POST registers, saves as 待补充, or attaches the call to an open ticket."""
    source = incoming_views.named_by(request)
    if request.method == "GET":
        if source and source.state != source.State.NEW:
            return incoming_views.handled_page(request, source)
        return _page(request, IntakeForm(initial=_initial(request, source), user=request.user), source=source)
    if switches_kind(request):
        return _page(request, switched(request), source=source)
    form = IntakeForm(request.POST, user=request.user)
    if not form.is_valid():
        return _page(request, form, status=422, source=source)

    taken: list[Ticket] = []

    def act(claim: Claim) -> str:
        if source:
            incoming.claim(source.pk)
        ticket = _take(request, form, claim)
        if source:
            incoming.take(incoming=source, ticket=ticket, by=actor_of(request), at=now())
        taken.append(ticket)
        return _next(form, ticket)

    try:
        return write_once(request, form, act, done=lambda: _say(request, form, taken[0]))
    except incoming.Handled as error:
        return incoming_views.handled_page(request, error.incoming)


def _take(request: HttpRequest, form: IntakeForm, claim: Claim) -> Ticket:
    """Open a ticket, a further one of the same call, or write the call down with an open one."""
    taken, report, by = form.intake(), form.cleaned_data["report"], actor_of(request)
    if form.attaches:
        about = form.cleaned_data["attach_to"]
        return repeats.attach_call(ticket=about, call=taken, by=by, at=now(), report=report)
    if report:
        ticket = intake.add_to_report(report=report, intake=taken, by=by, at=now())
    else:
        ticket = intake.register(
            intake=taken, by=by, at=now(), along=lambda ticket: claim.give(_next(form, ticket))
        )
    if same := form.cleaned_data["same_cause"]:
        side = form.cleaned_data["case_side"]
        cases.join_call(ticket=ticket, other=same, side=side, by=by, at=now())
    return ticket


def _say(request: HttpRequest, form: IntakeForm, ticket: Ticket) -> None:
    """Tell whoever took the call what became of it."""
    if form.attaches:
        messages.success(request, f"本次来电已记入 {ticket.number}，没有另开新单。")
    else:
        messages.success(request, f"已登记 {ticket.number}，{ticket.get_level_display()}。")


def _next(form: IntakeForm, ticket: Ticket) -> str:
    """The ticket's page, or the form again for a further fault of the same call (IN-10)."""
    if form.goes_on and not form.attaches:
        return f"{reverse('desk_intake')}?{urlencode({'report': ticket.report_id})}"
    return address("ticket", ticket.number)


@require_http_methods(["GET", "POST"])
@may_register
@replays
def complete(request: HttpRequest, number: str) -> HttpResponse:
    """The same form for a ticket that waits in 待补充 (IN-04)."""
    ticket = ticket_or_404(request, number)
    if ticket.status != Status.INCOMPLETE:
        return step_taken(request, StepTaken(ticket), back_url=reverse("ticket", args=[ticket.number]))
    if request.method == "GET":
        form = CompleteForm(initial=_initial_of(ticket), user=request.user, ticket=ticket)
        return _page(request, form, ticket=ticket)
    form = CompleteForm(request.POST, user=request.user, ticket=ticket)
    if not form.is_valid():
        return _page(request, form, ticket=ticket, status=422)

    def act() -> str:
        intake.complete(ticket=ticket, intake=form.intake(), by=actor_of(request), at=now())
        messages.success(request, f"{ticket.number} 已补全登记。")
        return reverse("ticket", args=[ticket.number])

    return act_once(request, form, act, back_url=reverse("ticket", args=[ticket.number]))


@require_POST
@may_register
@replays
def unreached(request: HttpRequest, number: str) -> HttpResponse:
    """A call-back that nobody answered: written down, and due again later (IN-04)."""
    ticket = ticket_or_404(request, number)
    form = KeyedForm(request.POST)
    if not form.is_valid():
        full = CompleteForm(initial=_initial_of(ticket), user=request.user, ticket=ticket)
        return _page(request, full, ticket=ticket, status=422)

    def act() -> str:
        callbacks.unreached(ticket=ticket, by=actor_of(request), at=now())
        messages.info(request, f"{ticket.number} 回电未接通，一小时后再提醒。")
        return reverse("desk_home")

    return act_once(request, form, act, back_url=reverse("ticket", args=[ticket.number]))


def _initial(request: HttpRequest, source: Incoming | None) -> dict:
    asked = request.GET
    initial = {"started_at": now().isoformat(), "kind": asked.get("kind", "")}
    if source:
        initial |= incoming_views.initial_of(request, source)
    if asked.get("report") and (report := _report(request)):
        initial |= _initial_of_report(report)
    if asked.get("unit", "").isdigit():
        unit = beside.named(Unit.objects.visible_to(request.user), asked["unit"])
        households = household_of(unit) if unit else []
        initial["unit"] = asked["unit"]
        initial |= beside.reporter(beside.chosen_household(households, asked.get("owner")))
    for name in ("place", "fault"):
        if asked.get(name, "").isdigit():
            initial[name] = asked[name]
    return initial


def _report(request: HttpRequest) -> Report | None:
    return IntakeForm(user=request.user).fields["report"].named_by(request.GET["report"])


def _initial_of_report(report: Report) -> dict:
    """Where and who stay the same; fault and words are new."""
    ticket = report.tickets.order_by("pk").first()
    if ticket is None:
        return {}
    same = ("unit_id", "place_id", "owner_id", "reporter_name", "reporter_phone", "wanted")
    initial = {name.removesuffix("_id"): getattr(ticket, name) for name in same}
    return initial | {
        "report": report.pk,
        "channel": report.channel,
        "port": report.port,
        "started_at": report.started_at.isoformat(),
    }


def _initial_of(ticket: Ticket) -> dict:
    names = ["reporter_name", "reporter_phone", "description", "wanted"]
    initial = {name: getattr(ticket, name) for name in names}
    if localdate(ticket.registered_at) != localdate() and meant(ticket.wanted, said_on=localdate()):
        # What was 今天下午 then is asked again.
        initial["wanted"] = ""
    for name in ("unit", "place", "owner", "fault", "estate", "department"):
        initial[name] = getattr(ticket, f"{name}_id")
    initial["details"] = requirements.facts_of(ticket)
    return initial | {
        "channel": ticket.report.channel,
        "port": ticket.report.port,
        "started_at": now().isoformat(),
    }


def _page(
    request: HttpRequest,
    form: IntakeForm,
    *,
    ticket: Ticket | None = None,
    source: Incoming | None = None,
    status: int = 200,
):
    form.offer_places()
    unit, fault, report = (_chosen(form, name) for name in ("unit", "fault", "report"))
    context = {
        "form": form,
        "ticket": ticket,
        "crumbs": _crumbs(ticket, source),
        "started": _started(form),
        "report": report,
        "incoming": source,
        # The same address as a call's, but the way back leads to what came in.
        "section": "incoming" if source else "",
    }
    if unit:
        context |= beside.unit_context(request, unit, form["owner"].value())
    elif place := _chosen(form, "place"):
        context |= beside.place_context(request, place)
    if fault:
        context |= beside.fault_context(fault, unit)
    said, picked = bool(form["said_repaired"].value()), form["repeat_of"].value()
    context |= beside.repeats_context(request, unit, fault, said, picked)
    if report:
        context["siblings"] = report.tickets.visible_to(request.user).select_related("fault").order_by("pk")
    if ticket:
        context |= {"call": callbacks.call_of(ticket, now=now()), "unreached_form": KeyedForm()}
    return render(request, "tickets/intake.html", context, status=status)


def _crumbs(ticket: Ticket | None, source: Incoming | None) -> list[tuple[str, str]]:
    """Back to what is completed or registered; a call begins here."""
    if ticket:
        return [("工单", reverse("desk_tickets")), (ticket.number, reverse("ticket", args=[ticket.number]))]
    if source:
        return [("来件", reverse("desk_incoming")), ("内容", reverse("desk_incoming_item", args=[source.pk]))]
    return []


def _started(form: IntakeForm) -> datetime:
    """When the call began, for the stopwatch; now where the browser sent nonsense."""
    try:
        return parse_datetime(str(form["started_at"].value())) or now()
    except ValueError:
        return now()


def _chosen(form: IntakeForm, name: str):
    """The object that a hidden field names, if the user may see it."""
    return form.fields[name].named_by(form[name].value())
