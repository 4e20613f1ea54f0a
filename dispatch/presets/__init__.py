"""Shifts and trade rules that ship: loaded where they are missing, never over what was edited."""

import json
from pathlib import Path

from django.db import transaction

from dispatch.models import EmergencyPlan, PlanCheck, PlanRole, PlanSupply, ShiftKind, TradeRule
from knowledge.models import FaultCategory, Trade

SHIFTS = Path(__file__).with_name("shifts.json")
PLANS = Path(__file__).with_name("emergency_plans.json")
# Without light or water at night nobody can wait for the morning.
NIGHT = ("plumber", "electrician", "bare-electrician")


def load() -> int:
    """Add the shifts with the night rule of plumbers and electricians, and the emergency plans; how many."""
    return load_shifts() + load_plans()


def load_shifts() -> int:
    """Add the shifts where there are none, and the night rule of plumbers and electricians."""
    if ShiftKind.objects.exists():
        return 0
    rows = json.loads(SHIFTS.read_text("utf-8"))
    ShiftKind.objects.bulk_create(ShiftKind(**row) for row in rows)
    for trade in Trade.objects.filter(code__in=NIGHT):
        TradeRule.objects.get_or_create(trade=trade, defaults={"night_cover": True})
    return len(rows)


@transaction.atomic
def load_plans() -> int:
    """Add the emergency plans that are not there, with squad, supplies and checks (DI-09); how many came."""
    known = set(EmergencyPlan.objects.values_list("code", flat=True))
    rows = [row for row in json.loads(PLANS.read_text("utf-8")) if row["code"] not in known]
    for row in rows:
        plan = EmergencyPlan.objects.create(
            code=row["code"], name=row["name"], hours=row["hours"], words=row["words"]
        )
        plan.faults.set(FaultCategory.objects.filter(code__in=row["faults"].split()))
        PlanRole.objects.bulk_create(
            PlanRole(plan=plan, name=name, duty=duty, people=people) for name, duty, people in row["roles"]
        )
        PlanSupply.objects.bulk_create(
            PlanSupply(plan=plan, name=name, unit=unit, needed=needed)
            for name, unit, needed in row["supplies"]
        )
        PlanCheck.objects.bulk_create(
            PlanCheck(plan=plan, phase=phase, text=text) for phase, text in row["checks"]
        )
    return len(rows)
