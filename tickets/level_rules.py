"""The rules that raise a level, kept in the process: every registration asks for them (SL-01)."""

import time
from datetime import date

from django.db.models import Q

from knowledge.models import FaultCategory
from tickets.models import LevelRule
from warranty.models import Season

SECONDS_KEPT = 30.0
_kept: dict[str, tuple[float, list[LevelRule]]] = {}


def raises(*, fault: FaultCategory, estate_id: int, on: date) -> list[tuple[str, int]]:
    """The rules that raise this fault here and today, as (words, number of levels)."""
    return [
        (rule.name, rule.raise_by)
        for rule in _active()
        if fault.code.startswith(tuple(rule.fault_prefixes.split()))
        and (not rule.season or _in_season(rule.season, estate_id, on))
    ]


def forget() -> None:
    """Read the rules afresh; other processes follow within half a minute."""
    _kept.clear()


def _active() -> list[LevelRule]:
    until, rules = _kept.get("rules", (0.0, []))
    if until < time.monotonic():
        rules = list(LevelRule.objects.filter(active=True))
        _kept["rules"] = (time.monotonic() + SECONDS_KEPT, rules)
    return rules


def _in_season(kind: str, estate_id: int, on: date) -> bool:
    here = Q(estate=estate_id) | Q(estate__isnull=True)
    return Season.objects.filter(here, kind=kind, starts_on__lte=on, ends_on__gte=on).exists()
