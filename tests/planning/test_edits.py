"""People change a plan: checked, kept, undone, and never over each other."""

import threading

import pytest
from django.db import connection

from planning import edits
from planning.models import DayPlan, Placement, PlanEdit
from tests.factories_dispatch import registered, staff
from tests.planning.conftest import AT
from tests.planning.test_placements import confirmed

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-10")]


@pytest.fixture
def plan(place, planned):
    """Two calls of one estate."""
    for _ in range(2):
        registered(place, at=AT, wanted="明天")
    return planned()


def stops(plan: DayPlan) -> dict[int, list]:
    content = DayPlan.objects.get(pk=plan.pk).content
    return {route["worker"]: route["stops"] for route in content["routes"]}


def first_stop(plan: DayPlan) -> tuple[int, int, int]:
    return next((worker, *each[0]) for worker, each in stops(plan).items() if each)


def move(plan: DayPlan, place, **changes):
    worker, job, start = first_stop(plan)
    facts = {"job": job, "worker": worker, "start": start + 60, "version": plan.version}
    return edits.move(plan=plan, by=place.dispatcher, at=AT, **facts | changes)


def test_a_move_is_kept_with_its_words_and_can_be_undone(place, plan):
    before = stops(plan)
    worker, job, _ = first_stop(plan)

    changed, soft = move(plan, place, start=900)

    assert changed.version == 2
    assert [job, 900] in stops(plan)[worker]
    assert [each.code for each in soft] == ["late"]
    assert PlanEdit.objects.get().words.endswith(" 15:00")

    edits.undo(plan=plan, version=2, by=place.dispatcher, at=AT)

    assert (stops(plan), DayPlan.objects.get().version) == (before, 3)
    with pytest.raises(edits.Refused, match="没有可以撤销的改动"):
        edits.undo(plan=plan, version=3, by=place.dispatcher, at=AT)


def test_a_move_tells_of_others_only_what_it_changed(place, plan):
    for job in plan.problem["jobs"]:
        job["due"] = -60
    plan.save()
    worker, moved, _ = first_stop(plan)
    other = next(job for each in stops(plan).values() for job, _ in each if job != moved)
    plan, _ = move(plan, place, job=other, start=600)

    _, soft = move(plan, place, job=moved, worker=worker, start=900)

    assert {job for job, _ in stops(plan)[worker]} == {moved, other}
    assert [(each.job, each.code) for each in soft] == [(moved, "late")]


def test_edits_are_undone_one_by_one_the_latest_first(place, plan):
    before = stops(plan)
    move(plan, place, start=700)
    move(plan, place, worker=None, version=2)

    edits.undo(plan=plan, version=3, by=place.dispatcher, at=AT)
    edits.undo(plan=plan, version=4, by=place.dispatcher, at=AT)

    assert stops(plan) == before


def test_of_two_editors_the_second_is_told_who_was_faster(place, plan):
    move(plan, place, start=700)
    after = stops(plan)

    with pytest.raises(edits.Overtaken, match="王建国刚刚改过"):
        edits.move(
            plan=plan, job=first_stop(plan)[1], worker=None, start=0, version=1, by=staff("dispatcher"), at=AT
        )
    assert stops(plan) == after


def test_what_breaks_a_rule_is_refused_and_nothing_is_kept(place, plan):
    before = stops(plan)

    with pytest.raises(edits.Refused, match="超出张大勇的班次 08:00–18:00"):
        move(plan, place, worker=place.worker.pk, start=1075)
    with pytest.raises(edits.Refused, match="不在本排程内"):
        move(plan, place, worker=10**9)

    assert (stops(plan), PlanEdit.objects.count()) == (before, 0)


def test_what_was_confirmed_stays_where_it_is(place, plan):
    worker, job, start = first_stop(plan)
    confirmed(plan, place, [job])

    with pytest.raises(edits.Refused, match="已确认"):
        move(plan, place, job=job)
    [other] = [each for each in (key for row in stops(plan).values() for key, _ in row) if each != job]
    with pytest.raises(edits.Refused, match="推迟已经确认的工单"):
        move(plan, place, job=other, worker=worker, start=start)
    assert Placement.objects.get().ticket_id == job


@pytest.mark.django_db(transaction=True)
def test_five_editors_at_once_make_one_change(place, plan):
    worker, job, _ = first_stop(plan)
    gate, won, lost = threading.Barrier(5), [], []

    def edit(start: int) -> None:
        gate.wait()
        try:
            move(plan, place, job=job, worker=worker, start=start)
            won.append(start)
        except edits.Overtaken:
            lost.append(start)
        connection.close()

    threads = [threading.Thread(target=edit, args=[700 + 5 * number]) for number in range(5)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert (len(won), len(lost), DayPlan.objects.get().version) == (1, 4, 2)
    assert [job, won[0]] in stops(plan)[worker]
