"""How urgent a ticket is, and why (SL-01, domain.md §2.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import models

from core.db import joined
from tickets import workflow
from tickets.actors import Actor
from tickets.models import Ticket

NUMBERS = ["", "一", "二", "三"]


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


@dataclass(frozen=True)
class Change:
    """One entry of the history of levels; `before` is None for the first."""

    at: datetime
    level: int
    before: int | None
    who: str
    why: str


def assess(
    *,
    default: int,
    dangers: Sequence[str],
    care: Sequence[str],
    repeat: bool = False,
    basis: str = "故障分类",
    raises: Sequence[tuple[str, int]] = (),
) -> Assessment:
    """The level by category and rules: danger makes it 1, care, repeat and rules raise it.

    `care` holds the words of the household's care flags, `basis` says what the default comes from,
    `raises` are further rules that apply, as (words, number of levels).
    """
    if dangers:
        named = "、".join(Danger(danger).label for danger in dangers)
        return Assessment(1, f"{named}，定为1级")
    level, reasons = default, [f"{basis}默认{default}级"]
    every = [("、".join(care), 1)] if care else []
    every += [("重复报修", 1)] if repeat else []
    for words, by in [*every, *raises]:
        if level > 1:
            by = min(by, level - 1)
            level -= by
            reasons.append(f"{words}，升{NUMBERS[by]}级")
    return Assessment(level, "；".join(reasons))


@joined
def change(*, ticket: Ticket, level: int, reason: str, by: Actor, at: datetime) -> Ticket:
    """Another level by a person's decision; a lower urgency needs a right of its own (SL-01).

    Raises workflow.StepForbidden, or ReasonMissing without a reason, whatever door it comes through.
    """
    ticket = workflow.lock(ticket)
    return workflow.note(
        ticket=ticket,
        name="change_level",
        by=by,
        at=at,
        reason=reason,
        payload={"level": level, "from": ticket.level},
        level=level,
        level_reason=f"人工调整：{reason.strip()}"[:200],
    )


def history(ticket: Ticket) -> list[Change]:
    """Every level the ticket has had, the first one first, with who gave it and why."""
    events = ticket.events.filter(payload__has_key="level").order_by("seq")
    found: list[Change] = []
    for event in events:
        level, before = event.payload["level"], found[-1].level if found else None
        if level != before or event.reason:
            found.append(Change(event.at, level, before, event.actor_name, event.reason or event.label))
    return found
