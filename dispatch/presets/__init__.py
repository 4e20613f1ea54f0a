"""Shifts and trade rules that ship: loaded where they are missing, never over what was edited."""

import json
from pathlib import Path

from dispatch.models import ShiftKind, TradeRule
from knowledge.models import Trade

SHIFTS = Path(__file__).with_name("shifts.json")
# Without light or water at night nobody can wait for the morning.
NIGHT = ("plumber", "electrician", "bare-electrician")


def load() -> int:
    """Add the shifts that are not there, and the night rule of plumbers and electricians; how many came."""
    if ShiftKind.objects.exists():
        return 0
    rows = json.loads(SHIFTS.read_text("utf-8"))
    ShiftKind.objects.bulk_create(ShiftKind(**row) for row in rows)
    for trade in Trade.objects.filter(code__in=NIGHT):
        TradeRule.objects.get_or_create(trade=trade, defaults={"night_cover": True})
    return len(rows)
