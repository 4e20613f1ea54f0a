"""What a day's plan has to settle, and what it may look like: pure, no database (DI-10).

All times are minutes since midnight of the day in Shanghai; places are rows of the travel matrix,
one for each estate, so that five thousand tickets need no larger matrix than their estates.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from math import asin, ceil, cos, radians, sin, sqrt
from typing import Any, NamedTuple

EARTH_KM = 6371.0
# Streets are longer than the line between two points, and a van of tools is no racing car.
DETOUR, KM_PER_HOUR, PARKING_MINUTES = 1.4, 25.0, 4
# From one dwelling to the next of the same estate, on foot; where an estate has no coordinates.
SAME_ESTATE, SAME_AREA, UNKNOWN = 3, 20, 40

# Minutes after midnight at which the day opens.
OPENS = 8 * 60


@dataclass(frozen=True)
class Place:
    """An estate as the matrix knows it: degrees in GCJ-02, or None where nobody has entered them."""

    key: int
    name: str
    area: int
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Need:
    """A trade that the fault asks for."""

    trade: int
    name: str
    certificate: bool = False


@dataclass(frozen=True)
class Skill:
    """A trade of a worker; `expires_on` is the last valid day, `lacking` names exams still to be passed."""

    trade: int
    certificate: bool = False
    expires_on: date | None = None
    lacking: str = ""


@dataclass(frozen=True)
class Job:
    """One ticket to be visited. Any one of `needs` will do, none means that anybody can.

    Work begins inside one of `windows`; begun after `due` it is late. `only` is the worker who has the
    ticket already, `barred` are those who cannot be sent for another reason than skill or estate.
    """

    key: int
    number: str
    label: str
    place: int
    minutes: int
    needs: tuple[Need, ...]
    windows: tuple[tuple[int, int], ...]
    level: int
    due: int | None = None
    only: int | None = None
    barred: frozenset[int] = frozenset()

    @property
    def last(self) -> int:
        """The last minute at which work may begin and be in time."""
        end = max(end for _, end in self.windows)
        return end if self.due is None else min(end, self.due)


@dataclass(frozen=True)
class Appointment:
    """A window that is booked already; the plan works around it."""

    key: int
    number: str
    label: str
    place: int
    start: int
    end: int


@dataclass(frozen=True)
class Lunch:
    """A break that begins between two minutes of the day."""

    earliest: int = 11 * 60
    latest: int = 13 * 60 + 15
    minutes: int = 45


@dataclass(frozen=True)
class Worker:
    """Who can go: hours of the roster, home place, skills, and how much more fits in hand.

    `free` counts further tickets of any level, `ordinary` those that leave the emergency reserve alone.
    `places` None means every estate.
    """

    key: int
    name: str
    home: int
    start: int
    end: int
    skills: tuple[Skill, ...]
    places: frozenset[int] | None
    free: int = 99
    ordinary: int = 99
    appointments: tuple[Appointment, ...] = ()


@dataclass(frozen=True)
class Problem:
    """A day: travel in minutes from place to place, jobs, workers, and the rule of lunch."""

    day: date
    places: tuple[Place, ...]
    travel: tuple[tuple[int, ...], ...]
    jobs: tuple[Job, ...]
    workers: tuple[Worker, ...]
    lunch: Lunch = Lunch()

    def job(self, key: int) -> Job | None:
        """The job of this key."""
        return next((each for each in self.jobs if each.key == key), None)

    def worker(self, key: int) -> Worker | None:
        """The worker of this key."""
        return next((each for each in self.workers if each.key == key), None)

    def has_lunch(self, worker: Worker) -> bool:
        """Whether the shift is around noon, so that a break belongs into it."""
        rule = self.lunch
        return worker.start <= rule.earliest and worker.end >= rule.latest + rule.minutes


@dataclass(frozen=True)
class Stop:
    """A job at its time: work begins at `start`."""

    job: int
    start: int


@dataclass(frozen=True)
class Route:
    """A worker's day in order; `lunch` is when the break begins."""

    worker: int
    stops: tuple[Stop, ...] = ()
    lunch: int | None = None


class Why(NamedTuple):
    """Why a job found no place: in words, and a key of `planning.reasons.REMEDIES` or "" for none."""

    words: str
    code: str = ""


@dataclass(frozen=True)
class Plan:
    """Routes by worker, and why what is left over found no place."""

    routes: Mapping[int, Route]
    left: Mapping[int, Why] = field(default_factory=dict)


def travel_matrix(places: Sequence[Place]) -> tuple[tuple[int, ...], ...]:
    """Minutes from place to place, rounded up; symmetric, `SAME_ESTATE` on the diagonal."""
    return tuple(tuple(_minutes(one, other) for other in places) for one in places)


def _minutes(one: Place, other: Place) -> int:
    if one.key == other.key:
        return SAME_ESTATE
    if None in (one.latitude, one.longitude, other.latitude, other.longitude):
        return SAME_AREA if one.area == other.area else UNKNOWN
    return ceil(kilometres(one, other) * DETOUR / KM_PER_HOUR * 60) + PARKING_MINUTES


def kilometres(one: Place, other: Place) -> float:
    """The line between two places with coordinates, by the haversine formula."""
    north, east = radians(one.latitude or 0), radians(one.longitude or 0)
    to_north, to_east = radians(other.latitude or 0), radians(other.longitude or 0)
    half = sin((to_north - north) / 2) ** 2
    half += cos(north) * cos(to_north) * sin((to_east - east) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(half))


class Fitness:
    """Who may do which job: skill, certificate, estate, the bars of the ticket; remembers its answers."""

    def __init__(self, problem: Problem):
        self.problem = problem
        self._by_needs: dict[tuple[Need, ...], frozenset[int]] = {}
        self._by_place: dict[int, frozenset[int]] = {}
        self._both: dict[tuple, frozenset[int]] = {}

    def workers_for(self, job: Job) -> frozenset[int]:
        """Keys of the workers who may be sent to this job on this day."""
        about = (job.needs, job.place, job.barred, job.only)
        if about not in self._both:
            found = (self.skilled(job.needs) & self.allowed(job.place)) - job.barred
            self._both[about] = found if job.only is None else found & {job.only}
        return self._both[about]

    def skilled(self, needs: tuple[Need, ...]) -> frozenset[int]:
        """Keys of those who hold one of these trades, valid on the day."""
        if needs not in self._by_needs:
            self._by_needs[needs] = frozenset(
                each.key
                for each in self.problem.workers
                if not needs or any(holds(each, need, self.problem.day) for need in needs)
            )
        return self._by_needs[needs]

    def allowed(self, place: int) -> frozenset[int]:
        """Keys of those who serve this estate."""
        if place not in self._by_place:
            self._by_place[place] = frozenset(
                each.key for each in self.problem.workers if each.places is None or place in each.places
            )
        return self._by_place[place]


def holds(worker: Worker, need: Need, day: date) -> bool:
    """Whether the worker has this trade, with what it asks for, on this day."""
    return any(
        skill.trade == need.trade
        and not skill.lacking
        and (skill.certificate or not need.certificate)
        and (skill.expires_on is None or skill.expires_on >= day)
        for skill in worker.skills
    )


def travel_of(problem: Problem, routes: Iterable[Route]) -> int:
    """Minutes on the way from home over stops and appointments; the way home is not counted."""
    jobs = {each.key: each for each in problem.jobs}
    workers = {each.key: each for each in problem.workers}
    total = 0
    for route in routes:
        worker = workers[route.worker]
        ways = [(stop.start, jobs[stop.job].place) for stop in route.stops]
        ways += [(each.start, each.place) for each in worker.appointments]
        place = worker.home
        for _, there in sorted(ways):
            total += problem.travel[place][there]
            place = there
    return total


def figures(problem: Problem, plan: Plan) -> dict[str, int]:
    """What a plan is measured by: minutes of travel, late tickets and their minutes, planned, left over.

    `overdue` counts those of the late ones whose limit is over before the day opens: no plan helps them.
    """
    due = {each.key: each.due for each in problem.jobs}
    stops = [stop for route in plan.routes.values() for stop in route.stops]
    behind = [stop.start - (due[stop.job] or 0) for stop in stops if due[stop.job] is not None]
    late = [minutes for minutes in behind if minutes > 0]
    return {
        "travel": travel_of(problem, plan.routes.values()),
        "late": len(late),
        "overdue": sum((due[stop.job] or 0) < OPENS for stop in stops if due[stop.job] is not None),
        "late_minutes": sum(late),
        "planned": len(stops),
        "left": len(problem.jobs) - len(stops),
        "workers": sum(bool(route.stops) for route in plan.routes.values()),
    }


def problem_json(problem: Problem) -> dict[str, Any]:
    """The problem as JSON keeps it; `problem_of` reads it back."""
    content = asdict(problem)
    content["day"] = problem.day.isoformat()
    for job in content["jobs"]:
        job["barred"] = sorted(job["barred"])
    for worker in content["workers"]:
        worker["places"] = None if worker["places"] is None else sorted(worker["places"])
        for skill in worker["skills"]:
            skill["expires_on"] = skill["expires_on"] and skill["expires_on"].isoformat()
    return content


def problem_of(content: Mapping[str, Any]) -> Problem:
    """The problem that `problem_json` wrote."""
    return Problem(
        day=date.fromisoformat(content["day"]),
        places=tuple(Place(**each) for each in content["places"]),
        travel=tuple(tuple(row) for row in content["travel"]),
        jobs=tuple(_job(each) for each in content["jobs"]),
        workers=tuple(_worker(each) for each in content["workers"]),
        lunch=Lunch(**content["lunch"]),
    )


def _job(row: Mapping[str, Any]) -> Job:
    changed = {
        "needs": tuple(Need(**each) for each in row["needs"]),
        "windows": tuple((start, end) for start, end in row["windows"]),
        "barred": frozenset(row["barred"]),
    }
    return Job(**{**row, **changed})


def _worker(row: Mapping[str, Any]) -> Worker:
    def skill(each: Mapping[str, Any]) -> Skill:
        return Skill(**{**each, "expires_on": each["expires_on"] and date.fromisoformat(each["expires_on"])})

    changed = {
        "skills": tuple(skill(each) for each in row["skills"]),
        "places": None if row["places"] is None else frozenset(row["places"]),
        "appointments": tuple(Appointment(**each) for each in row["appointments"]),
    }
    return Worker(**{**row, **changed})


def plan_json(plan: Plan) -> dict[str, Any]:
    """A plan as JSON keeps it: stops as [job, start], the codes of what is left beside its words."""
    routes = [
        {"worker": each.worker, "stops": [[stop.job, stop.start] for stop in each.stops], "lunch": each.lunch}
        for each in plan.routes.values()
    ]
    left = {str(key): why.words for key, why in plan.left.items()}
    codes = {str(key): why.code for key, why in plan.left.items() if why.code}
    return {"routes": routes, "left": left, "codes": codes}


def plan_of(content: Mapping[str, Any]) -> Plan:
    """The plan that `plan_json` wrote; what it wrote before there were codes has none."""
    routes = {
        row["worker"]: Route(row["worker"], tuple(Stop(*each) for each in row["stops"]), row["lunch"])
        for row in content["routes"]
    }
    codes = content.get("codes", {})
    left = {int(key): Why(words, codes.get(key, "")) for key, words in content["left"].items()}
    return Plan(routes, left)
