"""Taking a call: one page that is never left, with its fragments beside the form (IN-03)."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_GET, require_http_methods

from estates.models import PublicPlace, Unit
from estates.queries import care_flags, hints_for, household_of, search_units
from knowledge.models import FaultCategory
from knowledge.queries import find_faults, scripts_for
from tickets import incoming, intake, queries
from tickets.forms.intake import CompleteForm, IntakeForm
from tickets.models import Incoming, Status, Ticket
from tickets.views import incoming as incoming_views
from tickets.views.shared import act_once, actor_of, may_register, replays, step_taken, ticket_or_404
from tickets.workflow import StepTaken
from warranty.verdicts import coverage_table, verdict_for


@require_http_methods(["GET", "POST"])
@may_register
def new(request: HttpRequest) -> HttpResponse:
    """The form of one call; POST registers, or saves as 待补充 when something could not be said."""
    source = incoming_views.named_by(request)
    if request.method == "GET":
        if source and source.state != source.State.NEW:
            return incoming_views.handled_page(request, source)
        return _page(request, IntakeForm(initial=_initial(request, source), user=request.user), source=source)
    form = IntakeForm(request.POST, user=request.user)
    if not form.is_valid():
        return _page(request, form, status=422, source=source)

    def act() -> str:
        if source:
            incoming.claim(source.pk)
        ticket = intake.register(intake=form.intake(), by=actor_of(request), at=now())
        if source:
            incoming.take(incoming=source, ticket=ticket, by=actor_of(request), at=now())
        messages.success(request, f"已登记 {ticket.number}，{ticket.get_level_display()}。")
        return reverse("ticket", args=[ticket.number])

    try:
        return act_once(request, form, act, back_url=reverse("desk_intake"))
    except incoming.Handled as error:
        return incoming_views.handled_page(request, error.incoming)


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


def _initial(request: HttpRequest, source: Incoming | None) -> dict:
    initial = {"started_at": now().isoformat()}
    if source:
        initial |= incoming_views.initial_of(request, source)
    if request.GET.get("unit", "").isdigit():
        unit = Unit.objects.visible_to(request.user).filter(pk=request.GET["unit"]).first()
        households = household_of(unit) if unit else []
        initial["unit"] = request.GET["unit"]
        initial |= _reporter(_chosen_household(households, request.GET.get("owner")))
    if request.GET.get("place", "").isdigit():
        initial["place"] = request.GET["place"]
    return initial


def _initial_of(ticket: Ticket) -> dict:
    names = ["reporter_name", "reporter_phone", "description", "wanted"]
    initial = {name: getattr(ticket, name) for name in names}
    for name in ("unit", "place", "owner", "fault", "estate"):
        initial[name] = getattr(ticket, f"{name}_id")
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
    context = {"form": form, "ticket": ticket, "incoming": source, "started": _started(form)}
    unit = _chosen(form, "unit")
    if unit:
        context |= _unit_context(request, unit, form["owner"].value())
    elif place := _chosen(form, "place"):
        context |= _place_context(request, place)
    fault = _chosen(form, "fault")
    if fault:
        context |= _fault_context(fault, unit)
    return render(request, "tickets/intake.html", context, status=status)


def _started(form: IntakeForm) -> datetime:
    """When the call began, for the stopwatch; now where the browser sent nonsense."""
    try:
        return parse_datetime(str(form["started_at"].value())) or now()
    except ValueError:
        return now()


def _chosen(form: IntakeForm, name: str):
    """The object that a hidden field names, if the user may see it."""
    return form.fields[name].named_by(form[name].value())


@require_GET
@may_register
def find_unit(request: HttpRequest) -> HttpResponse:
    """Dwellings for what was typed: phone, room, name, initials."""
    hits = search_units(request.user, request.GET.get("who", "")[:50])
    return render(request, "tickets/_unit_hits.html", {"hits": hits, "typed": request.GET.get("who", "")})


@require_GET
@may_register
def unit_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The dwelling beside the form, and the reporter's fields filled in."""
    unit = get_object_or_404(
        Unit.objects.visible_to(request.user).select_related("building", "estate"), pk=pk
    )
    context = _unit_context(request, unit, request.GET.get("owner"))
    form = IntakeForm(initial={"unit": unit.pk, **_reporter(context["chosen"])}, user=request.user)
    form.offer_places()
    return render(request, "tickets/_unit_chosen.html", context | {"form": form})


@require_GET
@may_register
def place_panel(request: HttpRequest) -> HttpResponse:
    """The public place beside the form; nothing, where none or none in scope is named."""
    value = request.GET.get("place", "")
    place = None
    if value.isdigit():
        places = PublicPlace.objects.visible_to(request.user).select_related("building", "estate")
        place = places.filter(pk=value[:18]).first()
    if place is None:
        return render(request, "tickets/_nowhere.html")
    return render(request, "tickets/_place_panel.html", _place_context(request, place))


def _place_context(request: HttpRequest, place: PublicPlace) -> dict:
    return {
        "place": place,
        "hints": hints_for(request.user, place=place),
        "history": queries.history_of_place(request.user, place),
    }


def _reporter(household) -> dict:
    if household is None:
        return {}
    owner = household.owner
    return {"owner": owner.pk, "reporter_name": owner.name, "reporter_phone": owner.phone}


def _chosen_household(households: list, owner_id):
    """The one that was picked, else the owner's."""
    picked = next((each for each in households if str(each.owner_id) == str(owner_id or "")), None)
    return picked or (households[0] if households else None)


def _unit_context(request: HttpRequest, unit: Unit, owner_id) -> dict:
    households = household_of(unit)
    chosen = _chosen_household(households, owner_id)
    return {
        "unit": unit,
        "households": households,
        "chosen": chosen,
        "care": care_flags(chosen.owner) if chosen else [],
        "hints": hints_for(request.user, unit=unit),
        "history": queries.history_of_unit(request.user, unit),
        "coverage": coverage_table(unit, localdate()),
        "places": PublicPlace.objects.visible_to(request.user).filter(estate=unit.estate)[:1],
    }


@require_GET
@may_register
def find_fault(request: HttpRequest) -> HttpResponse:
    """Faults for the caller's own words."""
    return render(
        request,
        "tickets/_fault_hits.html",
        {"faults": find_faults(request.GET.get("fault_words", "")[:50]), "unit": request.GET.get("unit", "")},
    )


@require_GET
@may_register
def fault_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The chosen fault: level, cover of this dwelling, script and self-rescue (IN-15)."""
    fault = get_object_or_404(FaultCategory.objects.filter(active=True), pk=pk)
    value = request.GET.get("unit", "")
    unit = None
    if value.isdigit():
        unit = (
            Unit.objects.visible_to(request.user)
            .select_related("building", "estate")
            .filter(pk=value)
            .first()
        )
    form = IntakeForm(initial={"fault": fault.pk}, user=request.user)
    return render(request, "tickets/_fault_chosen.html", _fault_context(fault, unit) | {"form": form})


def _fault_context(fault: FaultCategory, unit: Unit | None) -> dict:
    verdict = None
    if unit:
        verdict = verdict_for(
            estate=unit.estate, unit=unit, building=unit.building, component=fault.coverage, at=now()
        )
    return {"fault": fault, "fault_verdict": verdict, "scripts": scripts_for(fault)}
