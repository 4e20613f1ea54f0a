"""What `dispatch.suggest` needs to know of a ticket, its suggestion, and who is how full."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet, prefetch_related_objects
from django.utils.timezone import localdate

from dispatch import gathering, suggest, weights
from dispatch.capacity import Capacity
from dispatch.emergency.prefer import prefer
from dispatch.gathering import IN_HAND
from dispatch.models import TeamReserve, Worker
from tickets import requirements
from tickets.calendars import SHANGHAI
from tickets.models import Ruling, Ticket, TicketEvent


def workers_of(estate_id: int) -> QuerySet[Worker]:
    """Workers who can sign in and may serve this estate."""
    return (
        Worker.objects.filter(user__is_active=True)
        .filter(Q(user__all_estates=True) | Q(user__estates=estate_id))
        .distinct()
        .select_related("user", "area")
        .order_by("pk")
    )


def loads_of(workers: Sequence[Worker]) -> dict[int, int]:
    """Tickets in hand by worker's user."""
    rows = Ticket.objects.filter(handler__in=[each.user_id for each in workers], status__in=IN_HAND)
    return dict(rows.order_by().values_list("handler").annotate(Count("pk")))


def reserves_of(workers: Sequence[Worker]) -> dict[int, int]:
    """The places each worker keeps free, by key: their own number, else their team's, else none."""
    teams = {(row.area_id, row.employer): row.reserve for row in TeamReserve.objects.all()}
    return {
        each.pk: teams.get((each.area_id, each.employer), 0) if each.reserve is None else each.reserve
        for each in workers
    }


def capacity_of(workers: Sequence[Worker]) -> dict[int, Capacity]:
    """Tickets in hand, the limit and the reserve of each worker, by key; two queries (DI-08)."""
    loads, reserves = loads_of(workers), reserves_of(workers)
    return {
        each.pk: Capacity(each.capacity, loads.get(each.user_id, 0), reserves[each.pk]) for each in workers
    }


def job_of(ticket: Ticket, *, at: datetime) -> suggest.Job:
    """What this ticket asks for on the day of `at`."""
    return jobs_of([ticket], at=at)[0]


def jobs_of(tickets: Sequence[Ticket], *, at: datetime) -> list[suggest.Job]:
    """The same of several, in as many queries."""
    prefetch_related_objects(tickets, "fault__trades", "estate__area__neighbours")
    declined, silent = _said_no(tickets)
    # The engineer's word on trade and cover goes before the taxonomy's and the machine's (DI-13, WA-02).
    rulings = requirements.rulings_of(tickets)
    again = requirements.awaiting_manager(tickets)
    return [
        suggest.Job(
            trades=_needs(ticket, ruling := rulings.get(ticket.pk)),
            estate_id=ticket.estate_id,
            area_id=ticket.estate.area_id,
            neighbours=frozenset(area.pk for area in ticket.estate.area.neighbours.all()),
            level=ticket.level,
            today=localdate(at, SHANGHAI),
            covered=requirements.covered_under(ticket, ruling),
            confirmed=ruling is not None,
            liable=requirements.liable_instead(ruling),
            repeat=ticket.pk in again,
            declined=frozenset(declined[ticket.pk]),
            silent=frozenset(silent[ticket.pk]),
        )
        for ticket in tickets
    ]


def _needs(ticket: Ticket, ruling: Ruling | None) -> tuple[suggest.Need, ...]:
    named = ticket.fault.trades.all() if ticket.fault else ()
    trades = [ruling.trade] if ruling else named
    return tuple(suggest.Need(each.pk, each.name, each.needs_certificate) for each in trades)


def _said_no(tickets: Sequence[Ticket]) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """By ticket the workers of this round who declined, and those who gave no answer."""
    events = TicketEvent.objects.filter(
        ticket__in=[ticket.pk for ticket in tickets],
        round=F("ticket__round"),
        name__in=["decline", "take_back"],
    )
    declined, silent = defaultdict(set), defaultdict(set)
    rows = events.values_list("ticket", "name", "actor__worker", "payload__worker_id")
    for pk, name, worker, taken_from in rows:
        said_no, who = (declined, worker) if name == "decline" else (silent, taken_from)
        # Whoever was sent it and has no page as a worker any more is nobody's candidate.
        if who is not None:
            said_no[pk].add(who)
    return declined, silent


def suggestion_for(ticket: Ticket, *, at: datetime) -> suggest.Suggestion:
    """The suggestion for this ticket as things stand at `at`, with the weights of its estate."""
    return suggestion_with(ticket, weights.points(weights.current(ticket.estate_id)), at=at)


def suggestion_with(ticket: Ticket, points: suggest.Weights, *, at: datetime) -> suggest.Suggestion:
    """The suggestion for this ticket with these weights."""
    job = job_of(ticket, at=at)
    people, crowd = gathering.people_for(ticket, job, at=at)
    return prefer(suggest.suggest(job, people, points, crowd), ticket, at=at)


def objection(
    ticket: Ticket, worker: Worker, *, at: datetime, overrule: frozenset[str] = suggest.OVERRULABLE
) -> str:
    """Why this worker cannot be sent; empty when nothing speaks against it that `overrule` does not allow.

    A person may overrule what `suggest.OVERRULABLE` names; whoever takes a ticket themselves, nothing.
    """
    if not worker.user.is_active:
        return "账号已停用"
    job = job_of(ticket, at=at)
    [candidate] = gathering.candidates_for(ticket, job, at=at, worker_id=worker.pk)
    for refusal in suggest.refusals(job, candidate):
        if refusal.code not in overrule:
            return refusal.words
    return ""
