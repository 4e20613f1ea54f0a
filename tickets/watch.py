"""Looks after running clocks: warns before a limit, tells of a breach, calls the next one up (SL-05).

Each clock knows the next moment at which somebody must be told (`next_look_at`,
computed by `tickets.clocks`). A pass takes what is due in batches: one statement
marks a batch and says what it found, one more writes the messages. Several
workers share the work by SKIP LOCKED. What was missed in a stop of hours is told
once: the moments that passed together are one look.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from core import queue
from notices.outbox import post_many
from tickets import watch_letters

BATCH = 500
# A job is killed after 60 seconds; what is left waits for the next minute.
_SECONDS = 40.0

# Out of order only where somebody else has a row: it is theirs to tell.
TAKE = """
WITH due AS (
    SELECT id, told, looks FROM tickets_clock WHERE next_look_at <= %(now)s
     ORDER BY next_look_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
UPDATE tickets_clock clock
   SET told = counted.passed,
       next_look_at = clock.looks[counted.passed + 1],
       warned_at = coalesce(warned_at, %(now)s),
       breached_at = CASE WHEN clock.due_at <= %(now)s THEN coalesce(breached_at, %(now)s) END
  FROM due
 CROSS JOIN LATERAL (SELECT count(*) AS passed FROM unnest(due.looks) AS look WHERE look <= %(now)s) counted
 WHERE clock.id = due.id
RETURNING clock.id, clock.ticket_id, clock.kind, coalesce(nullif(clock.rule, ''), clock.kind),
          clock.started_at, clock.due_at, due.told, counted.passed
"""


@dataclass(frozen=True)
class Found:
    """A clock some of whose moments have come: those from number `told` up to `passed`, without it."""

    pk: int
    ticket_id: int
    kind: str
    rule: str
    started_at: datetime
    due_at: datetime
    told: int
    passed: int


def look(*, now: datetime, help_wanted: bool = False, batch: int = BATCH) -> int:
    """Tell what is due by now and return how many clocks that were; each moment of a clock is told once.

    With `help_wanted` a second worker is woken when the first batch was full.
    """
    until = time.monotonic() + _SECONDS
    total = 0
    for number in _batches(now, batch):
        if help_wanted and not total and number == batch:
            queue.wake("tickets.tasks.help_to_watch")
        total += number
        if time.monotonic() > until:
            break
    return total


def _batches(now: datetime, batch: int) -> Iterator[int]:
    people = watch_letters.People()
    while number := _one_batch(now, batch, people):
        yield number


@transaction.atomic
def _one_batch(now: datetime, batch: int, people: watch_letters.People) -> int:
    found = _take(now, batch)
    if found:
        post_many(watch_letters.letters(found, people, now=now), at=now)
    return len(found)


def _take(now: datetime, batch: int) -> list[Found]:
    """Mark a batch as told and say what it was; the rows stay locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"now": now, "batch": batch})
        return [Found(*row) for row in cursor.fetchall()]
