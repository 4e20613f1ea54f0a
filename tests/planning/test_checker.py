"""The checker finds every fault that is planted, one by one, and nothing in a sound plan."""

from dataclasses import replace
from datetime import timedelta

import pytest

from planning.checker import HARD, SOFT, check
from planning.problem import Appointment, Plan, Problem, Route, Skill, Stop
from tests.planning.days import DAY, POWER, day, job, worker

pytestmark = pytest.mark.row("DI-10")
BOOKED = Appointment(900, "T-0900", "", 0, 840, 960)


def sound() -> tuple[Problem, Plan]:
    """Two calls and an appointment in a day with lunch, everything in order."""
    problem = day(
        [job(1, due=900), job(2, place=1, windows=((780, 1065),))],
        [worker(1, free=2, ordinary=2, appointments=(BOOKED,)), worker(2, home=2)],
    )
    route = Route(1, (Stop(1, 490), Stop(2, 980)), lunch=690)
    return problem, Plan({1: route, 2: Route(2)})


def with_job(problem: Problem, key: int, **changes) -> Problem:
    return replace(
        problem, jobs=tuple(replace(each, **changes) if each.key == key else each for each in problem.jobs)
    )


def with_worker(problem: Problem, **changes) -> Problem:
    first, *others = problem.workers
    return replace(problem, workers=(replace(first, **changes), *others))


def at(first: int, second: int, lunch: int | None = 690) -> Plan:
    return Plan({1: Route(1, (Stop(1, first), Stop(2, second)), lunch), 2: Route(2)})


FAULTS = {
    "unknown": lambda problem, plan: (problem, replace(plan, left={77: ""})),
    "twice": lambda problem, plan: (problem, replace(plan, left={1: ""})),
    "lost": lambda problem, plan: (problem, Plan({1: Route(1, (Stop(1, 490),), 690)})),
    "skill": lambda problem, plan: (with_worker(problem, skills=(Skill(3),)), plan),
    "certificate": lambda problem, plan: (
        with_worker(with_job(problem, 1, needs=(POWER,)), skills=(Skill(1), Skill(2))),
        plan,
    ),
    "estate": lambda problem, plan: (with_worker(problem, places=frozenset({0})), plan),
    "barred": lambda problem, plan: (with_job(problem, 1, barred=frozenset({1})), plan),
    "handler": lambda problem, plan: (with_job(problem, 1, only=2), plan),
    "shift": lambda problem, plan: (with_worker(problem, end=1000), plan),
    "window": lambda problem, plan: (with_job(problem, 2, windows=((1000, 1010),)), plan),
    "overlap": lambda problem, plan: (problem, at(820, 980)),
    "travel": lambda problem, plan: (problem, at(490, 965)),
    "late": lambda problem, plan: (with_job(problem, 1, due=480), plan),
    "full": lambda problem, plan: (with_worker(problem, free=1), plan),
    "reserve": lambda problem, plan: (with_worker(problem, ordinary=1), plan),
    "lunch": lambda problem, plan: (problem, at(490, 980, lunch=None)),
}


def test_a_sound_plan_has_no_findings():
    assert check(*sound()) == []


def test_there_is_a_planted_fault_for_every_rule():
    assert set(FAULTS) == set(HARD) | set(SOFT)


def test_a_late_visit_says_how_late_in_hours_and_minutes():
    problem, plan = sound()

    [late] = check(with_job(problem, 1, due=365), plan)

    assert late.words.endswith("时限 06:05，晚2小时5分")


@pytest.mark.parametrize("code", FAULTS)
def test_a_planted_fault_is_found_by_its_name(code):
    found = check(*FAULTS[code](*sound()))

    assert {each.code for each in found} == {code}
    assert {each.hard for each in found} == {code in HARD}


@pytest.mark.parametrize(
    ("skill", "held"),
    [
        (Skill(2, certificate=True, expires_on=DAY), True),
        (Skill(2, certificate=True, expires_on=DAY - timedelta(days=1)), False),
        (Skill(2, certificate=False), False),
        (Skill(2, certificate=True, lacking="实操"), False),
    ],
)
def test_a_certificate_must_hold_on_the_very_day(skill, held):
    problem = day([job(1, needs=(POWER,))], [worker(1, skills=(skill,))])

    found = check(problem, Plan({1: Route(1, (Stop(1, 490),), 690)}))

    assert [each.code for each in found] == ([] if held else ["certificate"])


def test_lunch_beside_the_table_counts_as_no_time_on_the_way():
    problem = day([job(1), job(2, place=2)], [worker(1)])
    way = problem.travel[0][2]
    tight = Plan({1: Route(1, (Stop(1, 660), Stop(2, 690 + 45 + way)), 690)})
    too_tight = Plan({1: Route(1, (Stop(1, 660), Stop(2, 690 + 44 + way)), 690)})

    assert [each.code for each in check(problem, tight)] == []
    assert [each.code for each in check(problem, too_tight)] == ["travel"]
