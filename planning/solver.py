"""The day's plan by VROOM, a well-kept open solver (DI-10); an optional extra of the installation."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

from planning.greedy import Line, Lines, Segment, segments_of
from planning.problem import Fitness, Job, Plan, Problem, Stop, Worker, figures

ROOT = Path(__file__).resolve().parent.parent
THREADS, PATIENCE = 2, 600
# Up to how many jobs: how hard to think (0 to 5), and the seconds after which the best so far is taken.
EFFORT = ((60, 5, 20), (300, 4, 30), (600, 2, 30), (1_500, 1, 60), (6_000, 0, 180))
BEYOND = (0, 240)
# What is late already at the start of the day belongs into its first hours.
SOON = 10 * 60 + 30
PRIORITY = {1: 100, 2: 60, 3: 30, 4: 10}


class SolverFailed(RuntimeError):
    """The solver's process ended without an answer; the message is what it said last."""


def is_installed() -> bool:
    """Whether VROOM is there (`pip install -r requirements/plan.lock`)."""
    return find_spec("vroom") is not None


def solve(problem: Problem, *, seconds: int | None = None) -> Plan:
    """The solver's plan; what it leaves over is appended greedily, late where it must be.

    `seconds` is when it must come to an end; None is a patient limit by the size of the day.
    Raises SolverFailed, also where the solver is not installed.
    """
    fitness = Fitness(problem)
    segments = [each for worker in problem.workers for each in segments_of(problem, worker)]
    content = _content(problem, fitness, segments)
    content["exploration"], patience = effort_for(len(problem.jobs))
    content["seconds"] = seconds or patience
    answer = _ask(content)
    lines = Lines(problem, fitness)
    flat = [line for worker in problem.workers for line in lines.lines[worker.key]]
    jobs = {each.key: each for each in problem.jobs}
    placed: set[int] = set()
    for number, steps in answer["routes"].items():
        _take(lines, flat[int(number)], steps, jobs, placed)
    rest = [each for each in problem.jobs if each.key not in placed]
    rest = lines.fill(rest, late=False)
    return lines.plan(lines.fill(rest, late=True))


def better(problem: Problem, one: Plan, other: Plan) -> Plan:
    """The one with fewer left over, then fewer late, then less travel; the first where they are equal."""

    def rank(plan: Plan) -> tuple[int, int, int]:
        found = figures(problem, plan)
        return found["left"], found["late"], found["travel"]

    return one if rank(one) <= rank(other) else other


def effort_for(jobs: int) -> tuple[int, int]:
    """How hard the solver thinks, 0 to 5, and for how many seconds at most, for so many jobs."""
    return next(((level, seconds) for most, level, seconds in EFFORT if jobs <= most), BEYOND)


def _content(problem: Problem, fitness: Fitness, segments: Sequence[Segment]) -> dict[str, Any]:
    """The problem in VROOM's words: one skill for each set of people, one vehicle for each free stretch."""
    numbers: dict[frozenset[int], int] = defaultdict(count().__next__)
    jobs = [_job(problem, job, numbers[fitness.workers_for(job)]) for job in problem.jobs]
    skills: dict[int, list[int]] = defaultdict(list)
    for people, number in numbers.items():
        for worker in people:
            skills[worker].append(number)
    workers = {each.key: each for each in problem.workers}
    vehicles = [
        _vehicle(problem, number, each, workers[each.worker], skills[each.worker])
        for number, each in enumerate(segments)
    ]
    return {
        "matrix": problem.travel,
        "jobs": jobs,
        "vehicles": vehicles,
        "threads": THREADS,
    }


def _job(problem: Problem, job: Job, skill: int) -> dict[str, Any]:
    windows = _in_time(job, job.due) or _in_time(job, SOON) or job.windows
    new = int(job.only is None)
    return {
        "id": job.key,
        "place": job.place,
        "minutes": job.minutes,
        "skill": skill,
        "priority": PRIORITY[job.level],
        "windows": sorted(windows),
        # All tickets, and those that must leave the reserve alone.
        "amount": [new, new if job.level != 1 else 0],
    }


def _in_time(job: Job, limit: int | None) -> list[tuple[int, int]]:
    if limit is None:
        return list(job.windows)
    return [(start, min(end, limit)) for start, end in job.windows if start <= limit]


def _vehicle(
    problem: Problem, number: int, segment: Segment, worker: Worker, skills: list[int]
) -> dict[str, Any]:
    rule = problem.lunch
    lunch = {"window": [rule.earliest, rule.latest], "minutes": rule.minutes} if segment.lunch else None
    return {
        "id": number,
        "start": segment.origin,
        "end": segment.target,
        "window": [segment.opens, segment.closes],
        "skills": skills,
        "capacity": [max(0, worker.free), max(0, worker.ordinary)],
        "lunch": lunch,
    }


def _ask(content: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, "-m", "planning.vroom_process"]
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            input=json.dumps(content),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired as error:
        raise SolverFailed("no answer in time") from error
    if done.returncode:
        raise SolverFailed(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no answer")
    return json.loads(done.stdout)


def _take(
    lines: Lines, line: Line, steps: Sequence[Sequence], jobs: dict[int, Job], placed: set[int]
) -> None:
    """Carry a vehicle's steps over to the line it stands for, as far as the worker's hands have room."""
    worker = line.segment.worker
    for key, minute in steps:
        if key is None:
            line.lunch, line.hungry = minute, False
            continue
        job = jobs[key]
        # A worker's day may be several vehicles, each of which was told the whole of the room.
        if not lines.has_place(job, worker):
            continue
        line.stops.append(Stop(key, minute))
        line.place = job.place
        lines.count(job, worker)
        placed.add(key)
    ends = [minute + jobs[key].minutes for key, minute in steps if key in placed]
    breaks = [minute + lines.problem.lunch.minutes for key, minute in steps if key is None]
    line.time = max([line.time, *ends, *breaks])
