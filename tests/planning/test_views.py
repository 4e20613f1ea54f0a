"""The pages of the day's plan: asking, looking, changing, confirming."""

import uuid

import pytest
from django.urls import reverse
from django.utils.timezone import localdate, now, timedelta

from planning import board, placements, runs
from planning.models import DayPlan, Placement
from tests.factories_dispatch import registered, staff
from tests.factories_estates import EstateFactory
from tickets.models import Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-10")]


@pytest.fixture
def reviewer(client, place):
    client.force_login(place.dispatcher)
    return client


@pytest.fixture
def plan(place) -> DayPlan:
    """Tomorrow, two calls, one of which nobody can take."""
    registered(place, wanted="尽快")
    Ticket.objects.filter(pk=registered(place, wanted="尽快").pk).update(level=1)
    made = runs.request_plan(
        by=place.dispatcher, day=localdate() + timedelta(days=1), estates=[place.estate], at=now()
    )
    runs.make(plan_id=made.pk, now=now, optimise=False)
    return DayPlan.objects.get()


def url(name: str, plan: DayPlan) -> str:
    return reverse(f"planning_{name}", args=[plan.pk])


def post(client, name: str, plan: DayPlan, *, htmx: bool = False, **data):
    headers = {"HX-Request": "true"} if htmx else {}
    data = {"form_key": uuid.uuid4(), "version": plan.version} | data
    return client.post(url(name, plan), data, headers=headers)


def stop(plan: DayPlan) -> dict[str, int]:
    route = next(each for each in plan.content["routes"] if each["stops"])
    return {"job": route["stops"][0][0], "worker": route["worker"]}


def test_a_plan_is_asked_for_and_shows_how_far_it_is(reviewer, place):
    day = localdate() + timedelta(days=1)
    answer = reviewer.post(reverse("planning_home"), {"form_key": uuid.uuid4(), "day": day})

    plan = DayPlan.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, url("plan", plan))
    assert [each.pk for each in plan.estates.all()] == [place.estate.pk]
    page = reviewer.get(url("plan", plan)).content.decode()
    assert "等待后台计算" in page
    assert 'hx-trigger="every 2s"' in page


@pytest.mark.parametrize("day", [localdate() - timedelta(days=1), localdate() + timedelta(days=9), "soon"])
def test_a_day_out_of_reach_is_an_error_at_its_field(reviewer, day):
    answer = reviewer.post(reverse("planning_home"), {"form_key": uuid.uuid4(), "day": day})

    assert (answer.status_code, DayPlan.objects.count()) == (422, 0)
    assert list(answer.context["form"].errors) == ["day"]


def test_a_foreign_estate_is_not_there(reviewer):
    data = {"form_key": uuid.uuid4(), "day": localdate(), "estates": [EstateFactory().pk]}

    assert reviewer.post(reverse("planning_home"), data).status_code == 404


def test_an_area_stands_for_its_estates(reviewer, place):
    data = {"form_key": uuid.uuid4(), "day": localdate(), "area": place.estate.area_id}

    assert reviewer.post(reverse("planning_home"), data).status_code == 303
    assert DayPlan.objects.get().estates.get() == place.estate


def test_the_page_shows_gain_timeline_and_table(reviewer, plan):
    page = reviewer.get(url("plan", plan)).content.decode()

    assert "快速排程：截止早的先排" in page
    for number in Ticket.objects.values_list("number", flat=True):
        assert number in page
    assert page.count('class="plan-row"') == 2
    assert "确认全部 2 单" in page


def test_the_gain_counts_what_the_day_makes_late_and_not_what_was_late_before_it(plan):
    plain = {"travel": 300, "late": 9, "overdue": 7, "left": 4}
    solved = {"travel": 210, "late": 8, "overdue": 8, "left": 3}
    plan.figures = {"greedy": plain, "solver": solved, "seconds": 0.4}
    plan.method = DayPlan.Method.SOLVER

    assert board.Board(plan, []).gain == (
        "优化排程与快速排程相比：路上少 90 分钟（30.0%），当天晚到少 2 单（2 → 0），"
        "未排少 1 单（4 → 3）。用时 0.4 秒。"
    )


def test_what_was_late_before_the_day_is_said_beside_the_gain(reviewer, plan):
    for job in plan.problem["jobs"]:
        job["due"] = 7 * 60
    DayPlan.objects.update(problem=plan.problem)

    page = reviewer.get(url("plan", plan))

    assert "在当天开工前已超时限" in page.content.decode()
    late = next(tile for tile in page.context["board"].tiles if tile["label"] == "当天晚到")
    assert (late["value"], late["tone"]) == (0, "ok")


def test_without_the_solver_the_first_page_says_how_to_get_it(reviewer):
    from planning import solver

    page = reviewer.get(reverse("planning_home")).content.decode()

    assert ("requirements/plan.lock" in page) is not solver.is_installed()


def test_the_link_of_a_ticket_opens_the_form_where_it_stands(reviewer, plan):
    where = stop(plan)

    form = reviewer.get(url("plan", plan), {"job": where["job"]}).context["forms"]["move"]

    assert (form["job"].value(), form["worker"].value()) == (where["job"], where["worker"])


def test_a_move_answers_with_the_new_board_and_undo_takes_it_back(reviewer, plan):
    where = stop(plan)

    answer = post(reviewer, "move", plan, **where, start="16:00")

    assert (answer.status_code, DayPlan.objects.get().version) == (303, 2)
    board = reviewer.get(answer["Location"], headers={"HX-Request": "true"}).content.decode()
    assert "16:00–17:00" in board
    assert "<html" not in board
    post(reviewer, "undo", DayPlan.objects.get())
    assert DayPlan.objects.get().content == plan.content


def test_what_is_refused_stands_at_the_form_with_what_was_typed(reviewer, plan):
    where = stop(plan)

    answer = post(reviewer, "move", plan, htmx=True, **where, start="17:50")

    page = answer.content.decode()
    assert (answer.status_code, DayPlan.objects.get().version) == (422, 1)
    assert "超出" in page
    assert 'value="17:50"' in page


def test_the_second_editor_sees_the_new_plan_and_who_was_faster(reviewer, plan, client):
    where = stop(plan)
    post(reviewer, "move", plan, **where, start="15:00")
    client.force_login(staff("dispatcher", *plan.estates.all(), name="李后来"))

    plain = post(client, "move", plan, **where, start="10:00")
    quick = post(client, "move", plan, htmx=True, **where, start="10:00")

    assert (plain.status_code, quick.status_code) == (409, 422)
    assert "王建国刚刚改过" in plain.content.decode()
    assert DayPlan.objects.get().version == 2


def test_a_second_click_moves_once(reviewer, plan):
    where = {**stop(plan), "form_key": uuid.uuid4(), "start": "15:00"}

    first, second = post(reviewer, "move", plan, **where), post(reviewer, "move", plan, **where)

    assert (first.status_code, second.status_code, DayPlan.objects.get().version) == (303, 303, 2)


def test_confirmed_tickets_show_what_came_of_them(reviewer, plan):
    where = stop(plan)

    assert post(reviewer, "confirm", plan, jobs=[where["job"]]).status_code == 303
    assert 'hx-trigger="every 2s"' in reviewer.get(url("plan", plan)).content.decode()
    placements.place(plan_id=plan.pk, at=now())

    page = reviewer.get(url("plan", plan)).content.decode()
    assert "接单后自动预约" in page
    assert "确认全部 1 单" in page
    assert post(reviewer, "confirm", plan, everything="1").status_code == 303
    assert Placement.objects.count() == 2


def test_nothing_chosen_is_said(reviewer, plan):
    answer = post(reviewer, "confirm", plan)

    assert (answer.status_code, "没有可确认的工单" in answer.content.decode()) == (422, True)


def test_a_failed_plan_says_why_and_is_tried_again(reviewer, plan):
    DayPlan.objects.update(state="failed", error="算错了")

    assert "算错了" in reviewer.get(url("plan", plan)).content.decode()
    assert post(reviewer, "restart", plan).status_code == 303
    assert DayPlan.objects.get().state == "queued"
    assert post(reviewer, "move", plan, start="10:00").status_code == 404


def test_a_big_board_asks_the_database_no_more_than_a_small_one(
    reviewer, plan, django_assert_max_num_queries
):
    with django_assert_max_num_queries(25):
        reviewer.get(url("plan", plan))
