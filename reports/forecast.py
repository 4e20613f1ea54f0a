"""How many tickets the next days will bring, and how wrong that was before (SL-08).

Pure and plain: a level that leans on the last weeks, times what the day is like, the season
and a batch that is handed over. The same code is asked about past weeks, beside the mean of
the same weekdays, so that everybody sees what it is worth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import fmean

AHEAD = 7
# The level looks back eight weeks; two weeks ago counts half.
LOOK_BACK, HALF_LIFE = 56, 14
# Less than this says nothing about weekdays.
ENOUGH = 21
# Days of each kind that are taken as average until they are seen: few days must not shout.
DOUBT = 4.0
# A handover brings about half as many again until the level has learned it.
HANDOVER = 0.5
LEARNED = 28
YEAR = 364  # whole weeks: a Monday is compared with a Monday
SEASON = (0.5, 2.0)


@dataclass(frozen=True)
class History:
    """Tickets of each day, from `start` on without a gap."""

    start: date
    counts: Sequence[int]

    @property
    def end(self) -> date:
        """The first day that is not in it."""
        return self.start + timedelta(days=len(self.counts))

    def between(self, begin: date, end: date) -> list[tuple[date, int]]:
        """The days from `begin` up to `end` that it has, without `end`."""
        first = max((begin - self.start).days, 0)
        last = min((end - self.start).days, len(self.counts))
        return [(self.start + timedelta(days=n), self.counts[n]) for n in range(first, max(first, last))]

    def before(self, day: date) -> "History":
        """What was known in the morning of that day."""
        return History(self.start, self.counts[: max((day - self.start).days, 0)])


@dataclass(frozen=True)
class Surroundings:
    """What is known of days to come: `worked` where it differs from weekdays, `handovers` as (from, to)."""

    worked: Mapping[date, bool] = field(default_factory=dict)
    handovers: Sequence[tuple[date, date]] = ()

    def kind(self, day: date) -> str:
        """ "0" to "6" by weekday, "workday" for a Saturday or Sunday at work, "holiday" for a weekday off."""
        usual = day.weekday() < 5
        works = self.worked.get(day, usual)
        if works == usual:
            return str(day.weekday())
        return "workday" if works else "holiday"

    def in_handover(self, day: date) -> bool:
        return any(begin <= day <= end for begin, end in self.handovers)


def predict(history: History, around: Surroundings, *, days: int = AHEAD) -> list[float] | None:
    """Tickets expected on each of the days that follow the history; None when it is too short."""
    if len(history.counts) < ENOUGH:
        return None
    factors = _factors(history, around)
    level = _level(history, around, factors) * _season(history)
    coming = [history.end + timedelta(days=n) for n in range(days)]
    return [level * factors[around.kind(day)] * _uplift(history.end, day, around) for day in coming]


def naive(history: History, *, days: int = AHEAD) -> list[float]:
    """The mean of the same weekday in the four weeks before: what anybody would guess."""
    found = []
    for n in range(days):
        day = history.end + timedelta(days=n)
        same = [
            count
            for back in range(1, 6)
            for _, count in history.between(
                day - timedelta(days=7 * back), day - timedelta(days=7 * back - 1)
            )
        ]
        found.append(fmean(same[:4]) if same else 0.0)
    return found


@dataclass(frozen=True)
class Errors:
    """How far off the forecast was on `days` past days; shares of 1, the naive guess beside it.

    WAPE is the sum of all misses over the sum of all tickets; MAPE the mean miss in
    proportion, over days that had tickets.
    """

    days: int
    wape: float
    mape: float
    naive_wape: float
    naive_mape: float


def backtest(
    histories: Sequence[History], around: Sequence[Surroundings], *, weeks: int = 8
) -> Errors | None:
    """What `predict` would have said in each of the past weeks, knowing only what came before it."""
    rows: list[tuple[float, float, int]] = []
    for history, here in zip(histories, around, strict=True):
        for back in range(weeks, 0, -1):
            origin = history.end - timedelta(days=7 * back)
            known = history.before(origin)
            if (said := predict(known, here)) is None:
                continue
            happened = [count for _, count in history.between(origin, origin + timedelta(days=AHEAD))]
            rows += zip(said, naive(known), happened, strict=True)
    if not sum(actual for *_, actual in rows):
        return None
    ours, guess = [(row[0], row[2]) for row in rows], [(row[1], row[2]) for row in rows]
    return Errors(len(rows), *_misses(ours), *_misses(guess))


def _misses(pairs: Sequence[tuple[float, int]]) -> tuple[float, float]:
    total = sum(actual for _, actual in pairs)
    wape = sum(abs(said - actual) for said, actual in pairs) / total
    return wape, fmean(abs(said - actual) / actual for said, actual in pairs if actual)


def _factors(history: History, around: Surroundings) -> dict[str, float]:
    """How much of an average day each kind of day is, from half a year."""
    days = history.between(history.end - timedelta(days=182), history.end)
    mean = fmean(count for _, count in days) or 1.0
    seen: dict[str, list[int]] = {}
    for day, count in days:
        seen.setdefault(around.kind(day), []).append(count)
    factors = {
        kind: (sum(counts) + DOUBT * mean) / (len(counts) + DOUBT) / mean for kind, counts in seen.items()
    }
    for kind in map(str, range(7)):
        factors.setdefault(kind, 1.0)
    # A kind never seen: off is like a Sunday, at work like the middle of the week.
    factors.setdefault("holiday", factors["6"])
    factors.setdefault("workday", fmean(factors[str(day)] for day in range(5)))
    return factors


def _level(history: History, around: Surroundings, factors: Mapping[str, float]) -> float:
    weights = total = 0.0
    for day, count in history.between(history.end - timedelta(days=LOOK_BACK), history.end):
        weight = 0.5 ** ((history.end - day).days / HALF_LIFE)
        weights += weight
        total += weight * count / factors[around.kind(day)]
    return total / weights


def _season(history: History) -> float:
    """How the coming week of last year stood to the four before it; 1 while there is no last year."""
    then = history.end - timedelta(days=YEAR)
    before = [count for _, count in history.between(then - timedelta(days=28), then)]
    after = [count for _, count in history.between(then, then + timedelta(days=AHEAD))]
    if len(before) < 28 or len(after) < AHEAD or not sum(before):
        return 1.0
    # A week of few tickets says little: half of it is taken as the average.
    ratio = (fmean(after) / fmean(before) + 1.0) / 2
    return min(max(ratio, SEASON[0]), SEASON[1])


def _uplift(today: date, day: date, around: Surroundings) -> float:
    """What a handover adds that the last four weeks have not shown yet."""
    if not around.in_handover(day):
        return 1.0
    shown = sum(around.in_handover(today - timedelta(days=n)) for n in range(1, LEARNED + 1))
    return 1.0 + HANDOVER * (1 - shown / LEARNED)
