"""Gathers what `dispatch.suggest` needs to know, in as many queries for five workers as for five thousand."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.db.models import Count, F, Q, QuerySet
from django.utils.timezone import localdate

from dispatch import exams, suggest
from dispatch.capacity import Capacity
from dispatch.models import TeamReserve, Visit, Worker
from dispatch.rosters import duty_of
from tickets import requirements
from tickets.calendars import SHANGHAI
from tickets.models import FollowUp, Status, Ticket, TicketEvent

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
QUALITY_DAYS = 180


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
    area = ticket.estate.area
    ruling = requirements.ruling_of(ticket)
    # The engineer's word on trade and cover goes before the taxonomy's and the machine's (DI-13, WA-02).
    named = ticket.fault.trades.all() if ticket.fault else ()
    trades = [ruling.trade] if ruling else named
    return suggest.Job(
        trades=tuple(suggest.Need(each.pk, each.name, each.needs_certificate) for each in trades),
        estate_id=ticket.estate_id,
        area_id=area.pk,
        neighbours=frozenset(area.neighbours.values_list("pk", flat=True)),
        level=ticket.level,
        today=localdate(at, SHANGHAI),
        covered=(ruling.covered if ruling else "") or ticket.covered,
        repeat=requirements.awaits_manager(ticket),
        declined=frozenset(_declined(ticket)),
    )


def candidates_for(ticket: Ticket, workers: QuerySet[Worker], *, at: datetime) -> list[suggest.Candidate]:
    """The facts on these workers for this ticket."""
    people = list(workers.prefetch_related("skills", "user__estates"))
    loads = loads_of(people)
    visits = _arrivals_here(ticket)
    quality = _first_time_fixes(people, at)
    today = _estates_of_today(people, at)
    duties, reserves, lacking = duty_of(people, at=at), reserves_of(people), exams.missing_of(people)
    return [
        suggest.Candidate(
            worker_id=each.pk,
            name=each.user.full_name,
            skills=tuple(
                suggest.Skill(
                    skill.trade_id,
                    skill.certificate,
                    skill.expires_on,
                    lacking.get((each.pk, skill.trade_id), ""),
                )
                for skill in each.skills.all()
            ),
            on_duty=duties[each.pk].on,
            duty=duties[each.pk].words,
            standby=duties[each.pk].standby,
            reserve=reserves[each.pk],
            load=loads.get(each.user_id, 0),
            capacity=each.capacity,
            estates=_estates_of(each),
            area_id=each.area_id,
            grade=each.grade,
            employer=each.employer,
            today_estates=frozenset(today[each.pk]),
            visits_here=visits[each.user_id],
            fixed=quality.get(each.user_id, (0, 0))[0],
            followed_up=quality.get(each.user_id, (0, 0))[1],
        )
        for each in people
    ]


def suggestion_for(ticket: Ticket, *, at: datetime) -> suggest.Suggestion:
    """The suggestion for this ticket as things stand at `at`."""
    job = job_of(ticket, at=at)
    return suggest.suggest(job, candidates_for(ticket, workers_of(ticket.estate_id), at=at))


def objection(ticket: Ticket, worker: Worker, *, at: datetime) -> str:
    """Why this worker cannot be sent even by a person's decision; empty when nothing speaks against it."""
    if not worker.user.is_active:
        return "账号已停用"
    [candidate] = candidates_for(ticket, Worker.objects.filter(pk=worker.pk).select_related("user"), at=at)
    for refusal in suggest.refusals(job_of(ticket, at=at), candidate):
        if refusal.code not in suggest.OVERRULABLE:
            return refusal.words
    return ""


def _estates_of(worker: Worker) -> frozenset[int] | None:
    if worker.user.sees_all_estates:
        return None
    return frozenset(estate.pk for estate in worker.user.estates.all())


def _declined(ticket: Ticket) -> list[int]:
    said_no = TicketEvent.objects.filter(ticket=ticket, round=ticket.round, name="decline")
    return list(Worker.objects.filter(user__in=said_no.values("actor")).values_list("pk", flat=True))


def _arrivals_here(ticket: Ticket) -> Counter[int]:
    """How often each user has arrived at this unit or public place on other tickets."""
    if not (ticket.unit_id or ticket.place_id):
        return Counter()
    here = {"ticket__unit": ticket.unit_id} if ticket.unit_id else {"ticket__place": ticket.place_id}
    events = TicketEvent.objects.filter(name="arrive", **here).exclude(ticket=ticket)
    return Counter(events.values_list("actor", flat=True))


def _first_time_fixes(workers: Sequence[Worker], at: datetime) -> dict[int, tuple[int, int]]:
    """By user: follow-ups that found the fault gone, of all follow-ups on work this user finished."""
    rows = (
        FollowUp.objects.filter(called_at__gte=at - timedelta(days=QUALITY_DAYS))
        .exclude(result=FollowUp.Result.NO_ANSWER)
        .filter(
            ticket__events__name="finish",
            ticket__events__round=F("round"),
            ticket__events__actor__in=[each.user_id for each in workers],
        )
        .order_by()
        .values("ticket__events__actor")
        .annotate(
            total=Count("pk", distinct=True),
            fixed=Count("pk", distinct=True, filter=Q(result=FollowUp.Result.SOLVED)),
        )
    )
    return {row["ticket__events__actor"]: (row["fixed"], row["total"]) for row in rows}


def _estates_of_today(workers: Sequence[Worker], at: datetime) -> dict[int, set[int]]:
    start = datetime.combine(localdate(at, SHANGHAI), time(), SHANGHAI)
    rows = Visit.objects.filter(
        worker__in=[each.pk for each in workers],
        state__in=[Visit.State.BOOKED, Visit.State.DONE],
        window__overlap=(start, start + timedelta(days=1)),
    )
    found = defaultdict(set)
    for worker_id, estate_id in rows.order_by().values_list("worker", "ticket__estate"):
        found[worker_id].add(estate_id)
    return found
