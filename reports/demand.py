"""The coming week of each estate and trade against the people of the roster (SL-08)."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate

from dispatch import rosters
from dispatch.models import Worker
from estates.models import Batch, Estate
from knowledge.models import FaultCategory, Trade
from reports import forecast
from reports.queries import repairs
from tickets.calendars import SHANGHAI
from tickets.models import WorkDay

# The season wants last year's same week; shares of trades change faster.
HISTORY_DAYS, SHARE_DAYS = 400, 84
# Half a ticket a day that nobody can do is no peak.
MATTERS = 0.5
# A working day less the way from door to door, and what a job takes where the fault does not say.
MINUTES_A_DAY, WAY_MINUTES, USUAL_MINUTES = 480, 30, 60


def is_over(expected: float, capacity: float) -> bool:
    """Whether so many tickets are worth a warning where so many can be done."""
    return expected > max(capacity, MATTERS)


@dataclass(frozen=True)
class Week:
    """One estate and trade: tickets expected and jobs that can be done on each of the days."""

    estate: Estate
    trade: str
    expected: Sequence[float]
    capacity: Sequence[float]

    @property
    def over(self) -> list[bool]:
        """On which days more is expected than can be done."""
        return [is_over(more, can) for more, can in zip(self.expected, self.capacity, strict=True)]


@dataclass(frozen=True)
class Peak:
    """A day on which more of a trade is expected than its people can do."""

    day: date
    trade: str
    expected: float
    capacity: float


@dataclass(frozen=True)
class Outlook:
    """The week to come; `errors` is None while there is too little history, `short` names those estates."""

    days: Sequence[date]
    weeks: Sequence[Week]
    errors: forecast.Errors | None
    short: Sequence[Estate]
    # Estates whose people are counted by the roster; elsewhere it is who is on duty now.
    rostered: Sequence[Estate] = ()

    def peaks(self) -> dict[Estate, list[Peak]]:
        """By estate the days on which a trade has too few hands, in their order."""
        found: dict[Estate, list[Peak]] = defaultdict(list)
        for number, day in enumerate(self.days):
            for week in self.weeks:
                if week.over[number]:
                    peak = Peak(day, week.trade, week.expected[number], week.capacity[number])
                    found[week.estate].append(peak)
        return dict(found)


def peak_words(peaks: Sequence[Peak]) -> str:
    """The days of one estate on which hands are short: "11月24日水电工约5.2单、可办3.0单；…"."""
    return "；".join(
        f"{peak.day.month}月{peak.day.day}日{peak.trade}约{peak.expected:.1f}单、可办{peak.capacity:.1f}单"
        for peak in peaks
    )


def outlook(estates: Sequence[Estate], *, today: date) -> Outlook:
    """The forecast for the week that begins today; what today has brought already is not looked at."""
    histories = _histories(estates, today)
    around = _surroundings(estates)
    known = [estate for estate in estates if estate.pk in histories]
    said = {each.pk: forecast.predict(histories[each.pk], around[each.pk]) for each in known}
    shares = _shares(estates, today)
    expected = {
        (estate.pk, trade): [total * share for total in said[estate.pk] or ()]
        for estate in known
        if said[estate.pk] is not None
        for trade, share in shares[estate.pk].items()
    }
    people, hands = _hands(today)
    capacity = _capacity(expected, people, hands, today)
    names, by_pk = dict(Trade.objects.values_list("pk", "name")), {each.pk: each for each in estates}
    weeks = [
        Week(by_pk[estate], names.get(trade, "未定工种"), row, capacity[estate, trade])
        for (estate, trade), row in expected.items()
    ]
    weeks.sort(key=lambda week: (week.estate.pk, -sum(week.expected)))
    return Outlook(
        days=[today + timedelta(days=n) for n in range(forecast.AHEAD)],
        weeks=weeks,
        errors=forecast.backtest([histories[e.pk] for e in known], [around[e.pk] for e in known]),
        short=[each for each in estates if said.get(each.pk) is None],
        rostered=_rostered(estates, people, hands),
    )


def _histories(estates: Sequence[Estate], today: date) -> dict[int, forecast.History]:
    found: dict[int, Counter[date]] = defaultdict(Counter)
    for estate, day, number in _counts(estates, today, HISTORY_DAYS, "estate"):
        found[estate][day] = number
    histories = {}
    for estate, counts in found.items():
        start = min(counts)
        days = (today - start).days
        histories[estate] = forecast.History(start, [counts[start + timedelta(days=n)] for n in range(days)])
    return histories


def _counts(estates: Sequence[Estate], today: date, days: int, *keys: str):
    midnight = datetime.combine(today, time.min, SHANGHAI)
    return (
        repairs(estates)
        .filter(registered_at__lt=midnight, registered_at__gte=midnight - timedelta(days=days))
        .order_by()
        .annotate(day=TruncDate("registered_at", tzinfo=SHANGHAI))
        .values_list(*keys, "day")
        .annotate(number=Count("pk"))
    )


def _surroundings(estates: Sequence[Estate]) -> dict[int, forecast.Surroundings]:
    worked = dict(WorkDay.objects.values_list("day", "working"))
    handovers: dict[int, list[tuple[date, date]]] = defaultdict(list)
    batches = Batch.objects.filter(estate__in=estates)
    for estate, begin, end in batches.values_list("estate_id", "handover_from", "handover_to"):
        handovers[estate].append((begin, end))
    return {each.pk: forecast.Surroundings(worked, handovers[each.pk]) for each in estates}


def _shares(estates: Sequence[Estate], today: date) -> dict[int, dict[int | None, float]]:
    """What share of each estate's tickets a trade has, by the first trade that a fault names."""
    trades: dict[int | None, int] = {}
    through = FaultCategory.trades.through.objects.order_by("-pk")
    for fault, trade in through.values_list("faultcategory_id", "trade_id"):
        trades[fault] = trade
    found: dict[int, Counter[int | None]] = defaultdict(Counter)
    for estate, fault, _, number in _counts(estates, today, SHARE_DAYS, "estate", "fault"):
        found[estate][trades.get(fault)] += number
    return defaultdict(
        dict,
        {
            estate: {trade: number / counts.total() for trade, number in counts.items()}
            for estate, counts in found.items()
        },
    )


def _hands(today: date) -> tuple[list[Worker], dict[tuple[int, date], bool | None]]:
    """Everybody who can still sign in, and for each day whether the roster has them there."""
    found = Worker.objects.filter(user__is_active=True).select_related("user")
    people = list(found.prefetch_related("skills", "user__estates"))
    return people, rosters.hands(people, [today + timedelta(days=n) for n in range(forecast.AHEAD)])


def _rostered(
    estates: Sequence[Estate], people: Sequence[Worker], hands: Mapping[tuple[int, date], bool | None]
) -> list[Estate]:
    """The estates one of whose people stands on a roster of these days."""
    known = {pk for (pk, _), there in hands.items() if there is not None}
    served: set[int] = set()
    for worker in people:
        if worker.pk not in known:
            continue
        if worker.user.sees_all_estates:
            return list(estates)
        served |= {each.pk for each in worker.user.estates.all()}
    return [each for each in estates if each.pk in served]


def _capacity(
    expected: Mapping[tuple[int, int | None], Sequence[float]],
    people: Sequence[Worker],
    hands: Mapping[tuple[int, date], bool | None],
    today: date,
) -> dict[tuple[int, int | None], list[float]]:
    """Jobs that can be done each day: everybody who is there shares their day among where they are wanted.

    Who is on the roster of a week is there on the days it says, others while they are on duty now.
    """
    minutes = _minutes_of_trades()
    can = {cell: [0.0] * forecast.AHEAD for cell in expected}
    for worker in people:
        here = None if worker.user.sees_all_estates else {each.pk for each in worker.user.estates.all()}
        valid = [skill for skill in worker.skills.all() if not skill.expires_on or skill.expires_on >= today]
        trades = {skill.trade_id for skill in valid}
        cells = [
            cell
            for cell in expected
            if (here is None or cell[0] in here) and (cell[1] in trades or cell[1] is None)
        ]
        for day in range(forecast.AHEAD):
            there = hands[worker.pk, today + timedelta(days=day)]
            if not (worker.on_duty if there is None else there):
                continue
            wanted = sum(expected[cell][day] for cell in cells)
            for cell in cells:
                a_day = min(
                    worker.capacity, MINUTES_A_DAY / (minutes.get(cell[1], USUAL_MINUTES) + WAY_MINUTES)
                )
                can[cell][day] += a_day * (expected[cell][day] / wanted if wanted else 1 / len(cells))
    return can


def _minutes_of_trades() -> dict[int | None, float]:
    """The mean of the usual minutes of the faults that a trade mends."""
    spent: dict[int | None, list[int]] = defaultdict(list)
    rows = FaultCategory.trades.through.objects.values_list("trade_id", "faultcategory__typical_minutes")
    for trade, usual in rows:
        spent[trade].append(usual)
    return {trade: sum(each) / len(each) for trade, each in spent.items()}
