"""A person moves a ticket: what follows is pushed back, what nobody may break is refused."""

import pytest

from planning import moves
from planning.problem import Plan, Route, Stop, Why
from tests.planning.days import day, job, worker

pytestmark = pytest.mark.row("DI-10")


def two_days():
    problem = day([job(1), job(2), job(3, place=2)], [worker(1), worker(2, home=2)])
    return problem, Plan({1: Route(1, (Stop(1, 483), Stop(2, 516)), 660), 2: Route(2, (Stop(3, 483),), 660)})


def times(plan: Plan, worker: int) -> list[tuple[int, int]]:
    return [(stop.job, stop.start) for stop in plan.routes[worker].stops]


def test_a_ticket_goes_to_another_worker_and_those_after_it_wait():
    problem, plan = two_days()

    moved = moves.move(problem, plan, job=2, worker=2, start=483)

    assert moved.refusals == ()
    assert times(moved.plan, 1) == [(1, 483)]
    way = problem.travel[2][0]
    assert times(moved.plan, 2) == [(2, 480 + way), (3, 480 + way + 30 + way)]


def test_a_later_time_is_kept_as_it_was_asked_and_lunch_makes_way():
    problem, plan = two_days()

    moved = moves.move(problem, plan, job=2, worker=1, start=670)

    assert (moved.findings, times(moved.plan, 1)) == ((), [(1, 483), (2, 670)])
    assert moved.plan.routes[1].lunch == 700


def test_a_ticket_taken_out_is_left_with_the_reason():
    problem, plan = two_days()

    moved = moves.move(problem, plan, job=1, worker=None, start=0)

    assert (moved.plan.left, times(moved.plan, 1)) == ({1: Why("人工移出计划")}, [(2, 516)])


def test_one_that_was_left_finds_a_place():
    problem, plan = two_days()
    out = moves.move(problem, plan, job=1, worker=None, start=0).plan

    back = moves.move(problem, out, job=1, worker=2, start=900)

    assert (back.plan.left, times(back.plan, 2)) == ({}, [(3, 483), (1, 900)])


@pytest.mark.parametrize(
    ("change", "start", "code"),
    [
        ({"windows": ((480, 600),)}, 700, "window"),
        ({}, 1070, "shift"),
        ({"only": 2}, 600, "handler"),
        ({"needs": ()}, 300, None),
    ],
)
def test_what_nobody_may_break_is_refused_with_words(change, start, code):
    problem = day([job(1, **change)], [worker(1), worker(2)])

    moved = moves.move(problem, Plan({1: Route(1), 2: Route(2)}, {1: ""}), job=1, worker=1, start=start)

    assert [each.code for each in moved.refusals] == ([code] if code else [])


def test_a_late_visit_and_full_hands_are_shown_and_allowed():
    problem = day([job(1, due=500), job(2)], [worker(1, free=1)])
    plan = Plan({1: Route(1, (Stop(2, 483),), 660)}, {1: ""})

    moved = moves.move(problem, plan, job=1, worker=1, start=600)

    assert (moved.refusals, {each.code for each in moved.findings}) == ((), {"late", "full"})


def test_strangers_to_the_plan_are_an_error():
    problem, plan = two_days()

    with pytest.raises(KeyError):
        moves.move(problem, plan, job=99, worker=1, start=600)
    with pytest.raises(KeyError):
        moves.move(problem, plan, job=1, worker=99, start=600)
