"""Keeps the readings of `tickets.clocks` in rows, for lists and for the watcher."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from core.rows import build, insert_all, update_all
from tickets import clocks
from tickets.calendars import Calendar, WorkingHours
from tickets.models import Clock, Ticket, TicketEvent, WorkDay

COMPUTED = [
    *("rule", "started_at", "due_at", "stopped_at", "paused_at"),
    *("paused_seconds", "limit_minutes", "looks"),
]
# Kept by the watcher, and taken back here when a limit moves.
WATCHED = ["next_look_at", "told", "warned_at", "breached_at"]


def calendars_for(rules: Sequence[clocks.Rule]) -> dict[str, Calendar]:
    """The calendars these rules name; the work days are read only when one of them does."""
    if not any("working" in rule.calendar.values() for rule in rules):
        return {}
    return {"working": WorkingHours(dict(WorkDay.objects.values_list("day", "working")))}


def facts_of(ticket: Ticket) -> list[clocks.Fact]:
    """The ticket's events as the clocks see them, oldest first."""
    rows = ticket.events.order_by("seq").values_list("name", "at", "round", "payload")
    return [clocks.Fact(*row) for row in rows]


def compute(
    ticket: Ticket, facts: Sequence[clocks.Fact], calendars: Mapping[str, Calendar] | None = None
) -> list[clocks.Reading]:
    """The readings that this ticket's clocks should show; `calendars` spares reading them for each ticket."""
    rules = clocks.fitting(ticket.policy.clock_rules, facts)
    return clocks.read(rules, facts, calendars_for(rules) if calendars is None else calendars)


def start(ticket: Ticket, fact: clocks.Fact) -> list[Clock]:
    """Write the first clocks of a new ticket."""
    rows = [_row(ticket, reading) for reading in compute(ticket, [fact])]
    insert_all(rows)
    return rows


def _row(ticket: Ticket, reading: clocks.Reading) -> Clock:
    computed = {name: getattr(reading, name) for name in COMPUTED}
    row = build(Clock, ticket=ticket, kind=reading.kind, round=reading.round, **computed)
    _mark(row, reading)
    return row


def refresh(ticket: Ticket) -> None:
    """Bring the stored clocks in line with the events; writes only what changed.

    A moment that moved takes back the watcher's marks from there on, so that the
    new limit is warned of again. Rows that the watcher holds are waited for.
    """
    waiting = _home().get(_WAITING)
    if waiting is None:
        stored = list(Clock.objects.filter(ticket=ticket).select_for_update())
        _align([(ticket, compute(ticket, facts_of(ticket)))], stored)
    else:
        waiting[ticket.pk] = ticket


@contextmanager
def together() -> Iterator[None]:
    """Bring the clocks of all tickets that move within this block in line at its end, in a few statements.

    For hundreds of steps at once. Until then the stored clocks are those from before.
    """
    waiting: dict[int, Ticket] = {}
    _home()[_WAITING] = waiting
    try:
        yield
    finally:
        del _home()[_WAITING]
    keys = list(waiting)
    rows = TicketEvent.objects.filter(ticket__in=keys).order_by("ticket_id", "seq")
    facts: dict[int, list[clocks.Fact]] = {key: [] for key in keys}
    for key, *fact in rows.values_list("ticket_id", "name", "at", "round", "payload"):
        facts[key].append(clocks.Fact(*fact))
    stored = list(Clock.objects.filter(ticket__in=keys).order_by("pk").select_for_update())
    calendars = calendars_for([rule for each in waiting.values() for rule in each.policy.clock_rules])
    _align([(each, compute(each, facts[each.pk], calendars)) for each in waiting.values()], stored)


_WAITING = "clocks_waiting"


def _home() -> dict[str, Any]:
    # Kept with the connection, of which every thread has its own.
    return connections[DEFAULT_DB_ALIAS].__dict__


def _align(found: Sequence[tuple[Ticket, list[clocks.Reading]]], rows: Sequence[Clock]) -> None:
    """Make the stored rows of these tickets say what their readings say."""
    stored = {(row.ticket_id, row.kind, row.round): row for row in rows}
    new, changed = [], []
    for ticket, readings in found:
        for reading in readings:
            row = stored.pop((ticket.pk, reading.kind, reading.round), None)
            if row is None:
                new.append(_row(ticket, reading))
            elif _apply(row, reading):
                changed.append(row)
    insert_all(new)
    update_all(changed, [*COMPUTED, *WATCHED])
    if stored:
        # The new level knows no such clock.
        Clock.objects.filter(pk__in=[row.pk for row in stored.values()]).delete()


def _apply(row: Clock, reading: clocks.Reading) -> bool:
    before = [getattr(row, name) for name in (*COMPUTED, *WATCHED)]
    if row.due_at != reading.due_at:
        row.warned_at = row.breached_at = None
    row.told = min(row.told, _unmoved(row.looks, reading.looks))
    for name in COMPUTED:
        setattr(row, name, getattr(reading, name))
    _mark(row, reading)
    return before != [getattr(row, name) for name in (*COMPUTED, *WATCHED)]


def _mark(row: Clock, reading: clocks.Reading) -> None:
    if row.stopped_at and row.breached_at is None and reading.breached(row.stopped_at):
        # Late, and over before the watcher came by: still to be explained.
        row.breached_at = row.stopped_at
    row.next_look_at = _next_look(row)


def _unmoved(old: Sequence[datetime], new: Sequence[datetime]) -> int:
    """How many moments at the beginning are the same: what was told of them stays told."""
    for number, (one, other) in enumerate(zip(old, new, strict=False)):
        if one != other:
            return number
    return min(len(old), len(new))


def _next_look(row: Clock) -> datetime | None:
    """The next moment somebody has to be told; None while the clock stands or all is told."""
    if row.stopped_at or row.paused_at:
        return None
    return next(iter(row.looks[row.told :]), None)
