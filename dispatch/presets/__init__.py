"""Shifts, trade rules, rules of handing out, weights: loaded where they are missing."""

import json
from datetime import UTC, datetime
from pathlib import Path

from dispatch.models import DispatchRule, ScoreWeights, ShiftKind, TradeRule
from knowledge.models import Trade

SHIFTS = Path(__file__).with_name("shifts.json")
RULES = Path(__file__).with_name("rules.json")
# Without light or water at night nobody can wait for the morning.
NIGHT = ("plumber", "electrician", "bare-electrician")
# What ships holds for tickets of any day.
SINCE = datetime(2020, 1, 1, tzinfo=UTC)


def load() -> int:
    """Add what is not there; how many rows came."""
    return _shifts() + _rules() + _weights()


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
