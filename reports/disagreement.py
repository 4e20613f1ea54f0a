"""人机差异: how often and why people decide otherwise than the machine, and was it better (DI-03)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth

from accounts.models import User
from dispatch.models import Proposal
from reports.periods import Month
from tickets.calendars import SHANGHAI
from tickets.models import FollowUp

Decision, After = Proposal.Decision, Proposal.After
MACHINE_WRONG = Q(after__in=[After.CORRECTED, After.WRONG])
# Figure -> words and what it counts; each is a list of tickets behind its number.
FIGURES: dict[str, tuple[str, Q]] = {
    "approved": ("采纳", Q(decision=Decision.APPROVED)),
    "changed": ("改派他人", Q(decision=Decision.CHANGED)),
    "returned": ("退回补充", Q(decision=Decision.RETURNED)),
    "taken": ("师傅自取", Q(decision__in=[Decision.GRABBED, Decision.PICKED])),
    "ahead": ("系统先派", Q(decision=Decision.AHEAD)),
    "corrected": ("先派有误", MACHINE_WRONG),
}
# How the table is divided: words, the column that divides, the column that names it.
GROUPS: dict[str, tuple[str, str, str]] = {
    "month": ("月份", "month", "month"),
    "estate": ("项目", "ticket__estate", "ticket__estate__name"),
    "reviewer": ("复核人", "decided_by", "decided_by__full_name"),
    "trade": ("工种", "ticket__fault__trades", "ticket__fault__trades__name"),
    "level": ("级别", "ticket__level", "ticket__level"),
}
# So many changed proposals are read for the parts of their scores, so many reasons are listed.
READ, REASONS = 3000, 30


@dataclass(frozen=True)
class Choice:
    """What the page is about: `months` up to and with `month`, within the user's scope and these filters."""

    month: Month
    months: int = 1
    estate: int | None = None
    reviewer: int | None = None
    trade: int | None = None
    level: int | None = None


@dataclass(frozen=True)
class Line:
    """One line of the table: what it is of, its numbers by figure; shares in percent (None: of nothing)."""

    key: str
    label: str
    numbers: Mapping[str, int]

    @property
    def decided(self) -> int:
        """What a reviewer decided on a proposal."""
        return sum(self.numbers[name] for name in ("approved", "changed", "returned"))

    @property
    def agreed(self) -> int | None:
        """Of a hundred decisions so many went as proposed."""
        return _percent(self.numbers["approved"], self.decided)

    @property
    def wrong(self) -> int | None:
        """Of a hundred tickets sent first so many were sent wrongly."""
        return _percent(self.numbers["corrected"], self.numbers["ahead"])

    @property
    def cells(self) -> list[tuple[str, int]]:
        return [(name, self.numbers[name]) for name in FIGURES]


@dataclass(frozen=True)
class Part:
    """A part of the score, and in how many changes the chosen one had fewer points in it, how many fewer."""

    label: str
    worse: int
    of: int
    points: float


@dataclass(frozen=True)
class Outcome:
    """How the repairs went that were decided so: solved at the first follow-up of all that were asked."""

    label: str
    solved: int
    asked: int

    @property
    def share(self) -> int | None:
        return _percent(self.solved, self.asked)


def _percent(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None


def decided(user: User, choice: Choice) -> QuerySet[Proposal]:
    """The decided proposals of the period, within scope."""
    first = choice.month.later(1 - choice.months)
    found = Proposal.objects.visible_to(user).filter(
        decided_at__gte=first.start, decided_at__lt=choice.month.end
    )
    wanted = {
        "ticket__estate": choice.estate,
        "decided_by": choice.reviewer,
        "ticket__fault__trades": choice.trade,
        "ticket__level": choice.level,
    }
    return found.filter(**{path: value for path, value in wanted.items() if value is not None})


def table(found: QuerySet[Proposal], group: str) -> list[Line]:
    """The figures by month, estate, reviewer, trade or level; a fault of two trades stands in both."""
    _, column, name = GROUPS[group]
    rows = (
        found.annotate(month=TruncMonth("decided_at", tzinfo=SHANGHAI))
        .order_by()
        .values(key=F(column), called=F(name))
        .annotate(
            **{slug: Count("pk", filter=counts, distinct=True) for slug, (_, counts) in FIGURES.items()}
        )
        .order_by(name)
    )
    return [
        Line(_key(row["key"], group), _label(row["called"], group), {slug: row[slug] for slug in FIGURES})
        for row in rows
    ]


def total(found: QuerySet[Proposal]) -> Line:
    """The figures of all of them."""
    counted = found.aggregate(
        **{slug: Count("pk", filter=counts, distinct=True) for slug, (_, counts) in FIGURES.items()}
    )
    return Line("", "合计", counted)


def _key(value: Any, group: str) -> str:
    if value is None:
        return "none"
    return str(Month.of(value)) if group == "month" else str(value)


def _label(value: Any, group: str) -> str:
    if value is None:
        return "系统" if group == "reviewer" else "未选择"
    if group == "month":
        return Month.of(value).label
    return f"{value}级" if group == "level" else str(value)


def of_line(found: QuerySet[Proposal], group: str, key: str) -> QuerySet[Proposal]:
    """Those of one line of the table; none for a key that no line has."""
    _, column, _ = GROUPS[group]
    if group == "month":
        try:
            month = Month.parse(key)
        except ValueError:
            return found.none()
        return found.filter(decided_at__gte=month.start, decided_at__lt=month.end)
    if key == "none":
        return found.filter(**{f"{column}__isnull": True})
    return found.filter(**{column: int(key)}) if key.isdecimal() and len(key) < 10 else found.none()


def behind(found: QuerySet[Proposal], figure: str) -> QuerySet[Proposal]:
    """The proposals that a figure counts, the newest first, with what a list shows of them."""
    rows = found.filter(FIGURES[figure][1]).distinct().order_by("-decided_at", "-pk")
    return rows.select_related("ticket__estate", "ticket__fault", "worker__user", "decided_by", "after_by")


def reasons(found: QuerySet[Proposal]) -> list[Proposal]:
    """The newest decisions against the machine, with what was typed."""
    against = found.filter(Q(decision__in=[Decision.CHANGED, Decision.RETURNED]) | MACHINE_WRONG)
    rows = against.exclude(reason="", after_reason="").distinct().order_by("-decided_at", "-pk")
    return list(rows.select_related("ticket", "worker__user", "decided_by", "after_by")[:REASONS])


def parts(found: QuerySet[Proposal]) -> list[Part]:
    """Where the chosen one was worse than the proposed one, part by part, where both were candidates."""
    changed = found.filter(decision=Decision.CHANGED, worker__isnull=False).order_by("-decided_at")
    worse, fewer, number = Counter[str](), Counter[str](), 0
    for worker, candidates in changed.values_list("worker", "candidates")[:READ]:
        chosen = next((each for each in candidates if each["worker"] == worker), None)
        if chosen is None:
            continue
        number += 1
        for first, other in zip(candidates[0]["parts"], chosen["parts"], strict=False):
            if other["points"] < first["points"]:
                worse[first["label"]] += 1
                fewer[first["label"]] += first["points"] - other["points"]
    return [
        Part(label, times, number, round(fewer[label] / times, 1)) for label, times in worse.most_common()
    ]


def outcomes(found: QuerySet[Proposal]) -> Sequence[Outcome]:
    """Was it better? The share solved at follow-up, of what was changed and of what was approved."""
    answered = FollowUp.objects.exclude(result=FollowUp.Result.NO_ANSWER).filter(
        round=F("ticket__proposals__round")
    )
    rows = []
    for label, decision in (("改派他人的", Decision.CHANGED), ("采纳建议的", Decision.APPROVED)):
        keys = found.filter(decision=decision).values("pk")
        counted = answered.filter(ticket__proposals__in=keys).aggregate(
            asked=Count("pk", distinct=True),
            solved=Count("pk", distinct=True, filter=Q(result=FollowUp.Result.SOLVED)),
        )
        rows.append(Outcome(label, counted["solved"], counted["asked"]))
    return rows
