"""Confirming goes ticket by ticket through the one door, and says what came of each."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django_q.models import OrmQ

from dispatch import assign, proposals
from dispatch.models import Proposal, RosterCell, ShiftKind, Visit, Worker
from planning import edits, placements, tasks
from planning.facts import moment
from planning.models import DayPlan, Placement
from tests.factories_dispatch import accept, registered, worker
from tests.planning.conftest import AT, DAY
from tickets import workflow
from tickets.actors import Actor
from tickets.models import Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-10")]
State = Placement.State


def confirmed(plan: DayPlan, place, jobs=None, *, carry_out: bool = False) -> int:
    """Confirm as the dispatcher; the background work only when asked for."""
    plan = DayPlan.objects.get(pk=plan.pk)
    count = placements.confirm(plan=plan, jobs=jobs, version=plan.version, by=place.dispatcher, at=AT)
    if carry_out:
        placements.place(plan_id=plan.pk, at=AT)
    return count


def results() -> dict[int, tuple[str, str]]:
    return {each.ticket_id: (each.state, each.words) for each in Placement.objects.all()}


@pytest.fixture
def ticket(place):
    return registered(place, at=AT, wanted="明天")


def test_confirming_wakes_the_long_queue_and_does_nothing_itself(place, ticket, planned):
    plan = planned()
    OrmQ.objects.all().delete()

    assert confirmed(plan, place) == 1

    assert [(job.key, job.func(), job.args()) for job in OrmQ.objects.all()] == [
        ("long", "planning.tasks.place", (plan.pk,))
    ]
    assert results() == {ticket.pk: (State.WAITING, "")}
    assert Ticket.objects.get().status == "registered"


def test_a_confirmed_ticket_is_sent_by_the_reviewer_and_booked_when_it_is_accepted(place, ticket, planned):
    confirmed(planned(), place, carry_out=True)

    ticket = Ticket.objects.get()
    worker = Worker.objects.get(user=ticket.handler)
    assert (ticket.status, results()) == (
        "dispatched",
        {ticket.pk: (State.SENT, f"已派给{worker.user.full_name}，接单后自动预约")},
    )
    assert Proposal.objects.get().decided_by == place.dispatcher

    accept(ticket, at=AT)
    tasks_done = placements.book_accepted(ticket=Ticket.objects.get(), at=AT)

    visit, kept = Visit.objects.get(), Placement.objects.get()
    assert (Ticket.objects.get().status, visit.worker, visit.window) == ("scheduled", worker, kept.window)
    assert (kept.state, kept.words) == (State.BOOKED, tasks_done)
    assert kept.window.upper - kept.window.lower == timedelta(minutes=60)


def test_accepting_wakes_the_booking(place, ticket, planned):
    confirmed(planned(), place, carry_out=True)
    OrmQ.objects.all().delete()

    accept(Ticket.objects.get(), at=AT)

    assert "planning.tasks.book_window" in {job.func() for job in OrmQ.objects.all()}
    assert tasks.book_window(ticket.pk).startswith(("已预约", "已派单"))


def test_a_ticket_that_its_worker_has_taken_is_booked_at_once(place, ticket, planned):
    assign.approve(proposal=proposals.ensure(ticket=ticket, at=AT), by=place.reviewer, at=AT)
    accept(ticket, at=AT)

    confirmed(planned(), place, carry_out=True)

    assert Placement.objects.get().state == State.BOOKED
    assert Ticket.objects.get().status == "scheduled"


def test_whoever_goes_tomorrow_need_not_be_on_duty_when_it_is_confirmed(place, ticket, planned):
    """Confirmed at four in the afternoon, when the early shift has gone home."""
    kind = ShiftKind.objects.create(letter="Z", name="早班", starts_at="07:00", ends_at="15:00")
    for day in (AT.date(), DAY):
        for who in Worker.objects.all():
            RosterCell.objects.create(
                worker=who, day=day, kind=kind, changed_by=place.dispatcher, changed_at=AT
            )

    confirmed(planned(), place, carry_out=True)

    assert Placement.objects.get().state == State.SENT


def test_what_somebody_else_sent_meanwhile_is_skipped_with_the_name(place, ticket, planned):
    plan = planned()
    planned_for = next(route["worker"] for route in plan.content["routes"] if route["stops"])
    other = Worker.objects.exclude(pk=planned_for).first()
    assign.change(
        proposal=proposals.ensure(ticket=ticket, at=AT), worker=other, reason="急", by=place.reviewer, at=AT
    )

    confirmed(plan, place, carry_out=True)

    words = f"王建国已先办理，工单现为已派单，在{other.user.full_name}手上"
    assert results() == {ticket.pk: (State.SKIPPED, words)}
    assert Ticket.objects.get().handler == other.user


def test_a_worker_who_can_no_longer_go_is_skipped_with_the_reason(place, ticket, planned):
    plan = planned()
    Worker.objects.update(on_duty=False)

    confirmed(plan, place, carry_out=True)

    [(state, words)] = results().values()
    assert (state, words.startswith("不能派给"), "未当班" in words) == (State.SKIPPED, True, True)
    assert Ticket.objects.get().handler is None


def test_a_cancelled_ticket_is_skipped_and_the_others_go_on(place, ticket, planned):
    other = registered(place, at=AT, wanted="明天")
    plan = planned()
    workflow.step(ticket=ticket, name="cancel", by=Actor.staff(root()), at=AT, reason="撤销")

    confirmed(plan, place, carry_out=True)

    assert {key: state for key, (state, _) in results().items()} == {
        ticket.pk: State.SKIPPED,
        other.pk: State.SENT,
    }


def root():
    from accounts.models import User

    return User.objects.create_superuser("root", password="correct-horse", full_name="管理员")


def test_only_the_chosen_ones_are_confirmed_and_each_once(place, ticket, planned):
    registered(place, at=AT, wanted="明天")
    plan = planned()

    assert confirmed(plan, place, {ticket.pk}) == 1
    assert confirmed(plan, place) == 1
    with pytest.raises(edits.Refused, match="没有可确认的工单"):
        confirmed(plan, place)


def test_carrying_out_twice_sends_once(place, ticket, planned):
    plan = planned()
    confirmed(plan, place, carry_out=True)

    assert placements.place(plan_id=plan.pk, at=AT) == 0
    assert Ticket.objects.get().events.filter(name="dispatch").count() == 1


def test_a_window_that_was_taken_meanwhile_is_said_and_the_ticket_stays_sent(place, ticket, planned):
    confirmed(planned(), place, carry_out=True)
    kept = Placement.objects.get()
    taken = accept(ticket, at=AT)
    other = registered(place, at=AT)
    Ticket.objects.filter(pk=other.pk).update(handler=taken.handler)
    Visit.objects.create(ticket=other, worker=kept.worker, window=kept.window, created_at=AT)
    Visit.objects.update(state=Visit.State.DONE)

    placements.book_accepted(ticket=Ticket.objects.get(pk=ticket.pk), at=AT)

    kept.refresh_from_db()
    assert (kept.state, kept.words.startswith("已派单，未能预约：")) == (State.SKIPPED, True)
    assert Ticket.objects.get(pk=ticket.pk).status == "accepted"


def test_a_lost_confirmation_is_woken_again(place, ticket, planned):
    plan = planned()
    confirmed(plan, place)

    assert placements.sweep(at=AT + timedelta(minutes=5)) == 0
    assert placements.sweep(at=AT + timedelta(minutes=11)) == 1
    assert ("planning.tasks.place", (plan.pk,)) in [(job.func(), job.args()) for job in OrmQ.objects.all()]


def test_windows_of_a_workers_plan_never_overlap(place, planned):
    worker(place.estate, name="王师傅")
    for _ in range(8):
        registered(place, at=AT, wanted="明天")

    confirmed(planned(), place)

    rows = Placement.objects.order_by("worker", "window").values_list("worker", "window")
    assert all(one[0] != two[0] or one[1].upper <= two[1].lower for one, two in pairwise(rows))
    assert min(window.lower for _, window in rows) >= moment(DAY, 480)
