"""Reads for the roster's pages: the grid of a week, the list of a day, what the week lacks (DI-08)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from accounts.models import User
from dispatch import facts, rosters
from dispatch.models import RosterCell, ShiftKind, Skill, TradeRule, Worker
from estates.models import Estate

WEEKDAYS = "一二三四五六日"
# So many trades of a gap are named.
NAMED = 6


@dataclass(frozen=True)
class Cell:
    """One worker on one day as the grid shows it; `away` is leave in words, `letter` what is planned."""

    worker_id: int
    day: date
    kind: ShiftKind | None
    version: int
    away: str = ""
    typed: str | None = None

    @property
    def name(self) -> str:
        """The name of its input: whose, when, and what was seen, so that a change shows by itself."""
        return f"c.{self.worker_id}.{self.day.isoformat()}.{self.version}.{self.letter or '-'}"

    @property
    def letter(self) -> str:
        return self.kind.letter if self.kind else ""

    @property
    def shown(self) -> str:
        """What stands in the input: what was typed when it was refused, else what is planned."""
        return self.letter if self.typed is None else self.typed

    @property
    def tone(self) -> str:
        return tone_of(self.kind)


@dataclass(frozen=True)
class Row:
    """A worker and the seven cells of the week."""

    worker: Worker
    cells: Sequence[Cell]


def tone_of(kind: ShiftKind | None) -> str:
    """Day, night, standby or rest: the colour of a shift; the letter says it as well."""
    if kind is None:
        return "empty"
    if kind.is_rest:
        return "rest"
    if kind.standby:
        return "standby"
    return "night" if kind.overnight else "day"


def people(user: User, chosen: dict) -> QuerySet[Worker]:
    """The workers that the filter leaves, those who can still sign in."""
    found = Worker.objects.visible_to(user).filter(user__is_active=True)
    if chosen.get("estate"):
        found = found.filter(pk__in=facts.workers_of(chosen["estate"].pk).values("pk"))
    if chosen.get("trade"):
        found = found.filter(skills__trade=chosen["trade"])
    if chosen.get("employer"):
        found = found.filter(employer=chosen["employer"])
    return found.select_related("user", "area").order_by("area__code", "employer", "user__full_name", "pk")


def rows_of(
    workers: Sequence[Worker], days: Sequence[date], typed: dict[str, str] | None = None
) -> list[Row]:
    """The grid of these people on these days; `typed` is what a refused form held, by input name."""
    keys = [each.pk for each in workers]
    found = RosterCell.objects.filter(worker__in=keys, day__in=days).select_related("kind")
    cells = {(row.worker_id, row.day): row for row in found}
    away = rosters.away_days(keys, days)
    held = {tuple(name.split(".")[1:3]): value for name, value in (typed or {}).items()}
    return [
        Row(each, [_cell(each.pk, day, cells.get((each.pk, day)), away, held) for day in days])
        for each in workers
    ]


def _cell(pk: int, day: date, row: RosterCell | None, away, held) -> Cell:
    end = away.get((pk, day))
    return Cell(
        worker_id=pk,
        day=day,
        kind=row.kind if row else None,
        version=row.version if row else 0,
        away=rosters.leave_words(end) if end else "",
        typed=held.get((str(pk), day.isoformat())),
    )


def counts_of(rows: Sequence[Row]) -> list[dict[str, int]]:
    """By day how many of these people work, stand by and work at night; leave is not counted."""
    columns = zip(*(row.cells for row in rows), strict=True)
    return [
        {
            tone: sum(cell.tone == tone and not cell.away for cell in column)
            for tone in ("day", "night", "standby")
        }
        for column in columns
    ]


@dataclass(frozen=True)
class OnDay:
    """One shift of a day and who has it."""

    label: str
    tone: str
    people: Sequence[Worker]


def day_list(workers: Sequence[Worker], day: date) -> list[OnDay]:
    """Who has which shift on this day, then who is away, who rests, who is not on the roster."""
    groups: dict[str, list[Worker]] = defaultdict(list)
    kinds = list(ShiftKind.objects.all())
    for row in rows_of(workers, [day]):
        [cell] = row.cells
        groups["away" if cell.away else cell.letter].append(row.worker)
    shifts = [
        OnDay(f"{kind.name} {kind.hours}".strip(), tone_of(kind), groups[kind.letter]) for kind in kinds
    ]
    rest = [OnDay("请假", "away", groups["away"]), OnDay("未排班", "empty", groups[""])]
    return [each for each in (*shifts, *rest) if each.people]


@dataclass(frozen=True)
class Gap:
    """What some estates lack on a day, in words."""

    day: date
    words: str
    estates: tuple[Estate, ...]


def gaps(estates: Sequence[Estate], days: Sequence[date]) -> tuple[list[Gap], list[Estate]]:
    """Trades of an estate without anybody on a day or in a night, and estates without any roster.

    A certificate that has run out by then does not count. Who is not on the week's roster counts
    by day while they are on duty, never at night. Trades that `TradeRule` does not ask for are
    left out; a week that nobody has begun is one estate in the second list, not every trade.
    """
    facts_of = _Staffing.read(estates, days)
    bare = [estate for estate in estates if facts_of.people[estate.pk] and not facts_of.rostered(estate)]
    found: dict[tuple[date, str], list[Estate]] = defaultdict(list)
    for day in days:
        for estate in estates:
            for words in [] if estate in bare else facts_of.lacks(estate, day):
                found[day, words].append(estate)
    return [Gap(day, words, tuple(here)) for (day, words), here in found.items()], bare


@dataclass
class _Staffing:
    """Who works where and may do what, and who is on which shift."""

    people: dict[int, set[int]]
    skills: dict[int, list[Skill]]
    cells: dict[tuple[int, date], ShiftKind]
    away: set[tuple[int, date]]
    rules: dict[int, TradeRule]
    # On duty by their own mark, and without a cell in these days.
    unplanned: set[int]

    @classmethod
    def read(cls, estates: Sequence[Estate], days: Sequence[date]) -> "_Staffing":
        everybody = Worker.objects.filter(user__is_active=True).filter(
            Q(user__all_estates=True) | Q(user__estates__in=[each.pk for each in estates])
        )
        people: dict[int, set[int]] = defaultdict(set)
        for pk, all_of_them, estate in everybody.values_list(
            "pk", "user__all_estates", "user__estates"
        ).distinct():
            for key in [each.pk for each in estates] if all_of_them else [estate]:
                people[key].add(pk)
        keys = {pk for each in people.values() for pk in each}
        skills: dict[int, list[Skill]] = defaultdict(list)
        for skill in Skill.objects.filter(worker__in=keys).select_related("trade"):
            skills[skill.worker_id].append(skill)
        rows = RosterCell.objects.filter(worker__in=keys, day__in=days, kind__isnull=False)
        cells = {(row.worker_id, row.day): row.kind for row in rows.select_related("kind")}
        away = set(rosters.away_days(list(keys), days))
        rules = {rule.trade_id: rule for rule in TradeRule.objects.all()}
        on_duty = set(Worker.objects.filter(pk__in=keys, on_duty=True).values_list("pk", flat=True))
        return cls(people, skills, cells, away, rules, on_duty - {pk for pk, _ in cells})

    def rostered(self, estate: Estate) -> bool:
        return any(pk in self.people[estate.pk] for pk, _ in self.cells)

    def lacks(self, estate: Estate, day: date) -> list[str]:
        wanted, there, at_night = {}, set(), set()
        for pk in self.people[estate.pk]:
            kind = self.cells.get((pk, day))
            works = pk in self.unplanned or (kind is not None and not kind.is_rest)
            for skill in self.skills[pk]:
                wanted[skill.trade_id] = skill.trade.name
                if not works or (pk, day) in self.away or not valid(skill, day):
                    continue
                there.add(skill.trade_id)
                if kind is not None and kind.overnight:
                    at_night.add(skill.trade_id)
        by_day = [name for pk, name in wanted.items() if pk not in there and self._rule(pk, "day_cover")]
        night = [name for pk, name in wanted.items() if pk not in at_night and self._rule(pk, "night_cover")]
        found = [f"{_names(by_day)}无人"] if by_day else []
        return found + ([f"夜间无{_names(night)}"] if night else [])

    def _rule(self, trade: int, name: str) -> bool:
        rule = self.rules.get(trade)
        return getattr(rule, name) if rule else name == "day_cover"


def _names(trades: Sequence[str]) -> str:
    shown = "、".join(sorted(trades)[:NAMED])
    return f"{shown}等{len(trades)}个工种" if len(trades) > NAMED else shown


def valid(skill: Skill, day: date) -> bool:
    """Whether this skill may be used on this day: a certificate where one is needed, and still good."""
    if skill.expires_on and skill.expires_on < day:
        return False
    return bool(skill.certificate) or not skill.trade.needs_certificate


def day_word(day: date) -> str:
    """周四"""
    return f"周{WEEKDAYS[day.weekday()]}"


def local_day(at: datetime) -> date:
    """The day of a moment in Shanghai."""
    return at.astimezone(rosters.SHANGHAI).date()
