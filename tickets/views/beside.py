"""What appears beside the form while the call lasts: dwelling, place, fault, repeats (IN-03, IN-08)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_GET
from django_htmx.http import trigger_client_event

from estates.models import PublicPlace, Unit
from estates.queries import care_flags, hints_for, household_of
from knowledge.models import FaultCategory
from knowledge.queries import find_active, find_faults, scripts_for
from tickets import precedence, queries, repeats, search
from tickets.forms.intake import IntakeForm
from tickets.views.incoming import sender_of
from tickets.views.shared import may_register
from warranty.verdicts import YES, coverage_table, verdict_for

# Tells the form that dwelling or fault have changed, so that it looks for repeats.
CHANGED = "fx:subject"
# Within the reach of a key's column.
LONGEST_KEY = 18


@require_GET
@may_register
def find_unit(request: HttpRequest) -> HttpResponse:
    """Where the call is about, for what was typed: phone, room, name, initials, number, public place."""
    typed = request.GET.get("who", "")[: search.LONGEST]
    context = {"found": search.search(request.user, typed), "typed": typed}
    return render(request, "tickets/_unit_hits.html", context)


@require_GET
@may_register
def unit_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The dwelling beside the form, and the reporter's fields filled in."""
    unit = get_object_or_404(
        Unit.objects.visible_to(request.user).select_related("building", "estate"), pk=pk
    )
    context = unit_context(request, unit, request.GET.get("owner"))
    caller = _caller(context["chosen"], sender_of(request))
    form = IntakeForm(initial={"unit": unit.pk, **caller}, user=request.user)
    form.offer_places()
    answer = render(request, "tickets/_unit_chosen.html", context | {"form": form})
    return trigger_client_event(answer, CHANGED, after="settle")


@require_GET
@may_register
def place_panel(request: HttpRequest) -> HttpResponse:
    """The public place beside the form; nothing, where none or none in scope is named."""
    places = PublicPlace.objects.visible_to(request.user).select_related("building", "estate")
    place = named(places, request.GET.get("place"))
    if place is None:
        return render(request, "tickets/_nowhere.html")
    context = place_context(request, place)
    if "chosen" not in request.GET:
        return render(request, "tickets/_place_panel.html", context)
    initial = {"place": place.pk, "estate": place.estate_id, **sender_of(request)}
    form = IntakeForm(initial=initial, user=request.user)
    form.offer_places()
    answer = render(request, "tickets/_place_chosen.html", context | {"form": form})
    return trigger_client_event(answer, CHANGED, after="settle")


@require_GET
@may_register
def find_fault(request: HttpRequest) -> HttpResponse:
    """Faults for the caller's own words."""
    typed = request.GET.get("fault_words", "")[:50]
    place = named(PublicPlace.objects.visible_to(request.user), request.GET.get("place"))
    faults = find_faults(typed, at=place.name if place else "")
    context = {"faults": faults, "typed": typed, "unit": request.GET.get("unit", "")}
    return render(request, "tickets/_fault_hits.html", context)


@require_GET
@may_register
def fault_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The chosen fault: level, cover of this dwelling, script and self-rescue (IN-15)."""
    fault = get_object_or_404(FaultCategory.objects.filter(active=True), pk=pk)
    form = IntakeForm(initial={"fault": fault.pk}, user=request.user)
    unit = _unit(request)
    context = fault_context(fault, unit) | {"form": form}
    if unit:
        context["coverage"] = coverage_table(unit, localdate())
    answer = render(request, "tickets/_fault_chosen.html", context)
    return trigger_client_event(answer, CHANGED, after="settle")


@require_GET
@may_register
def repeats_panel(request: HttpRequest) -> HttpResponse:
    """Open tickets to attach the call to, and repairs that this may be the second of (IN-08)."""
    unit, fault = _unit(request), None
    if request.GET.get("fault", "").isdigit():
        fault = find_active(int(request.GET["fault"][:18]))
    said = bool(request.GET.get("said_repaired"))
    context = repeats_context(request, unit, fault, said, request.GET.get("repeat_of"))
    return render(request, "tickets/_intake_repeats.html", context)


def repeats_context(
    request: HttpRequest, unit: Unit | None, fault: FaultCategory | None, said: bool, chosen: Any = ""
) -> dict:
    """What `tickets/_intake_repeats.html` expects; `chosen` is the key of the picked earlier ticket."""
    context = {"unit": unit, "fault": fault, "said": said, "picked": str(chosen or "")}
    if unit is None:
        return context
    covered = fault is not None and fault_context(fault, unit)["fault_verdict"].covered == YES
    return context | {
        "repeats": repeats.find(request.user, unit, fault, covered=covered, said=said, now=now())
    }


def unit_context(request: HttpRequest, unit: Unit, owner_id: Any) -> dict:
    """What `tickets/_unit_panel.html` expects; `owner_id` names who of the household calls."""
    households = household_of(unit)
    chosen = chosen_household(households, owner_id)
    return {
        "unit": unit,
        "households": households,
        "chosen": chosen,
        "care": care_flags(chosen.owner) if chosen else [],
        "hints": hints_for(request.user, unit=unit),
        "urgent": precedence.in_estate(unit.estate_id, at=now()),
        "history": queries.history_of_unit(request.user, unit),
        "coverage": coverage_table(unit, localdate()),
    }


def place_context(request: HttpRequest, place: PublicPlace) -> dict:
    """What `tickets/_place_panel.html` expects."""
    return {
        "place": place,
        "hints": hints_for(request.user, place=place),
        "urgent": precedence.in_estate(place.estate_id, at=now()),
        "history": queries.history_of_place(request.user, place),
    }


def fault_context(fault: FaultCategory, unit: Unit | None) -> dict:
    """The chosen fault with the verdict for this dwelling and the words to say."""
    verdict = None
    if unit:
        verdict = verdict_for(
            estate=unit.estate, unit=unit, building=unit.building, component=fault.coverage, at=now()
        )
    return {"fault": fault, "fault_verdict": verdict, "scripts": scripts_for(fault)}


def reporter(household: Any) -> dict:
    """The form's fields for who calls."""
    if household is None:
        return {}
    owner = household.owner
    return {"owner": owner.pk, "reporter_name": owner.name, "reporter_phone": owner.phone}


def _caller(household: Any, sender: dict[str, str]) -> dict:
    """Who reports: whoever wrote the message, where it says, else who was picked of the household."""
    picked = reporter(household)
    return picked if sender.get("reporter_phone") in {None, picked.get("reporter_phone")} else sender


def chosen_household(households: list, owner_id: Any) -> Any:
    """The one that was picked, else the owner's."""
    picked = next((each for each in households if str(each.owner_id) == str(owner_id or "")), None)
    return picked or (households[0] if households else None)


def _unit(request: HttpRequest) -> Unit | None:
    units = Unit.objects.visible_to(request.user).select_related("building", "estate")
    return named(units, request.GET.get("unit"))


def named(rows: Any, value: Any) -> Any:
    """The row of these that a key from the address names, or None."""
    text = str(value or "")
    return rows.filter(pk=text).first() if text.isdecimal() and len(text) <= LONGEST_KEY else None
