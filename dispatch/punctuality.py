"""Whether workers came when they had said: the one definition, for pages, exports and the score (DI-07, K05).

On time is from some minutes before the window (the policy's `visits.early_minutes`, usually 5) until its end.
Before that is early, after it late; a window that passed without anybody is missed. Moved and cancelled
visits count nowhere. `judged` says so of many visits in SQL, `words` of one; the score of a suggestion counts
what `judged` found (`dispatch.records`).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce

from accounts.models import User
from dispatch.models import Visit, Worker
from tickets import visit_rules
from tickets.calendars import SHANGHAI

ON_TIME, TOO_EARLY, LATE, MISSED = "on_time", "early", "late", "missed"
RESULTS = {ON_TIME: "准时", TOO_EARLY: "早到", LATE: "迟到", MISSED: "未到"}
TONES = {ON_TIME: "ok", TOO_EARLY: "info", LATE: "danger", MISSED: "danger"}
STOOD = [Visit.State.DONE, Visit.State.NO_ACCESS]
MONTHS = 24


@dataclass
class Tally:
    """How many visits came out how; `rate` is the share on time, None without visits."""

    key: int | str
    name: str
    on_time: int = 0
    early: int = 0
    late: int = 0
    missed: int = 0

    @property
    def total(self) -> int:
        return self.on_time + self.early + self.late + self.missed

    @property
    def rate(self) -> float | None:
        return self.on_time / self.total if self.total else None


def judged(visits: QuerySet[Visit], *, at: datetime) -> QuerySet[Visit]:
    """The visits that came out one way or the other by `at`, each with its `result` (a key of RESULTS)."""
    named = KeyTextTransform("early_minutes", KeyTransform("visits", "ticket__policy__rules"))
    minutes = Coalesce(Cast(named, IntegerField()), Value(visit_rules.EARLY))
    grace = ExpressionWrapper(minutes * Value(timedelta(minutes=1)), output_field=DurationField())
    passed = Q(state=Visit.State.BOOKED, window__endswith__lt=at)
    stood = Q(state__in=STOOD, arrived_at__isnull=False)
    return (
        visits.filter(stood | passed)
        .annotate(opens=ExpressionWrapper(F("window__startswith") - grace, output_field=DateTimeField()))
        .annotate(
            result=Case(
                When(passed, then=Value(MISSED)),
                When(arrived_at__gt=F("window__endswith"), then=Value(LATE)),
                When(arrived_at__lt=F("opens"), then=Value(TOO_EARLY)),
                default=Value(ON_TIME),
                output_field=CharField(),
            )
        )
    )


def words(visit: Visit) -> str:
    """How the arrival of a visit stood to its window, with minutes; empty where nobody came in."""
    if visit.arrived_at is None or visit.state != Visit.State.DONE:
        return ""
    if visit.arrived_at > visit.window.upper:
        return f"迟到 {_minutes(visit.arrived_at - visit.window.upper)} 分钟"
    early = visit.window.lower - visit.arrived_at
    allowed = visit_rules.read(visit.ticket.policy.rules).early_minutes
    return f"早到 {_minutes(early)} 分钟" if early > timedelta(minutes=allowed) else "准时"


def _minutes(span: timedelta) -> int:
    # Rounded up: half a minute late is late.
    return -int(-span.total_seconds() // 60)


def of_month(user: User, month: date, *, at: datetime) -> QuerySet[Visit]:
    """The judged visits of the user's estates whose window began in this month (Shanghai)."""
    start = datetime(month.year, month.month, 1, tzinfo=SHANGHAI)
    after = next_month(month)
    end = datetime(after.year, after.month, 1, tzinfo=SHANGHAI)
    visits = Visit.objects.visible_to(user).filter(window__startswith__gte=start, window__startswith__lt=end)
    return judged(visits, at=at)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def months(at: datetime) -> list[date]:
    """The first days of this month and of those before it, the newest first."""
    found = [at.astimezone(SHANGHAI).date().replace(day=1)]
    while len(found) < MONTHS:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found


def by_worker(visits: QuerySet[Visit]) -> list[Tally]:
    """One line for each worker, the least punctual first."""
    counts = visits.order_by().values_list("worker", "result").annotate(number=Count("pk"))
    names = dict(
        Worker.objects.filter(pk__in={worker for worker, _, _ in counts}).values_list("pk", "user__full_name")
    )
    return _tallies((worker, names[worker], result, number) for worker, result, number in counts)


def by_company(visits: QuerySet[Visit]) -> list[Tally]:
    """One line for each company, and one for the own teams."""
    counts = list(visits.order_by().values_list("worker", "result").annotate(number=Count("pk")))
    workers = Worker.objects.select_related("contractor").in_bulk({worker for worker, _, _ in counts})
    firms = {pk: firm_of(worker) for pk, worker in workers.items()}
    return _tallies((firms[worker], firms[worker], result, number) for worker, result, number in counts)


def by_estate(visits: QuerySet[Visit]) -> list[Tally]:
    """One line for each estate."""
    path = ("ticket__estate", "ticket__estate__name", "result")
    return _tallies(visits.order_by().values_list(*path).annotate(number=Count("pk")))


def firm_of(worker: Worker) -> str:
    """Whose worker this is, in words."""
    return worker.firm


def own(user: User, *, at: datetime) -> Tally | None:
    """A worker's own figure of this month; None while there is none."""
    month = months(at)[0]
    start = datetime(month.year, month.month, 1, tzinfo=SHANGHAI)
    visits = judged(Visit.objects.filter(worker__user=user, window__startswith__gte=start), at=at)
    found = by_worker(visits)
    return found[0] if found else None


def _tallies(rows: Iterable[tuple[int | str, str, str, int]]) -> list[Tally]:
    found: dict[int | str, Tally] = {}
    counts: dict[int | str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for key, name, result, number in rows:
        found.setdefault(key, Tally(key, name))
        counts[key][result] += number
    for key, tally in found.items():
        for result, number in counts[key].items():
            setattr(tally, result, number)
    return sorted(found.values(), key=lambda tally: (tally.rate or 0, -tally.total, tally.name))
