"""Plans of the machine, whoever made them, against the independent checker and the exact optimum."""

from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning import checker, greedy, reasons, solver
from planning.problem import Plan, Problem, Route, Why, figures, plan_json, plan_of, problem_json, problem_of
from tests.planning.days import day, job, mixed, worker

pytestmark = pytest.mark.row("DI-10")
needs_solver = pytest.mark.skipif(not solver.is_installed(), reason="requirements/plan.lock is not installed")


def broken(problem: Problem, plan: Plan) -> list[str]:
    """Everything but lateness, which no plan can promise to avoid."""
    return [each.words for each in checker.check(problem, plan) if each.code != "late"]


@given(st.integers(0, 10**9))
@settings(max_examples=120, deadline=None)
def test_the_greedy_plan_breaks_no_rule(seed):
    problem = mixed(seed)

    assert broken(problem, greedy.greedy(problem)) == []


@needs_solver
@given(st.integers(0, 10**9))
@settings(max_examples=6, deadline=None)
def test_the_solvers_plan_breaks_no_rule(seed):
    problem = mixed(seed)

    assert broken(problem, solver.solve(problem)) == []


@given(st.integers(0, 10**9))
@settings(max_examples=30, deadline=None)
def test_problem_and_plan_come_back_from_json_as_they_were(seed):
    problem = mixed(seed)
    plan = greedy.greedy(problem)

    assert problem_of(problem_json(problem)) == problem
    assert plan_of(plan_json(plan)) == plan


def scattered(seed: int) -> Problem:
    """Six calls at three estates with limits, two people: small enough to try everything."""
    found = mixed(seed, jobs=6, workers=2)
    calls = [
        job(each.key, place=each.place % 3, minutes=each.minutes, windows=each.windows) for each in found.jobs
    ]
    return day(calls, [worker(1), worker(2, home=2)])


def optimum(problem: Problem) -> tuple[int, int]:
    """(left over, travel) of the best plan there is, by trying all of them, lunch included."""
    one, other = problem.workers
    costs: dict[tuple[int, tuple[int, ...]], int | None] = {}
    best = (99, 0)
    for split in product((0, 1), repeat=len(problem.jobs)):
        total = 0
        for number, person in enumerate((one, other)):
            mine = tuple(each.key for each, side in zip(problem.jobs, split, strict=True) if side == number)
            if (number, mine) not in costs:
                ways = (_travel(problem, person, order) for order in permutations(mine))
                costs[number, mine] = min((way for way in ways if way is not None), default=None)
            cost = costs[number, mine]
            total = 9999 if cost is None else total + cost
        if total < 9999:
            best = min(best, (0, total))
    return best


def _travel(problem: Problem, person, order: tuple[int, ...]) -> int | None:
    """Minutes on the way in this order, None when something would be outside its window or the shift."""
    jobs = {each.key: each for each in problem.jobs}
    rule, best = problem.lunch, None
    for before in range(len(order) + 1):
        time, place, way = person.start, person.home, 0
        for number, key in enumerate([*order, None]):
            if number == before:
                time = max(time, rule.earliest)
                if time > rule.latest:
                    break
                time += rule.minutes
            if key is None:
                best = way if time <= person.end else best
                continue
            step = problem.travel[place][jobs[key].place]
            starts = [max(time + step, opens) for opens, to in jobs[key].windows if time + step <= to]
            if not starts:
                break
            time, place, way = min(starts) + jobs[key].minutes, jobs[key].place, way + step
        if best is not None:
            return best
    return best


@needs_solver
@pytest.mark.parametrize("seed", [1, 2, 3, 5])
def test_small_days_are_planned_as_well_as_they_can_be(seed):
    problem = scattered(seed)
    best = optimum(problem)
    solved = figures(problem, solver.solve(problem))
    plain = figures(problem, greedy.greedy(problem))

    assert best[0] == 0
    # The greedy plan is at most so much worse; the solver's is the optimum itself.
    assert (solved["left"], solved["travel"]) == best
    assert (plain["left"], best[1] <= plain["travel"] <= 2 * best[1]) == (0, True)


def test_the_nearest_deadline_goes_first_and_the_nearest_worker_takes_it():
    problem = day(
        [job(1, place=0), job(2, place=2, due=530)],
        [worker(1), worker(2, home=2)],
    )

    plan = greedy.greedy(problem)

    assert {key: [stop.job for stop in route.stops] for key, route in plan.routes.items()} == {1: [1], 2: [2]}


def test_what_cannot_be_in_time_is_late_as_little_as_possible_and_counted():
    problem = day([job(1, place=2, due=485), job(2, due=490)], [worker(1)])

    found = figures(problem, greedy.greedy(problem))

    assert (found["left"], found["late"]) == (0, 1)


def test_a_level_1_call_may_use_the_reserve_and_others_may_not():
    problem = day([job(1), job(2), job(3, level=1)], [worker(1, free=2, ordinary=1)])

    plan = greedy.greedy(problem)

    assert sorted(stop.job for stop in plan.routes[1].stops) == [1, 3]
    assert plan.left == {2: Why("能做的 1 人当日已排满（时间或手上名额），或在业主方便的时间赶不到", "full")}


def test_of_two_plans_the_better_is_kept_and_the_first_of_equals():
    problem = day([job(1)], [worker(1)])
    full, empty = greedy.greedy(problem), Plan({1: Route(1)}, {1: Why("没有排")})

    assert solver.better(problem, empty, full) is full
    assert solver.better(problem, full, plan_of(plan_json(full))) is full


@pytest.mark.parametrize(
    ("change", "words", "code"),
    [
        ({"only": 9}, "承接的师傅当日不当班", "holder"),
        ({"place": 1}, "当日没有负责本项目的师傅当班", "off_duty"),
        (
            {"barred": frozenset({1})},
            "会水电工的 1 人本单都不能派（已拒单、不在保修责任内或待工程师确认）",
            "barred",
        ),
        (
            {"minutes": 700},
            "能做的 1 人当日已排满（时间或手上名额），或在业主方便的时间赶不到",
            "full",
        ),
    ],
)
def test_a_ticket_without_a_place_says_why(change, words, code):
    problem = day([job(1, **change)], [worker(1, places=frozenset({0}))])

    assert greedy.greedy(problem).left == {1: Why(words, code)}


def test_a_kept_plan_knows_the_codes_and_one_from_before_them_only_the_words():
    plan = Plan({}, {1: Why("换了说法", "full"), 2: Why("人工移出计划")})
    content = plan_json(plan)
    old = {"routes": [], "left": content["left"]}

    assert plan_of(content) == plan
    assert plan_of(old) == Plan({}, {1: Why("换了说法"), 2: Why("人工移出计划")})


def test_advice_goes_by_the_code_whatever_the_words_are():
    assert [each.head for _, each in reasons.remedies([Why("换了说法", "full")])] == ["人手已排满"]


def test_what_was_left_before_there_were_codes_says_what_can_be_done_about_it():
    whys = [
        "当日没有会木工的师傅当班",
        "能做的 1 人当日已排满（时间或手上名额），或在业主方便的时间赶不到",
        "当日没有负责本项目的师傅当班",
        "承接的师傅当日不当班",
        "当班的电工 2 人证书或考核不符",
        "会水电工的 1 人本单都不能派（已拒单、不在保修责任内或待工程师确认）",
        "人工移出计划",
    ]

    found = [(count, each.head, each.page) for count, each in reasons.remedies(map(Why, whys))]

    assert found == [
        (2, "没有对口的师傅当班", "dispatch_roster"),
        (1, "人手已排满", "dispatch_queue"),
        (1, "承接的师傅来不了", "desk_tickets"),
        (1, "证书或考核不符", "dispatch_certificates"),
        (1, "会做的人都不能派", "dispatch_queue"),
    ]
