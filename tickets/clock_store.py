"""Keeps the readings of `tickets.clocks` in rows, for lists and for the watcher."""

from collections.abc import Sequence

from core.rows import insert_all
from tickets import clocks
from tickets.calendars import Calendar, WorkingHours
from tickets.models import Clock, Ticket, WorkDay

COMPUTED = ["started_at", "due_at", "stopped_at", "paused_at", "paused_seconds", "limit_minutes"]


def calendars_for(rules: Sequence[clocks.Rule]) -> dict[str, Calendar]:
    """The calendars these rules name; the work days are read only when one of them does."""
    if not any(rule.calendar == "working" for rule in rules):
        return {}
    return {"working": WorkingHours(dict(WorkDay.objects.values_list("day", "working")))}


def facts_of(ticket: Ticket) -> list[clocks.Fact]:
    """The ticket's events as the clocks see them, oldest first."""
    rows = ticket.events.order_by("seq").values_list("name", "at", "round", "payload")
    return [clocks.Fact(*row) for row in rows]


def compute(ticket: Ticket, facts: Sequence[clocks.Fact]) -> list[clocks.Reading]:
    """The readings that this ticket's clocks should show."""
    rules = clocks.parse_rules(ticket.policy.rules)
    return clocks.read(rules, facts, calendars_for(rules))


def start(ticket: Ticket, fact: clocks.Fact) -> list[Clock]:
    """Write the first clocks of a new ticket."""
    rows = [Clock(ticket=ticket, **vars(reading)) for reading in compute(ticket, [fact])]
    insert_all(rows)
    return rows


def refresh(ticket: Ticket) -> None:
    """Bring the stored clocks in line with the events; writes only what changed.

    A due time that moved takes back the watcher's marks, so that the new limit
    is warned of again.
    """
    stored = {(row.kind, row.round): row for row in Clock.objects.filter(ticket=ticket)}
    new, changed = [], []
    for reading in compute(ticket, facts_of(ticket)):
        row = stored.get((reading.kind, reading.round))
        if row is None:
            new.append(Clock(ticket=ticket, **vars(reading)))
        elif _apply(row, reading):
            changed.append(row)
    if new:
        Clock.objects.bulk_create(new)
    if changed:
        Clock.objects.bulk_update(changed, [*COMPUTED, "warned_at", "breached_at"])


def _apply(row: Clock, reading: clocks.Reading) -> bool:
    before = [getattr(row, name) for name in COMPUTED]
    if row.due_at != reading.due_at:
        row.warned_at = row.breached_at = None
    for name in COMPUTED:
        setattr(row, name, getattr(reading, name))
    return before != [getattr(row, name) for name in COMPUTED]
