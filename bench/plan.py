"""The day's plan: the solver beside a good greedy plan, each checked independently (DI-10)."""

import resource
import time
from dataclasses import dataclass
from datetime import date
from random import Random

from planning import checker, greedy, solver
from planning.problem import Job, Need, Place, Problem, Skill, Worker, figures, travel_matrix

NAME = "day plan"
DAY = date(2026, 5, 8)
SEED = 20260508
# jobs, workers, estates, seconds allowed, most travel compared to the greedy plan
SIZES = ((1_000, 200, 40, 10.0, 0.97), (5_000, 500, 120, 60.0, 0.85))
# Trades as the town asks for them: every second call is water or power.
TRADES = (28, 22, 14, 10, 8, 6, 4, 3, 3, 2)
CERTIFIED = {1, 6}


@dataclass(frozen=True)
class Timing:
    """One size: seconds on the clock and of the processors, and the figures of both plans."""

    label: str
    seconds: float
    cpu_seconds: float
    ratio: float
    late: int
    left: int
    greedy: dict[str, int]
    greedy_seconds: float
    faults: int
    goal_seconds: float
    goal_ratio: float

    @property
    def reached(self) -> bool:
        """In time, nothing late or left over, no rule broken, and less travel than the goal asks."""
        good = self.late == self.left == self.faults == 0
        return good and self.seconds < self.goal_seconds and self.ratio <= self.goal_ratio


def town(jobs: int, workers: int, estates: int, *, seed: int = SEED) -> Problem:
    """A city of some 25 by 25 km in districts, and a day of calls; the same for the same seed."""
    random = Random(seed)
    places = _places(random, estates)
    people = [_worker(random, key, places) for key in range(1, workers + 1)]
    calls = [_job(random, key, places, people) for key in range(1, jobs + 1)]
    return Problem(DAY, tuple(places), travel_matrix(places), tuple(calls), tuple(people))


def _places(random: Random, estates: int) -> list[Place]:
    centres = [(30.15 + random.random() * 0.22, 120.05 + random.random() * 0.26) for _ in range(8)]
    found = []
    for key in range(estates):
        area = key % len(centres)
        north, east = centres[area]
        found.append(
            Place(key, f"项目{key}", area, north + random.gauss(0, 0.015), east + random.gauss(0, 0.018))
        )
    return found


def _worker(random: Random, key: int, places: list[Place]) -> Worker:
    home = random.randrange(len(places))
    first = random.choices(range(len(TRADES)), TRADES)[0]
    trades = {first, *random.sample(range(len(TRADES)), 2)}
    # Most serve their district and the next one, some the whole town.
    near = {home % 8, (home + 1) % 8, (home + 3) % 8}
    estates = frozenset(each.key for each in places if each.area in near)
    early = random.random() < 0.8
    return Worker(
        key=key,
        name=f"师傅{key}",
        home=home,
        start=8 * 60 if early else 10 * 60,
        end=18 * 60 if early else 20 * 60,
        skills=tuple(Skill(trade, certificate=True) for trade in sorted(trades)),
        places=None if random.random() < 0.15 else estates,
        free=16,
        ordinary=15,
    )


def _job(random: Random, key: int, places: list[Place], people: list[Worker]) -> Job:
    place = random.choices(range(len(places)), [1 + (each.key % 5) for each in places])[0]
    able = {
        skill.trade for each in people if each.places is None or place in each.places for skill in each.skills
    }
    trade = random.choices(range(len(TRADES)), TRADES)[0]
    trade = trade if trade in able else min(able)
    level = random.choices([1, 2, 3, 4], [4, 26, 50, 20])[0]
    windows = random.choices(
        [((480, 1200),), ((480, 720),), ((840, 1080),), ((540, 660),), ((900, 1020),)], [50, 16, 18, 8, 8]
    )[0]
    due = {1: random.randrange(570, 660), 2: random.randrange(720, 1140)}.get(level)
    due = None if due is None else max(due, windows[0][0] + 45)
    return Job(
        key=key,
        number=f"T{key}",
        label="",
        place=place,
        minutes=random.choice([15, 20, 20, 25, 30, 30, 40, 45]),
        needs=(Need(trade, f"工种{trade}", trade in CERTIFIED),),
        windows=windows,
        level=level,
        due=due,
    )


def measure() -> list[Timing]:
    """Plan both days and print a line for each; without the solver nothing is measured."""
    if not solver.is_installed():
        print(f"{NAME}: not measured, the solver is not installed (requirements/plan.lock)")
        return []
    return [_one(*each) for each in SIZES]


def _one(jobs: int, workers: int, estates: int, goal_seconds: float, goal_ratio: float) -> Timing:
    problem = town(jobs, workers, estates)
    begun = time.perf_counter()
    plain = greedy.greedy(problem)
    greedy_seconds = time.perf_counter() - begun
    begun, cpu = time.perf_counter(), _cpu()
    # A little less than the goal, for reading the matrix in and the plan out.
    plan = solver.solve(problem, seconds=int(goal_seconds * 0.8))
    seconds, cpu = time.perf_counter() - begun, _cpu() - cpu
    ours, theirs = figures(problem, plan), figures(problem, plain)
    faults = sum(finding.hard for each in (plan, plain) for finding in checker.check(problem, each))
    found = Timing(
        f"{jobs} × {workers}",
        seconds,
        cpu,
        ours["travel"] / theirs["travel"],
        ours["late"],
        ours["left"],
        theirs,
        greedy_seconds,
        faults,
        goal_seconds,
        goal_ratio,
    )
    print(
        f"{NAME}, {found.label:<12}{seconds:6.1f} s (cpu {cpu:.1f} s){found.ratio:7.3f} of greedy's travel, "
        f"{found.late} late, {found.left} left, {faults} faults; greedy {greedy_seconds:.1f} s, "
        f"{theirs['late']} late, {theirs['left']} left  < {goal_seconds:g} s, <= {goal_ratio:g}  "
        f"{'ok' if found.reached else 'RED'}"
    )
    return found


def _cpu() -> float:
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in spent)


if __name__ == "__main__":
    measure()
