"""Reads what `dispatch.suggest` needs of the workers: one statement for five of them as for five thousand.

Plain rows instead of model objects: five thousand of those alone would take longer than a suggestion may.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.timezone import localdate

from dispatch import exams
from dispatch.candidates import OWN, Candidate, Crowd, Job, Skill
from dispatch.ladder import step_of
from dispatch.models import ShiftKind
from dispatch.rosters import DAY, Cells, Duty, duty_from, monday_of
from tickets.calendars import SHANGHAI
from tickets.models import Ticket, TicketEvent
from tickets.states import ENDED, Status
from warranty import contractors

# What counts as in hand: from dispatch until the work is done; put aside or waiting for others does not.
IN_HAND = (
    Status.DISPATCHED,
    Status.ACCEPTED,
    Status.SCHEDULED,
    Status.SURVEYING,
    Status.PLAN_REVIEW,
    Status.OWNER_CONSENT,
    Status.REPAIRING,
)
# So many of those who cannot go are named; of the others the number must do.
KEPT = 60
HERE_TODAY = tuple(status.value for status in Status if status not in ENDED)

# Only what can be counted cheaply for thousands: today's visits come from the open tickets of this estate,
# the week's roster is asked for only where today has no cell.
PEOPLE = """
WITH serving AS (
    SELECT worker.*, person.full_name, person.all_estates OR person.is_superuser AS everywhere
      FROM dispatch_worker worker JOIN accounts_user person ON person.id = worker.user_id
     WHERE {who}),
places AS (
    SELECT user_id, array_agg(estate_id) AS estates FROM accounts_user_estates
     WHERE user_id IN (SELECT user_id FROM serving) GROUP BY user_id),
hands AS (
    SELECT handler_id, count(*) AS load FROM tickets_ticket
     WHERE status = ANY(%(in_hand)s) AND handler_id IN (SELECT user_id FROM serving) GROUP BY handler_id),
trades AS (
    SELECT worker_id, array_agg(trade_id) AS held, array_agg(certificate) AS papers,
           array_agg(expires_on) AS ends
      FROM dispatch_skill WHERE trade_id = ANY(%(trades)s) GROUP BY worker_id),
here AS (
    SELECT DISTINCT visit.worker_id FROM tickets_ticket ticket
      JOIN dispatch_visit visit ON visit.ticket_id = ticket.id
     WHERE ticket.estate_id = %(estate)s AND ticket.status = ANY(%(open)s)
       AND visit.state IN ('booked', 'done') AND visit."window" && %(today)s)
SELECT serving.id, serving.user_id, serving.full_name, serving.everywhere, places.estates, serving.area_id,
       serving.employer, serving.grade, serving.capacity, coalesce(hands.load, 0),
       coalesce(serving.reserve, team.reserve, 0), serving.on_duty, serving.hired_on,
       before.kind_id, cell.kind_id,
       CASE WHEN cell.kind_id IS NULL THEN EXISTS (
           SELECT 1 FROM dispatch_rostercell week
            WHERE week.worker_id = serving.id AND week.kind_id IS NOT NULL
              AND week.day >= %(monday)s AND week.day < %(sunday)s) ELSE true END,
       upper(away.span), trades.held, trades.papers, trades.ends, here.worker_id IS NOT NULL,
       coalesce(record.fixed, 0), coalesce(record.followed_up, 0),
       coalesce(record.punctual, 0), coalesce(record.visited, 0), serving.contractor_id
  FROM serving
  LEFT JOIN places ON places.user_id = serving.user_id
  LEFT JOIN hands ON hands.handler_id = serving.user_id
  {trades} trades ON trades.worker_id = serving.id
  LEFT JOIN here ON here.worker_id = serving.id
  LEFT JOIN dispatch_trackrecord record ON record.worker_id = serving.id
  LEFT JOIN dispatch_teamreserve team ON team.area_id = serving.area_id AND team.employer = serving.employer
  LEFT JOIN dispatch_rostercell before ON before.worker_id = serving.id AND before.day = %(yesterday)s
  LEFT JOIN dispatch_rostercell cell ON cell.worker_id = serving.id AND cell.day = %(day)s
  LEFT JOIN dispatch_leave away
    ON away.worker_id = serving.id AND away.state = 'approved' AND away.span @> %(at)s
 ORDER BY serving.id
"""
# Whoever lacks the trade is only counted, by what decides on their step of the ladder.
CROWD = """
SELECT worker.employer, worker.area_id, NOT (person.all_estates OR person.is_superuser) AND NOT EXISTS (
           SELECT 1 FROM accounts_user_estates other
            WHERE other.user_id = person.id AND other.estate_id <> %(estate)s) AS posted,
       count(*), (array_agg(worker.id ORDER BY worker.id))[:%(kept)s],
       (array_agg(person.full_name ORDER BY worker.id))[:%(kept)s]
  FROM dispatch_worker worker JOIN accounts_user person ON person.id = worker.user_id
 WHERE {who} AND NOT EXISTS (
           SELECT 1 FROM dispatch_skill skill
            WHERE skill.worker_id = worker.id AND skill.trade_id = ANY(%(trades)s))
 GROUP BY 1, 2, 3"""
SERVES = """person.is_active AND (person.all_estates OR person.is_superuser OR EXISTS (
    SELECT 1 FROM accounts_user_estates place
     WHERE place.user_id = person.id AND place.estate_id = %(estate)s))"""
# Asked for first, so that loads and estates are worked out for those alone who can do the job.
SKILLED = """{serves} AND EXISTS (
    SELECT 1 FROM dispatch_skill skill
     WHERE skill.worker_id = worker.id AND skill.trade_id = ANY(%(trades)s))"""
ONE = "worker.id = %(worker)s"


class Row(NamedTuple):
    """A worker as the statement gives it."""

    worker_id: int
    user_id: int
    name: str
    everywhere: bool
    estates: list[int] | None
    area_id: int
    employer: str
    grade: int
    capacity: int
    load: int
    reserve: int
    on_duty: bool
    hired_on: date | None
    before: int | None
    cell: int | None
    in_week: bool
    away_until: datetime | None
    held: list[int] | None
    papers: list[str] | None
    ends: list[date | None] | None
    here: bool
    fixed: int
    followed_up: int
    punctual: int
    visited: int
    contractor_id: int | None

    @property
    def pk(self) -> int:
        return self.worker_id


def people_for(ticket: Ticket, job: Job, *, at: datetime) -> tuple[list[Candidate], Crowd]:
    """The workers of the ticket's estate who have one of its trades, and the others counted (DI-01)."""
    if not job.trades:
        return candidates_for(ticket, job, at=at), Crowd()
    return candidates_for(ticket, job, at=at), _crowd(job)


def _crowd(job: Job) -> Crowd:
    steps: Counter[str] = Counter()
    names: list[tuple[int, str]] = []
    values = {"estate": job.estate_id, "trades": [need.trade_id for need in job.trades], "kept": KEPT}
    with connection.cursor() as cursor:
        cursor.execute(CROWD.format(who=SERVES), values)
        for employer, area_id, posted, number, keys, called in cursor.fetchall():
            estates = frozenset({job.estate_id}) if posted else None
            one = Candidate(0, "", (), True, 0, 1, estates, area_id, employer=employer)
            steps[step_of(job, one)] += number
            names += zip(keys, called, strict=True)
    return Crowd(steps, sorted(names)[:KEPT])


def candidates_for(
    ticket: Ticket, job: Job, *, at: datetime, worker_id: int | None = None
) -> list[Candidate]:
    """The facts on the estate's workers who have a trade of the job, or on this one worker in any case."""
    rows = _rows(job, at, worker_id)
    visits = _arrivals_here(ticket)
    duty = _duties(at)
    lacking = exams.missing_of(rows) if job.trades else {}
    agreed = _agreed(job) if any(row.contractor_id for row in rows) else frozenset()
    places = lru_cache(maxsize=None)(lambda *estates: frozenset(estates))
    here = frozenset({job.estate_id})
    nowhere: frozenset[int] = frozenset()
    return [
        Candidate(
            row.worker_id,
            row.name,
            _skills(row, lacking) if row.held else (),
            (on := duty(row.before, row.cell, row.in_week, row.on_duty, row.away_until)).on,
            row.load,
            row.capacity,
            None if row.everywhere else places(*row.estates or ()),
            row.area_id,
            row.grade,
            row.employer,
            here if row.here else nowhere,
            visits[row.user_id],
            row.fixed,
            row.followed_up,
            on.words,
            on.standby,
            row.reserve,
            row.punctual,
            row.visited,
            row.employer == OWN or row.contractor_id in agreed,
        )
        for row in rows
    ]


def _agreed(job: Job) -> frozenset[int]:
    """The companies with an agreement for this estate and any of the trades on that day."""
    trades = frozenset(need.trade_id for need in job.trades)
    return contractors.with_agreement(estate_id=job.estate_id, trade_ids=trades, on=job.today)


def _rows(job: Job, at: datetime, worker_id: int | None) -> list[Row]:
    today = localdate(at, SHANGHAI)
    midnight = datetime.combine(today, time(), SHANGHAI)
    values = {
        "estate": job.estate_id,
        "worker": worker_id,
        "trades": [need.trade_id for need in job.trades],
        "in_hand": [status.value for status in IN_HAND],
        "open": list(HERE_TODAY),
        "today": DateTimeTZRange(midnight, midnight + timedelta(days=1)),
        "day": today,
        "yesterday": today - DAY,
        "monday": monday_of(today),
        "sunday": monday_of(today) + 7 * DAY,
        "at": at,
    }
    skilled = worker_id is None and bool(job.trades)
    who = SKILLED.format(serves=SERVES) if skilled else ONE if worker_id else SERVES
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE.format(who=who, trades="JOIN" if skilled else "LEFT JOIN"), values)
        return [Row._make(row) for row in cursor.fetchall()]


def _duties(at: datetime) -> Callable[..., Duty]:
    """A function from the roster's cells to the duty; few of its answers are different."""
    kinds = ShiftKind.objects.in_bulk()

    @cache
    def duty(before, cell, in_week, on_duty, leave) -> Duty:
        cells = Cells(kinds.get(before), kinds.get(cell), in_week)
        return duty_from(cells, fallback=on_duty, leave=leave, at=at)

    return duty


def _skills(row: Row, lacking: dict[tuple[int, int], str]) -> tuple[Skill, ...]:
    triples: Iterable[tuple[Any, ...]] = zip(row.held or (), row.papers or (), row.ends or (), strict=True)
    return tuple(
        Skill(trade, paper, ends, lacking.get((row.worker_id, trade), "") if lacking else "")
        for trade, paper, ends in triples
    )


def _arrivals_here(ticket: Ticket) -> Counter[int]:
    """How often each user has arrived at this unit or public place on other tickets."""
    if not (ticket.unit_id or ticket.place_id):
        return Counter()
    here = {"ticket__unit": ticket.unit_id} if ticket.unit_id else {"ticket__place": ticket.place_id}
    events = TicketEvent.objects.filter(name="arrive", **here).exclude(ticket=ticket)
    return Counter(events.values_list("actor", flat=True))
