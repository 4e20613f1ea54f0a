"""How urgent a ticket is, and why (SL-01, domain.md §2.2)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models


class Danger(models.TextChoices):
    """What makes a fault urgent whatever it is, in words a layman can answer."""

    RUNNING_WATER = "running_water", "正在流水"
    POWER_THREAT = "power_threat", "威胁用电"
    DAMAGE_BELOW = "damage_below", "楼下受损"
    PERSON_AT_RISK = "person_at_risk", "人身风险"


@dataclass(frozen=True)
class Assessment:
    """A level from 1 (urgent) to 4, and the sentence that says why."""

    level: int
    reason: str


def assess(*, default: int, dangers: Sequence[str], care: Sequence[str], repeat: bool = False) -> Assessment:
    """The level by category and rules: danger makes it 1, care and repeat raise it by one each.

    `care` holds the words of the household's care flags.
    """
    if dangers:
        named = "、".join(Danger(danger).label for danger in dangers)
        return Assessment(1, f"{named}，定为1级")
    level, reasons = default, [f"故障分类默认{default}级"]
    if care and level > 1:
        level -= 1
        reasons.append(f"{'、'.join(care)}，升一级")
    if repeat and level > 1:
        level -= 1
        reasons.append("重复报修，升一级")
    return Assessment(level, "；".join(reasons))
