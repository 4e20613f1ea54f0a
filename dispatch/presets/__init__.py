"""Shifts, trade rules, rules of handing out, weights: loaded where they are missing."""

import json
from datetime import UTC, datetime
from pathlib import Path

from django.db import transaction

from dispatch.models import (
    DispatchRule,
    EmergencyPlan,
    PlanCheck,
    PlanRole,
    PlanSupply,
    ScoreWeights,
    ShiftKind,
    TradeRule,
)
from knowledge.models import FaultCategory, Trade

SHIFTS = Path(__file__).with_name("shifts.json")
RULES = Path(__file__).with_name("rules.json")
PLANS = Path(__file__).with_name("emergency_plans.json")
# Without light or water at night nobody can wait for the morning.
NIGHT = ("plumber", "electrician", "bare-electrician")
# What ships holds for tickets of any day.
SINCE = datetime(2020, 1, 1, tzinfo=UTC)


def load() -> int:
    """Add what is not there; how many rows came."""
    return _shifts() + _rules() + _weights() + load_plans()


def _shifts() -> int:
    if ShiftKind.objects.exists():
        return 0
    rows = json.loads(SHIFTS.read_text("utf-8"))
    ShiftKind.objects.bulk_create(ShiftKind(**row) for row in rows)
    for trade in Trade.objects.filter(code__in=NIGHT):
        TradeRule.objects.get_or_create(trade=trade, defaults={"night_cover": True})
    return len(rows)


def _rules() -> int:
    """One general rule for each level: a person decides, an urgent ticket may go first by one press."""
    if DispatchRule.objects.exists():
        return 0
    rows = json.loads(RULES.read_text("utf-8"))
    return len(DispatchRule.objects.bulk_create(DispatchRule(since=SINCE, **row) for row in rows))


def _weights() -> int:
    if ScoreWeights.objects.exists():
        return 0
    ScoreWeights.objects.create(made_at=SINCE)
    return 1


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
