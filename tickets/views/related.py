"""What else is known while a call lasts: incidents, tickets to follow or of the same cause (IN-17, IN-18)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from estates.models import PublicPlace, Unit
from knowledge.queries import find_active
from tickets import cases, following, incidents
from tickets.views.incidents import may_write


@require_GET
@may_write
def beside_call(request: HttpRequest) -> HttpResponse:
    """The fragment beside the intake form, for the dwelling or place and, once chosen, the fault."""
    where = _where(request)
    if where is None:
        return render(request, "tickets/_beside_call.html")
    fault = find_active(key) if (key := _key(request, "fault")) else None
    near = cases.near(request.user, where) if isinstance(where, Unit) else []
    # Whoever completes a ticket is not offered that ticket.
    itself = _key(request, "completing")
    follow = following.suggestions(request.user, where, fault)
    context = {
        "follow": [ticket for ticket in follow if ticket.pk != itself],
        "near": [ticket for ticket in near if ticket.pk != itself],
        "same_cause": request.GET.get("same_cause", ""),
        "case_side": request.GET.get("case_side", "damage"),
        "incidents": [
            {"row": row, "sentence": incidents.sentence(row)}
            for row in incidents.touching_call(
                request.user,
                estate_id=where.estate_id,
                building_id=where.building_id,
                fault_id=fault.pk if fault else None,
            )
        ],
    }
    return render(request, "tickets/_beside_call.html", context)


def _where(request: HttpRequest) -> Unit | PublicPlace | None:
    for model, name in ((Unit, "unit"), (PublicPlace, "place")):
        if pk := _key(request, name):
            rows = model.objects.visible_to(request.user).select_related("building", "estate")
            return rows.filter(pk=pk).first()
    return None


def _key(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else None
