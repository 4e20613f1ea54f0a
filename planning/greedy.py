"""The good greedy plan: earliest deadline first, the cheapest worker among those who come in time (DI-10).

It is the yardstick that the solver has to beat, the plan where no solver is installed, and what finds a
place for tickets that the solver left over.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from planning.problem import Fitness, Job, Plan, Problem, Route, Stop, Worker
from planning.reasons import why_left


@dataclass(frozen=True)
class Segment:
    """A stretch of a worker's day between two appointments; `target` is where the next one waits."""

    worker: int
    origin: int
    target: int | None
    opens: int
    closes: int
    lunch: bool = False


def segments_of(problem: Problem, worker: Worker) -> list[Segment]:
    """The stretches that a worker has free, in order; one holds the lunch break, if it fits anywhere."""
    found, place, time = [], worker.home, worker.start
    for each in sorted(worker.appointments, key=lambda one: one.start):
        # An appointment may lie outside the shift: somebody agreed to it all the same.
        if (closes := min(each.start, worker.end)) > time:
            found.append(Segment(worker.key, place, each.place, time, closes))
        place, time = each.place, max(time, each.end)
    if worker.end > time:
        found.append(Segment(worker.key, place, None, time, worker.end))
    if not problem.has_lunch(worker):
        return found
    roomy = [each for each in found if _room_for_lunch(problem, each) >= 0]
    if not roomy:
        return found
    best = max(roomy, key=lambda each: _room_for_lunch(problem, each))
    return [Segment(*_fields(each), lunch=each is best) for each in found]


def _fields(each: Segment) -> tuple[int, int, int | None, int, int]:
    return each.worker, each.origin, each.target, each.opens, each.closes


def _room_for_lunch(problem: Problem, segment: Segment) -> int:
    """Minutes in which lunch may begin in this stretch; negative when there are none."""
    way = 0 if segment.target is None else problem.travel[segment.origin][segment.target]
    first = max(segment.opens, problem.lunch.earliest)
    return min(segment.closes - way - problem.lunch.minutes, problem.lunch.latest) - first


@dataclass
class Line:
    """A segment as it fills: where the worker is after the last stop, and when."""

    segment: Segment
    time: int
    place: int
    # The break is still to come.
    hungry: bool
    stops: list[Stop] = field(default_factory=list)
    lunch: int | None = None


class Fit(NamedTuple):
    """A job at the end of a line: what it costs, when it begins, and when lunch before it does."""

    cost: int
    start: int
    lunch: int | None


class Lines:
    """The day of all workers, filled job by job."""

    def __init__(self, problem: Problem, fitness: Fitness | None = None):
        self.problem = problem
        self.fitness = fitness or Fitness(problem)
        self.free = {each.key: each.free for each in problem.workers}
        self.ordinary = {each.key: each.ordinary for each in problem.workers}
        self.lines = {
            worker.key: [
                Line(each, each.opens, each.origin, each.lunch) for each in segments_of(problem, worker)
            ]
            for worker in problem.workers
        }
        self.left: dict[int, str] = {}

    def has_place(self, job: Job, worker: int) -> bool:
        """Whether one more ticket fits into this worker's hands; what is there already needs no place."""
        if job.only is not None:
            return True
        return self.free[worker] > 0 and (job.level == 1 or self.ordinary[worker] > 0)

    def count(self, job: Job, worker: int) -> None:
        """Note that this worker has one more."""
        if job.only is None:
            self.free[worker] -= 1
            self.ordinary[worker] -= job.level != 1

    def fill(self, jobs: Iterable[Job], *, late: bool) -> list[Job]:
        """Append each job where it costs the least travel; returns those that fit nowhere.

        With `late` a job may begin after its limit, as early as possible.
        """
        unplaced = []
        for job in sorted(jobs, key=lambda each: (each.last, each.level, each.key)):
            best, best_rank = None, None
            for worker in self.fitness.workers_for(job):
                if not self.has_place(job, worker):
                    continue
                for line in self.lines[worker]:
                    fit = self.fit(line, job, late=late)
                    if fit is None:
                        continue
                    rank = (fit.start, fit.cost, worker) if late else (fit.cost, fit.start, worker)
                    if best_rank is None or rank < best_rank:
                        best, best_rank = (line, fit), rank
            if best is None:
                unplaced.append(job)
            else:
                self.append(*best, job)
        return unplaced

    def fit(self, line: Line, job: Job, *, late: bool) -> Fit | None:
        """How this job would stand at the end of this line, or None when it cannot."""
        travel, rule = self.problem.travel, self.problem.lunch
        way, time, lunch = travel[line.place][job.place], line.time, None
        start = _begin(job, time + way)
        if line.hungry and (start is None or start + job.minutes > rule.latest):
            lunch = max(time, rule.earliest)
            if lunch > rule.latest:
                return None
            start = _begin(job, lunch + rule.minutes + way)
        if start is None or (not late and job.due is not None and start > job.due):
            return None
        end = start + job.minutes
        if line.hungry and lunch is None:
            end = max(end, rule.earliest) + rule.minutes
        target, cost = line.segment.target, way
        if target is not None:
            onward = travel[job.place][target]
            end += onward
            cost += onward - travel[line.place][target]
        return Fit(cost, start, lunch) if end <= line.segment.closes else None

    def append(self, line: Line, fit: Fit, job: Job) -> None:
        """Put the job there."""
        if fit.lunch is not None:
            line.lunch, line.hungry = fit.lunch, False
        line.stops.append(Stop(job.key, fit.start))
        line.time, line.place = fit.start + job.minutes, job.place
        self.count(job, line.segment.worker)

    def plan(self, unplaced: Sequence[Job]) -> Plan:
        """The lines as a plan; whoever has not eaten does so after the last stop."""
        rule, routes = self.problem.lunch, {}
        for worker, lines in self.lines.items():
            for line in lines:
                if line.hungry:
                    line.lunch = max(line.time, rule.earliest)
            stops = [stop for line in lines for stop in line.stops]
            lunch = next((line.lunch for line in lines if line.lunch is not None), None)
            routes[worker] = Route(worker, tuple(stops), lunch)
        left = {job.key: why_left(self.problem, self.fitness, job) for job in unplaced}
        return Plan(routes, left)


def _begin(job: Job, time: int) -> int | None:
    """The first minute from `time` on that lies in a window of the job."""
    for start, end in job.windows:
        if time <= end:
            return max(time, start)
    return None


def greedy(problem: Problem) -> Plan:
    """Everything that can be in time first, then the rest as early as it still goes."""
    lines = Lines(problem)
    rest = lines.fill(problem.jobs, late=False)
    return lines.plan(lines.fill(rest, late=True))
