"""One row of every table of the admin, here and far away."""

from typing import Any

from django.contrib import admin
from django.utils.timezone import now

from channels.models import Alarm, Device, RelayDuty
from core import schedules
from core.models import ServiceRun
from estates.models import CareFlag
from knowledge.models import Department, Script
from tests import factories_estates as estates
from tests.house import AT
from tickets.models import (
    ClassRule,
    LevelRule,
    PolicySet,
    WorkDay,
)
from tickets.presets import load_policies
from warranty.models import CoverageTerm, Season

# Where a row's estate is written; tables that are not here belong to no estate.
PLACES = {
    "accounts.User": "estates",
    "estates.Estate": "pk",
    "estates.Batch": "estate",
    "estates.Building": "estate",
    "estates.Unit": "estate",
    "estates.PublicPlace": "estate",
    "estates.Equipment": "estate",
    "estates.Owner": "households__unit__estate",
    "estates.Household": "unit__estate",
    "estates.CareFlag": "owner__households__unit__estate",
    "estates.Hint": "estate",
    "notices.Message": "ticket__estate",
    "warranty.CoverageTerm": "estate",
    "warranty.Season": "estate",
    "warranty.Contractor": "agreements__estate",
    "warranty.Agreement": "estate",
    "warranty.CompletionLimit": "estate",
    "partners.ScoreEntry": "agreement__estate",
    "tickets.ClassRule": "estate",
    "tickets.PolicySet": "estate",
    "tickets.Report": "estate",
    "tickets.PhoneReveal": "ticket__estate",
    "tickets.Ticket": "estate",
    "dispatch.DispatchRule": "estate",
    "dispatch.ScoreWeights": "estate",
    "dispatch.Worker": "user__estates",
    "dispatch.Skill": "worker__user__estates",
    "dispatch.Proposal": "ticket__estate",
    "dispatch.Visit": "ticket__estate",
    "dispatch.Certificate": "skill__worker__user__estates",
    "dispatch.RosterCell": "worker__user__estates",
    "dispatch.Leave": "worker__user__estates",
    "dispatch.Exam": "worker__user__estates",
    "dispatch.Training": "attendances__worker__user__estates",
    "planning.DayPlan": "estates",
    "reports.ReportRun": "estates",
    "channels.Device": "estate",
    "channels.RelayDuty": "estate",
    "channels.Alarm": "device__estate",
}


def of_estate(household, fault) -> Device:
    """One row of every table that belongs to an estate, at this household's; returns the device."""
    building = household.unit.building
    estate = building.estate
    place = estates.PublicPlaceFactory(building=building)
    estates.EquipmentFactory(place=place)
    estates.HintFactory(estate=estate)
    device = Device.objects.create(
        code=f"D-{estate.pk}", name="水浸探头", estate=estate, place=place, fault=fault
    )
    RelayDuty.objects.create(estate=estate, port="property")
    Alarm.objects.create(device=device, kind="leak", said_at=AT, first_at=AT, last_at=AT)
    CareFlag.objects.create(owner=household.owner, kind=CareFlag.Kind.ELDERLY_ALONE)
    CoverageTerm.objects.create(estate=estate, component="MEP", name="给排水", promised=24)
    Season.objects.create(estate=estate, kind="heating", starts_on="2026-11-15", ends_on="2027-03-15")
    ClassRule.objects.create(estate=estate)
    PolicySet.objects.create(code=f"P-{estate.pk}", name="本项目", estate=estate, active=False)
    return device


def of_no_estate() -> None:
    """One row of every table that belongs to no estate."""
    load_policies()
    LevelRule.objects.create(name="供暖季", fault_prefixes="HV")
    Department.objects.create(code="cleaning", name="保洁")
    schedules.sync(at=now())
    ServiceRun.objects.create(name="supervisor", beat_at=now())
    Script.objects.create(code="S001", title="话术", body="先关水阀")
    WorkDay.objects.create(day="2099-01-01", working=False)


def of_every_table(near: int, far: int) -> dict[str, tuple[Any, Any]]:
    """By model, a row of the estate here and one of the estate far away (None where rows have no place)."""
    found: dict[str, tuple[Any, Any]] = {}
    for model in admin.site._registry:
        label, rows = model._meta.label, model._base_manager.order_by("pk")
        path = PLACES.get(label)
        if path is None:
            found[model._meta.label_lower] = (rows.first(), None)
            continue
        own, away = rows.filter(**{path: near}).first(), rows.filter(**{path: far}).first()
        found[model._meta.label_lower] = (own, away)
    return found
