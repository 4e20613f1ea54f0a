"""Promises that were given to an owner and not kept, read from a ticket's events alone (SL-06)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tickets.clocks import Fact

# What redeems a window: somebody stood at the door. Moving it before its end gives a new promise instead.
KEEPS_WINDOW = {"arrive", "no_access"}
# What takes the ticket off the way, so that nobody waits for the promise any more.
FREES = {
    "reschedule",
    "reassign",
    "activate_backup",
    "decline",
    "take_back",
    "suspend",
    "defer",
    "cancel",
    "merge",
    "transfer",
}
KEEPS_WORK = {"finish", "pass_inspection"}


@dataclass(frozen=True)
class Broken:
    """A promise that was not kept: what it was, and by when it should have been."""

    words: str
    due: datetime


def broken(facts: Sequence[Fact], *, now: datetime) -> list[Broken]:
    """Every promise of these events that was missed by `now`, in the order they fell due.

    A promise is a window that somebody was to come in, the end of the work as agreed with the owner's
    signature, and, when the follow-up finds the fault still there, the repair itself.
    """
    found = []
    for place, fact in enumerate(facts):
        later = facts[place + 1 :]
        if fact.name in {"schedule", "reschedule"} and (due := _time(fact, "until")):
            if _missed(due, later, KEEPS_WINDOW | FREES, now):
                found.append(Broken("预约时段未到场", due))
        elif fact.name == "consent" and (due := _time(fact, "promised_until")):
            if _missed(due, later, KEEPS_WORK | {"suspend"}, now):
                found.append(Broken("未按约定工期完工", due))
        elif fact.name == "fail_follow_up":
            found.append(Broken("维修后问题未解决", fact.at))
    return sorted(found, key=lambda each: each.due)


def _missed(due: datetime, later: Sequence[Fact], redeems: set[str], now: datetime) -> bool:
    first = next((fact.at for fact in later if fact.name in redeems), None)
    return (first or now) > due


def _time(fact: Fact, name: str) -> datetime | None:
    value = fact.payload.get(name)
    return datetime.fromisoformat(value) if value else None
