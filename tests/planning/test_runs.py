"""A plan is asked for once, made in the background, and kept with the yardstick's figures."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django_q.models import OrmQ

from planning import runs, solver, tasks
from planning.models import DayPlan
from tests.factories_dispatch import registered, staff
from tests.factories_estates import EstateFactory
from tests.planning.conftest import AT, DAY
from tickets.models import Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-10")]
State = DayPlan.State


def ask(place, at=AT, **changes) -> DayPlan:
    return runs.request_plan(
        **{"by": place.dispatcher, "day": DAY, "estates": [place.estate], "at": at} | changes
    )


def test_a_plan_waits_in_the_long_queue_and_asking_twice_gives_the_same(place):
    OrmQ.objects.all().delete()

    assert ask(place) == ask(place, AT + timedelta(minutes=1))
    assert [(job.key, job.func()) for job in OrmQ.objects.all()] == [("long", "planning.tasks.make_plan")]


def test_nobody_plans_for_foreign_estates_or_without_the_permission(place):
    with pytest.raises(PermissionDenied):
        ask(place, estates=[EstateFactory()])
    with pytest.raises(PermissionDenied):
        ask(place, by=staff("front_desk", place.estate))
    with pytest.raises(ValueError, match="nothing"):
        ask(place, estates=[])
    assert DayPlan.objects.count() == 0


def test_a_plan_proposes_and_assigns_nobody(place, planned):
    tickets = [registered(place, at=AT, wanted="尽快") for _ in range(3)]

    plan = planned()

    stops = [stop for route in plan.content["routes"] for stop in route["stops"]]
    assert {job for job, _ in stops} == {each.pk for each in tickets}
    assert (plan.state, plan.progress, plan.method) == (State.DONE, 100, "greedy")
    assert (plan.figures["greedy"]["planned"], "solver" in plan.figures) == (3, False)
    assert set(Ticket.objects.values_list("status", "handler")) == {("registered", None)}


@pytest.mark.skipif(not solver.is_installed(), reason="requirements/plan.lock is not installed")
def test_the_solvers_plan_is_kept_beside_the_yardstick(place, planned):
    for _ in range(3):
        registered(place, at=AT)

    plan = planned(optimise=True)

    both = plan.figures
    assert (plan.state, both["solver"]["planned"], both["greedy"]["planned"]) == (State.DONE, 3, 3)
    assert both["solver"]["travel"] <= both["greedy"]["travel"]


def test_a_solver_that_fails_leaves_the_greedy_plan(place, planned, monkeypatch):
    registered(place, at=AT)
    # The solver's process is started from here: in an empty folder it finds no program of ours.
    monkeypatch.setattr(solver, "ROOT", "/")

    plan = planned(optimise=True)

    assert (plan.state, plan.method, plan.figures["failed"]) == (State.DONE, "greedy", True)
    assert plan.figures["greedy"]["planned"] == 1


def test_a_day_with_nothing_to_do_is_an_empty_plan(planned):
    plan = planned()

    assert (plan.state, plan.figures["greedy"]["planned"], plan.content["left"]) == (State.DONE, 0, {})


def test_a_second_job_changes_nothing_and_a_lost_plan_is_no_error(place, planned):
    plan = planned()
    before = DayPlan.objects.values().get()

    assert tasks.make_plan(plan.pk) is False
    assert DayPlan.objects.values().get() == before
    assert runs.make(plan_id=10**9, now=lambda: AT) is False


def test_of_two_computations_the_earlier_writes_nothing(place):
    plan = ask(place)

    def overtaking():
        DayPlan.objects.filter(state=State.RUNNING).update(attempt=7)
        return AT

    assert runs.make(plan_id=plan.pk, now=overtaking, optimise=False) is False
    assert DayPlan.objects.values_list("state", "attempt").get() == (State.RUNNING, 7)


def test_a_failure_is_noted_and_can_be_tried_again(place):
    registered(place, at=AT)
    plan = ask(place)
    DayPlan.objects.update(day=DAY)
    Ticket.objects.update(level=3)

    def breaking():
        # The clock fails once the work has begun.
        if DayPlan.objects.filter(progress=25).exists():
            DayPlan.objects.update(progress=26)
            raise OSError("disk")
        return AT

    with pytest.raises(OSError, match="disk"):
        runs.make(plan_id=plan.pk, now=breaking, optimise=False)

    plan = DayPlan.objects.get()
    assert (plan.state, "OSError" in plan.error) == (State.FAILED, True)
    assert runs.make(plan_id=plan.pk, now=lambda: AT) is False, "a failed plan waits for a person"
    assert runs.restart(plan=plan, at=AT).state == State.QUEUED
    assert runs.make(plan_id=plan.pk, now=lambda: AT, optimise=False) is True


def test_a_plan_lost_three_times_is_given_up_and_one_lost_once_tried_again(place):
    ask(place)
    later = AT + timedelta(hours=1)
    DayPlan.objects.update(state=State.RUNNING, attempt=1)

    assert (runs.sweep(at=AT + timedelta(minutes=30)), runs.sweep(at=later)) == (0, 1)
    assert DayPlan.objects.get().state == State.QUEUED

    DayPlan.objects.update(state=State.RUNNING, attempt=3, moved_at=AT)
    runs.sweep(at=later)
    plan = DayPlan.objects.get()
    assert (plan.state, plan.error[:9]) == (State.FAILED, "计算3次均未完成，")


def test_a_plan_is_shared_by_those_who_see_all_its_estates(place, planned):
    plan = planned()
    other = EstateFactory()

    def sees(user) -> bool:
        return DayPlan.objects.visible_to(user).filter(pk=plan.pk).exists()

    assert sees(staff("dispatcher", place.estate, other)) is True
    assert sees(staff("dispatcher", other)) is False
    assert sees(staff("dispatcher", all_estates=True)) is True
    plan.estates.add(other)
    assert sees(place.dispatcher) is False
