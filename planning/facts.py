"""Gathers a day's problem from tickets, rosters, leave, skills and booked visits, in few queries (DI-10)."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache

from django.db.models import Q
from django.utils.timezone import localdate

from dispatch import exams, facts, rosters, suggest, visits
from dispatch.capacity import places_for
from dispatch.models import Leave, RosterCell, ShiftKind, Visit, Worker
from estates.models import Estate
from planning import problem
from planning.wishes import wish_for
from tickets import kinds
from tickets.calendars import SHANGHAI
from tickets.models import Clock, Status, Ticket
from warranty.contractors import with_agreement

WAITING = (Status.REGISTERED, Status.IN_REVIEW)
# Somebody has these already; only the time is open.
IN_HANDS = (Status.DISPATCHED, Status.ACCEPTED)
# Hours of those who are on duty without a roster.
USUAL = (8 * 60, 18 * 60)
OPENS, CLOSES = visits.OPENS * 60, visits.CLOSES * 60
UNKNOWN_FAULT, SHORTEST, LONGEST = 60, 10, 8 * 60
# What the problem asks by itself, and that somebody gave no answer, who may on another day; every other
# filter of the suggestion becomes a bar of the ticket.
ASKED_HERE = {"estate", "skill", "certificate", "off_duty", "standby", "full", "silent"}


def problem_for(
    day: date, estates: Collection[Estate], *, at: datetime
) -> tuple[problem.Problem, dict[int, str]]:
    """The day's problem, and the tickets that are not asked of it with the reason, by key."""
    workers = _workers(estates)
    shifts = shifts_on(workers, day)
    people = [each for each in workers if each.pk in shifts]
    tickets, later = _tickets(estates, day)
    booked = _booked(people, day)
    places = _places(estates, people, booked)
    index = {each.key: number for number, each in enumerate(places)}
    asked = _asked(tickets, day)
    bars = _bars(asked, people, day)
    holders = {each.user_id: each.pk for each in workers}
    due, shown = _due(tickets, day), frozenset(each.pk for each in estates)
    jobs = [_job(ticket, asked[ticket.pk], index, due, holders, bars) for ticket in tickets]
    found = problem.Problem(
        day=day,
        places=tuple(places),
        travel=problem.travel_matrix(places),
        jobs=tuple(jobs),
        workers=tuple(_people(people, shifts, index, places, booked, shown)),
    )
    return found, later


def _workers(estates: Collection[Estate]) -> list[Worker]:
    keys = [each.pk for each in estates]
    return list(
        Worker.objects.filter(user__is_active=True)
        .filter(Q(user__all_estates=True) | Q(user__estates__in=keys))
        .distinct()
        .select_related("user")
        .prefetch_related("skills", "user__estates")
        .order_by("pk")
    )


def shifts_on(workers: Sequence[Worker], day: date) -> dict[int, tuple[int, int]]:
    """From when to when each worker can be sent; who is away, resting or on standby is not in it."""
    keys = [each.pk for each in workers]
    monday = rosters.monday_of(day)
    cells = RosterCell.objects.filter(
        worker__in=keys, kind__isnull=False, day__gte=monday, day__lt=monday + timedelta(days=7)
    )
    kinds_of = ShiftKind.objects.in_bulk()
    rostered: set[int] = set()
    today: dict[int, ShiftKind] = {}
    for worker, on, kind in cells.order_by().values_list("worker", "day", "kind"):
        rostered.add(worker)
        if on == day:
            today[worker] = kinds_of[kind]
    leaves = _leaves(keys, day)
    found = {}
    for each in workers:
        hours = _hours(each, today.get(each.pk), each.pk in rostered)
        hours = hours and _without_leave(hours, leaves[each.pk])
        if hours and hours[1] - hours[0] >= SHORTEST:
            found[each.pk] = hours
    return found


def _hours(worker: Worker, kind: ShiftKind | None, rostered: bool) -> tuple[int, int] | None:
    if not rostered:
        return USUAL if worker.on_duty else None
    if kind is None or kind.standby or kind.starts_at is None or kind.ends_at is None:
        return None
    start = kind.starts_at.hour * 60 + kind.starts_at.minute
    end = 24 * 60 if kind.overnight else kind.ends_at.hour * 60 + kind.ends_at.minute
    start, end = max(start, OPENS), min(end, CLOSES)
    # A night shift begins when owners no longer expect anybody.
    return (start, end) if end > start else None


def _leaves(keys: Sequence[int], day: date) -> dict[int, list[tuple[int, int]]]:
    start = midnight(day)
    rows = Leave.objects.filter(
        worker__in=keys, state=Leave.State.APPROVED, span__overlap=(start, start + timedelta(days=1))
    )
    found = defaultdict(list)
    for worker, span in rows.order_by().values_list("worker", "span"):
        found[worker].append((_minute(span.lower, day), _minute(span.upper, day)))
    return found


def _without_leave(hours: tuple[int, int], leaves: Iterable[tuple[int, int]]) -> tuple[int, int] | None:
    start, end = hours
    for away, back in leaves:
        if away <= start:
            start = max(start, back)
        elif away < end:
            end = away
    return (start, end) if end > start else None


def _tickets(estates: Collection[Estate], day: date) -> tuple[list[Ticket], dict[int, str]]:
    """Tickets that could be visited that day; those whose owner wished a later day, with their words."""
    rows = (
        Ticket.objects.filter(estate__in=[each.pk for each in estates], kind__in=kinds.SENT)
        .filter(Q(status__in=WAITING) | Q(status__in=IN_HANDS))
        .exclude(visits__state=Visit.State.BOOKED)
        .select_related("fault", "estate")
        .prefetch_related("fault__trades")
        .order_by("pk")
    )
    asked, later = [], {}
    for ticket in rows:
        wish = wish_for(ticket.wanted, said_on=localdate(ticket.registered_at, SHANGHAI), day=day)
        if wish.later:
            later[ticket.pk] = wish.later
        else:
            ticket.windows = wish.windows
            asked.append(ticket)
    return asked, later


def _booked(workers: Sequence[Worker], day: date) -> dict[int, list[Visit]]:
    start = midnight(day)
    rows = Visit.objects.filter(
        worker__in=[each.pk for each in workers],
        state=Visit.State.BOOKED,
        window__overlap=(start, start + timedelta(days=1)),
    ).select_related("ticket__fault", "ticket__estate")
    found = defaultdict(list)
    for visit in rows.order_by("window"):
        found[visit.worker_id].append(visit)
    return found


def _places(
    estates: Collection[Estate], workers: Sequence[Worker], booked: dict[int, list[Visit]]
) -> list[problem.Place]:
    rows = {each.pk: each for each in estates}
    rows |= {each.pk: each for worker in workers for each in worker.user.estates.all()}
    rows |= {visit.ticket.estate_id: visit.ticket.estate for day in booked.values() for visit in day}
    ordered = sorted(rows.values(), key=lambda each: each.code)
    return [
        problem.Place(each.pk, each.name, each.area_id, each.latitude, each.longitude) for each in ordered
    ]


def _due(tickets: Sequence[Ticket], day: date) -> dict[int, int]:
    """By when somebody must have arrived, in minutes of the day, as the open clock says."""
    clocks = Clock.objects.filter(
        ticket__in=[each.pk for each in tickets], kind="arrive", stopped_at=None, due_at__isnull=False
    )
    found: dict[int, int] = {}
    for ticket, due_at in clocks.order_by("round").values_list("ticket", "due_at"):
        found[ticket] = _minute(due_at, day)
    return {ticket: due for ticket, due in found.items() if due < 24 * 60}


def _asked(tickets: Sequence[Ticket], day: date) -> dict[int, suggest.Job]:
    """What a suggestion of that day would be asked, by ticket; rulings and managers' visits count too."""
    return dict(zip((each.pk for each in tickets), facts.jobs_of(tickets, at=midnight(day)), strict=True))


def _job(
    ticket: Ticket,
    asked: suggest.Job,
    index: dict[int, int],
    due: dict[int, int],
    holders: dict[int, int],
    bars: dict[int, frozenset[int]],
) -> problem.Job:
    fault = ticket.fault
    minutes = min(LONGEST, max(SHORTEST, fault.typical_minutes if fault else UNKNOWN_FAULT))
    held = ticket.status in IN_HANDS
    return problem.Job(
        key=ticket.pk,
        number=ticket.number,
        label=f"{ticket.place_label} {fault.component + fault.fault if fault else ticket.description[:12]}",
        place=index[ticket.estate_id],
        minutes=-(-minutes // 5) * 5,
        needs=_needs(asked),
        windows=ticket.windows,
        level=ticket.level,
        due=due.get(ticket.pk),
        # 0 is nobody's key: whoever holds it has no page as a worker.
        only=holders.get(ticket.handler_id, 0) if held else None,
        barred=frozenset() if held else bars.get(ticket.pk, frozenset()),
    )


def _needs(asked: suggest.Job) -> tuple[problem.Need, ...]:
    return tuple(problem.Need(each.trade_id, each.name, each.needs_certificate) for each in asked.trades)


def _bars(asked: dict[int, suggest.Job], workers: Sequence[Worker], day: date) -> dict[int, frozenset[int]]:
    """By ticket the workers whom the suggestion would refuse for a reason that is not asked here."""
    with_agreement_for = _agreements(day)
    outside = [each for each in workers if each.employer != Worker.Employer.OWN]
    found = {}
    for ticket, job in asked.items():
        companies = with_agreement_for(job) if outside else frozenset()
        barred = {
            each.pk
            for each in outside
            if any(no.code not in ASKED_HERE for no in suggest.refusals(job, _candidate(each, companies)))
        }
        if barred := barred | job.declined:
            found[ticket] = frozenset(barred)
    return found


def _agreements(day: date) -> Callable[[suggest.Job], frozenset[int]]:
    """Which companies may be sent to a job by agreement; asked once for an estate and its trades."""

    @cache
    def found(estate: int, trades: frozenset[int]) -> frozenset[int]:
        return with_agreement(estate_id=estate, trade_ids=trades, on=day)

    return lambda job: found(job.estate_id, frozenset(need.trade_id for need in job.trades))


def _candidate(worker: Worker, companies: frozenset[int]) -> suggest.Candidate:
    return suggest.Candidate(
        worker_id=worker.pk,
        name="",
        skills=(),
        on_duty=True,
        load=0,
        capacity=1,
        estates=None,
        area_id=worker.area_id,
        employer=worker.employer,
        agreement=worker.contractor_id in companies,
    )


def _people(
    workers: Sequence[Worker],
    shifts: dict[int, tuple[int, int]],
    index: dict[int, int],
    places: Sequence[problem.Place],
    booked: dict[int, list[Visit]],
    shown: frozenset[int],
) -> list[problem.Worker]:
    rooms, lacking = facts.capacity_of(workers), exams.missing_of(workers)
    found = []
    for each in workers:
        room = rooms[each.pk]
        start, end = shifts[each.pk]
        facts_of = {"capacity": room.capacity, "load": room.load, "reserve": room.reserve}
        found.append(
            problem.Worker(
                key=each.pk,
                name=each.user.full_name,
                home=_home(each, index, places),
                start=start,
                end=end,
                skills=tuple(
                    problem.Skill(
                        skill.trade_id,
                        bool(skill.certificate),
                        skill.expires_on,
                        lacking.get((each.pk, skill.trade_id), ""),
                    )
                    for skill in each.skills.all()
                ),
                places=None if each.user.sees_all_estates else _estates_of(each, index),
                free=places_for(1, **facts_of),
                ordinary=places_for(2, **facts_of),
                appointments=tuple(_appointment(visit, index, shown) for visit in booked[each.pk]),
            )
        )
    return found


def _estates_of(worker: Worker, index: dict[int, int]) -> frozenset[int]:
    return frozenset(index[each.pk] for each in worker.user.estates.all())


def _home(worker: Worker, index: dict[int, int], places: Sequence[problem.Place]) -> int:
    """Where the day begins: an estate of the own area, or the first that the worker serves."""
    own = sorted(index[each.pk] for each in worker.user.estates.all()) or list(range(len(places)))
    return next((each for each in own if places[each].area == worker.area_id), own[0])


def _appointment(visit: Visit, index: dict[int, int], shown: frozenset[int]) -> problem.Appointment:
    """A booked window; what it is about stays unsaid where it lies outside the plan's estates."""
    ticket, day = visit.ticket, localdate(visit.window.lower, SHANGHAI)
    mine = ticket.estate_id in shown
    return problem.Appointment(
        key=ticket.pk if mine else 0,
        number=ticket.number if mine else "其他项目",
        label=f"{ticket.place_label} {ticket.fault or ''}".strip() if mine else "已有预约",
        place=index[ticket.estate_id],
        start=_minute(visit.window.lower, day),
        end=_minute(visit.window.upper, day),
    )


def midnight(day: date) -> datetime:
    """When the day begins in Shanghai."""
    return datetime.combine(day, time(), SHANGHAI)


def moment(day: date, minute: int) -> datetime:
    """A minute of the day as a time."""
    return midnight(day) + timedelta(minutes=minute)


def _minute(at: datetime, day: date) -> int:
    # Rounded down: a limit at 10:00:30 is kept at 10:00.
    return int((at - midnight(day)).total_seconds() // 60)
