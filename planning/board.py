"""A plan as the page shows it: rows of a timeline, lines of a table, the gain in words (DI-10)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from planning import checker, reasons
from planning.models import DayPlan, Placement
from planning.problem import OPENS, Job, Plan, Problem, Route, Worker, figures, plan_of, problem_of

CLOSES = 20 * 60
# The drawing's units: so many to a minute; heights of a row and of the bars in it.
SCALE, ROW, BAR = 1.7, 46, 34
PER_PAGE = 40
TONES = {
    Placement.State.WAITING: "active",
    Placement.State.SENT: "info",
    Placement.State.BOOKED: "ok",
    Placement.State.SKIPPED: "warn",
}


@dataclass(frozen=True)
class Bar:
    """One thing of a worker's day, in the drawing's units; `way` is the travel before it."""

    kind: str
    x: float
    width: float
    way: float
    title: str
    words: str
    job: int | None = None
    level: int = 0
    late: bool = False
    firm: bool = False
    start: str = ""


@dataclass(frozen=True)
class Line:
    """One ticket of the plan as the table shows it."""

    job: Job
    place: str
    worker: str
    start: str
    end: str
    allowed: str
    due: str
    notes: tuple[str, ...]
    placement: Placement | None = None
    tone: str = "neutral"
    firm: bool = False


@dataclass
class Row:
    """A worker's day."""

    worker: Worker
    hours: str
    x: float
    width: float
    bars: list[Bar] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Left:
    """A ticket without a place, and why."""

    job: Job
    place: str
    why: str


class Board:
    """Everything the page of a finished plan shows."""

    width, row_height, bar_height = (CLOSES - OPENS) * SCALE, ROW, BAR
    bar_top = (ROW - BAR) // 2
    scale, opens = SCALE, OPENS

    def __init__(self, plan: DayPlan, placements: Iterable[Placement]):
        self.plan = plan
        self.problem: Problem = problem_of(plan.problem)
        self.content: Plan = plan_of(plan.content)
        self.placements = {each.ticket_id: each for each in placements}
        self.jobs = {each.key: each for each in self.problem.jobs}
        self.notes: dict[int, list[str]] = {}
        self.remarks: list[str] = []
        for found in checker.check(self.problem, self.content):
            if found.job is not None:
                number = self.jobs[found.job].number
                self.notes.setdefault(found.job, []).append(found.words.removeprefix(f"{number} "))
            else:
                self.remarks.append(found.words)
        rows = [self._row(worker) for worker in self.problem.workers]
        # Who has something to do stands first; the order within stays that of the problem.
        self.rows = sorted(rows, key=lambda row: not row.lines and not row.bars)
        self.left = [
            Left(self.jobs[key], self.problem.places[self.jobs[key].place].name, why.words)
            for key, why in self.content.left.items()
        ]
        self.remedies = reasons.remedies(self.content.left.values())
        self.numbers = figures(self.problem, self.content)

    @property
    def hours(self) -> list[tuple[float, str]]:
        """Where the hours stand."""
        return [((hour * 60 - OPENS) * SCALE, f"{hour:02}:00") for hour in range(OPENS // 60, CLOSES // 60)]

    def _row(self, worker: Worker) -> Row:
        hours = f"{checker.clock(worker.start)}–{checker.clock(worker.end)}"
        row = Row(worker, hours, _x(worker.start), (worker.end - worker.start) * SCALE)
        route = self.content.routes.get(worker.key, Route(worker.key))
        day: list[tuple[int, int, Any]] = [
            (stop.start, stop.start + self.jobs[stop.job].minutes, self.jobs[stop.job])
            for stop in route.stops
        ]
        day += [(each.start, each.end, each) for each in worker.appointments]
        place = worker.home
        for start, end, each in sorted(day, key=lambda one: one[:2]):
            way = self.problem.travel[place][each.place]
            place = each.place
            row.bars.append(self._bar(worker, start, end, each, way))
            if isinstance(each, Job):
                row.lines.append(self._line(worker, each, start))
        if row.lines and route.lunch is not None:
            end = route.lunch + self.problem.lunch.minutes
            words = f"午休 {checker.clock(route.lunch)}–{checker.clock(end)}"
            row.bars.append(Bar("lunch", _x(route.lunch), (end - route.lunch) * SCALE, 0, "休", words))
        return row

    def _bar(self, worker: Worker, start: int, end: int, each: Any, way: int) -> Bar:
        place = self.problem.places[each.place].name
        times = f"{checker.clock(start)}–{checker.clock(end)}"
        words = f"{times} {worker.name}，{each.number}，{place} {each.label}，路上 {way} 分钟"
        if not isinstance(each, Job):
            return Bar(
                "booked", _x(start), (end - start) * SCALE, way * SCALE, each.number[-4:], f"{words}，已预约"
            )
        notes = self.notes.get(each.key, [])
        return Bar(
            kind="job",
            x=_x(start),
            width=(end - start) * SCALE,
            way=way * SCALE,
            title=each.number[-4:],
            words="，".join([words, *notes]),
            job=each.key,
            level=each.level,
            late=bool(notes),
            firm=self._firm(each.key),
            start=checker.clock(start),
        )

    def _firm(self, key: int) -> bool:
        placement = self.placements.get(key)
        return placement is not None and placement.state != Placement.State.SKIPPED

    def _line(self, worker: Worker, job: Job, start: int) -> Line:
        placement = self.placements.get(job.key)
        whole = job.windows == ((OPENS, CLOSES),)
        return Line(
            job=job,
            place=self.problem.places[job.place].name,
            worker=worker.name,
            start=checker.clock(start),
            end=checker.clock(start + job.minutes),
            allowed="全天" if whole else "、".join(_span(*window) for window in job.windows),
            due=_limit(job.due),
            notes=tuple(self.notes.get(job.key, ())),
            placement=placement,
            tone=TONES[Placement.State(placement.state)] if placement else "neutral",
            firm=self._firm(job.key),
        )

    @property
    def tiles(self) -> list[dict[str, Any]]:
        """The plan beside the yardstick, figure by figure."""
        plain: Mapping[str, int] = self.plan.figures["greedy"]
        return [
            {
                "label": "已安排",
                "value": self.numbers["planned"],
                "unit": "单",
                "hint": f"{self.numbers['workers']} 人出工",
            },
            {
                "label": "路上时间",
                "value": self.numbers["travel"],
                "unit": "分钟",
                "hint": f"快速排程 {plain['travel']} 分钟",
                "tone": "ok" if self.numbers["travel"] < plain["travel"] else "neutral",
            },
            {
                "label": "当天晚到",
                "value": self._late(self.numbers),
                "unit": "单",
                "hint": f"快速排程 {self._late(plain)} 单",
                "tone": "danger" if self._late(self.numbers) else "ok",
            },
            {
                "label": "未排",
                "value": len(self.left),
                "unit": "单",
                "hint": f"快速排程 {plain['left']} 单",
                "tone": "warn" if self.left else "ok",
            },
        ]

    @property
    def overdue(self) -> int:
        """Planned tickets whose limit is over before the day opens; 0 for plans that did not count them."""
        return self.numbers["overdue"] if "overdue" in self.plan.figures["greedy"] else 0

    def _late(self, numbers: Mapping[str, int]) -> int:
        """Tickets that come late because of the plan, not because the day begins too late for them."""
        return numbers["late"] - (numbers["overdue"] if "overdue" in self.plan.figures["greedy"] else 0)

    @property
    def gain(self) -> str:
        """What the machine's plan gained over the good greedy one, in a sentence."""
        plain, solved = self.plan.figures["greedy"], self.plan.figures.get("solver")
        if solved is None:
            head = "优化程序没有给出结果，采用快速排程" if self.plan.figures.get("failed") else "快速排程"
            return f"{head}：截止早的先排，就近派能按时到的人。用时 {self.plan.figures['seconds']} 秒。"
        saved = plain["travel"] - solved["travel"]
        share = f"{saved * 100 / plain['travel']:.1f}%" if plain["travel"] else "0%"
        words = [
            f"路上{'少' if saved >= 0 else '多'} {abs(saved)} 分钟（{share.lstrip('-')}）",
            _against("当天晚到", self._late(plain), self._late(solved)),
            _against("未排", plain["left"], solved["left"]),
        ]
        head = "优化排程与快速排程相比："
        tail = "" if self.plan.method == DayPlan.Method.SOLVER else "优化没有更好，采用快速排程。"
        return f"{head}{'，'.join(words)}。{tail}用时 {self.plan.figures['seconds']} 秒。"


def _x(minute: int) -> float:
    return (minute - OPENS) * SCALE


def _against(label: str, plain: int, solved: int) -> str:
    if plain == solved:
        return f"{label}同为 {solved} 单"
    return f"{label}{'少' if solved < plain else '多'} {abs(plain - solved)} 单（{plain} → {solved}）"


def _span(start: int, end: int) -> str:
    return f"{checker.clock(start)}–{checker.clock(end)}"


def _limit(due: int | None) -> str:
    if due is None:
        return ""
    return "已超时限" if due < OPENS else f"{checker.clock(due)} 前"
