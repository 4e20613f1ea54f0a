"""Moving one job of a plan by hand: pure; what follows is pushed back, never forward (DI-10)."""

from dataclasses import dataclass, replace

from planning import checker
from planning.problem import Appointment, Job, Plan, Problem, Route, Stop, Why, Worker

BY_HAND = Why("人工移出计划")


@dataclass(frozen=True)
class Moved:
    """The plan after a move, and what the checker says of the two days that it touched."""

    plan: Plan
    findings: tuple[checker.Finding, ...]

    @property
    def refusals(self) -> tuple[checker.Finding, ...]:
        """What makes the move impossible."""
        return tuple(each for each in self.findings if each.hard)


def move(problem: Problem, plan: Plan, *, job: int, worker: int | None, start: int) -> Moved:
    """The plan with this job at this worker and minute; `worker` None takes it out.

    Raises KeyError for a job or worker that is not part of the problem.
    """
    jobs = {each.key: each for each in problem.jobs}
    people = {each.key: each for each in problem.workers}
    jobs[job]
    routes = {key: _without(route, job) for key, route in plan.routes.items()}
    left = {key: why for key, why in plan.left.items() if key != job}
    if worker is None:
        return Moved(Plan(routes, left | {job: BY_HAND}), ())
    route = routes.get(worker, Route(worker))
    routes[people[worker].key] = retimed(problem, people[worker], route, Stop(job, start), jobs)
    return Moved(Plan(routes, left), tuple(checker.check_route(problem, routes[worker])))


def _without(route: Route, job: int) -> Route:
    return replace(route, stops=tuple(stop for stop in route.stops if stop.job != job))


def retimed(problem: Problem, worker: Worker, route: Route, new: Stop, jobs: dict[int, Job]) -> Route:
    """The route with a new stop at its time, later ones pushed back; lunch where it disturbs least."""
    stops = sorted([*route.stops, new], key=lambda stop: (stop.start, stop.job != new.job))
    if not problem.has_lunch(worker):
        return _walk(problem, worker, stops, jobs, None)
    tries = [_walk(problem, worker, stops, jobs, number) for number in range(len(stops) + 1)]

    def trouble(each: Route) -> tuple[int, int, int, int]:
        found = checker.check_route(problem, each)
        pushed = sum(stop.start for stop in each.stops)
        eaten = abs((each.lunch or 0) - (route.lunch or problem.lunch.earliest))
        return sum(one.hard for one in found), len(found), pushed, eaten

    return min(tries, key=trouble)


def _walk(
    problem: Problem, worker: Worker, stops: list[Stop], jobs: dict[int, Job], lunch_before: int | None
) -> Route:
    """Times in this order, none before its wish; `lunch_before` is the number of the stop after lunch."""
    booked = sorted(worker.appointments, key=lambda each: each.start)
    time, place, lunch, timed = worker.start, worker.home, None, []
    for number, stop in enumerate([*stops, None]):
        while booked and (stop is None or booked[0].start <= stop.start):
            time, place = _pass(booked.pop(0), time)
        if number == lunch_before:
            lunch = max(time, problem.lunch.earliest)
            time = lunch + problem.lunch.minutes
        if stop is not None:
            job = jobs[stop.job]
            start = max(stop.start, time + problem.travel[place][job.place])
            timed.append(Stop(stop.job, start))
            time, place = start + job.minutes, job.place
    return Route(worker.key, tuple(timed), lunch)


def _pass(each: Appointment, time: int) -> tuple[int, int]:
    return max(time, each.end), each.place
