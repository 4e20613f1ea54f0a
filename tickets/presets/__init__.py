"""Clock policies and the working calendar that ship with the product (SL-02)."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import holidays

from tickets.models import ClassRule, LevelRule, PolicySet, PolicyVersion, WorkDay
from tickets.presets.kinds import with_kinds

HERE = Path(__file__).parent
# The calendar's years; later ones are imported in admin when the notice is out.
FIRST_YEAR, LAST_YEAR = 2024, 2027
# Years whose adjusted working days the State Council has announced.
CONFIRMED = range(2024, 2027)


def load() -> int:
    """Create what is missing and reword what is still ours; returns how many rows that were."""
    return load_policies() + load_class_rules() + load_work_days()


def shipped() -> list[dict[str, Any]]:
    """The policy sets as they are created; those that lead know the clocks of every kind."""
    sets = json.loads((HERE / "policies.json").read_text(encoding="utf-8"))
    leading = PolicySet.Nature.INTERNAL
    return [
        each | {"rules": with_kinds(each["rules"])} if each.get("nature", leading) == leading else each
        for each in sets
    ]


def load_policies() -> int:
    """Create the policy sets that are missing, each with its first version; returns how many changed.

    A name or note that still reads as we shipped it once follows what we ship now; one that a house
    has written stays. Limits are never touched: they belong to versions.
    """
    changed = 0
    for spec in shipped():
        policy, new = PolicySet.objects.get_or_create(
            code=spec["code"],
            defaults={name: spec[name] for name in ("name", "nature", "active", "note") if name in spec},
        )
        if new:
            PolicyVersion.objects.create(
                policy=policy,
                number=1,
                valid_from=date.fromisoformat(spec["valid_from"]),
                rules=spec["rules"],
            )
            changed += 1
        else:
            changed += _reworded(policy, spec)
    return changed


def _reworded(policy: PolicySet, spec: dict[str, Any]) -> bool:
    """Write our present words over our own former ones; whether there were any."""
    ours = [name for name, former in spec.get("formerly", {}).items() if getattr(policy, name) in former]
    for name in ours:
        setattr(policy, name, spec[name])
    if ours:
        policy.save(update_fields=ours)
    return bool(ours)


def load_class_rules() -> int:
    """Create the general rules of classes and levels that are missing (SL-01, SL-06)."""
    _, first = ClassRule.objects.get_or_create(estate=None)
    _, second = LevelRule.objects.get_or_create(
        name="供暖季内采暖故障",
        defaults={"fault_prefixes": "HV01 HV02 HV03 HV04", "season": LevelRule.Season.HEATING},
    )
    return first + second


def load_work_days() -> int:
    """Create the calendar days that are missing."""
    china = holidays.country_holidays("CN", language="zh_CN", years=range(FIRST_YEAR, LAST_YEAR + 1))
    known = set(WorkDay.objects.values_list("day", flat=True))
    days, day = [], date(FIRST_YEAR, 1, 1)
    while day.year <= LAST_YEAR:
        if day not in known:
            days.append(
                WorkDay(
                    day=day,
                    working=china.is_working_day(day),
                    note=china.get(day, ""),
                    confirmed=day.year in CONFIRMED,
                )
            )
        day += timedelta(days=1)
    WorkDay.objects.bulk_create(days)
    return len(days)
