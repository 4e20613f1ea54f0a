from datetime import timedelta

import pytest
from django.db import transaction
from django.utils.timezone import now

from accounts.models import User
from dispatch import assign, proposals, visits
from dispatch.models import Proposal, Skill, Visit
from tests.factories_dispatch import accept, house, registered, staff, worker
from tests.factories_estates import EstateFactory
from tickets import workflow
from tickets.actors import Actor
from tickets.models import Ticket, TicketEvent

pytestmark = pytest.mark.django_db
NOW = now()


def in_review(place, **fields):
    ticket = registered(place, **fields)
    return ticket, proposals.ensure(ticket=ticket, at=NOW)


def refused(error, act):
    """The message with which the act was refused; nothing it wrote stays."""
    with pytest.raises(error) as refusal, transaction.atomic():
        act()
    return str(refusal.value)


def stored(row):
    return type(row).objects.get(pk=row.pk)


@pytest.mark.row("DI-03")
def test_approving_sends_the_first_candidate_and_records_who_decided():
    place = house()
    ticket, proposal = in_review(place)

    assign.approve(proposal=proposal, by=place.reviewer, at=NOW)

    ticket, proposal = stored(ticket), stored(proposal)
    assert (ticket.status, ticket.handler) == ("dispatched", place.worker.user)
    assert (proposal.decision, proposal.worker, proposal.decided_by) == (
        "approved",
        place.worker,
        place.dispatcher,
    )


@pytest.mark.row("DI-03")
def test_changing_keeps_the_reason_on_the_proposal_and_in_the_event():
    place = house()
    ticket, proposal = in_review(place)
    other = worker(place.estate, name="李永福")

    assign.change(proposal=proposal, worker=other, reason="业主指定", by=place.reviewer, at=NOW)

    event = TicketEvent.objects.get(ticket=ticket, name="dispatch")
    assert stored(ticket).handler == other.user
    assert (stored(proposal).decision, stored(proposal).reason) == ("changed", "业主指定")
    assert (event.reason, event.payload["worker"]) == ("业主指定", "李永福")


@pytest.mark.row("DI-03")
def test_a_change_without_a_reason_is_refused():
    place = house()
    _, proposal = in_review(place)
    other = worker(place.estate)

    refused(
        workflow.ReasonMissing,
        lambda: assign.change(proposal=proposal, worker=other, reason=" ", by=place.reviewer, at=NOW),
    )

    assert stored(proposal).decision == "open"


@pytest.mark.row("DI-03")
def test_sending_back_asks_the_front_desk():
    place = house()
    ticket, proposal = in_review(place)

    assign.send_back(proposal=proposal, reason="请补充照片", by=place.reviewer, at=NOW)

    assert (stored(ticket).status, stored(proposal).decision) == ("incomplete", "returned")


@pytest.mark.row("DI-01", "DI-08")
def test_a_certificate_that_ran_out_meanwhile_stops_the_decision():
    place = house()
    _, proposal = in_review(place)
    Skill.objects.update(certificate="D-1", expires_on=(NOW - timedelta(days=40)).date())

    message = refused(
        assign.NotEligible, lambda: assign.approve(proposal=proposal, by=place.reviewer, at=NOW)
    )

    day = (NOW - timedelta(days=40)).date()
    assert message == f"不能派给张大勇：水电工证书已于{day.year}年{day.month}月{day.day}日过期。"
    assert stored(proposal).decision == "open"


@pytest.mark.row("DI-03")
def test_a_person_may_put_one_more_on_a_full_worker():
    place = house()
    place.worker.capacity = 0
    place.worker.save()
    ticket, proposal = in_review(place)

    assign.change(proposal=proposal, worker=place.worker, reason="电话确认能去", by=place.reviewer, at=NOW)

    assert stored(ticket).status == "dispatched"


@pytest.mark.row("DI-01")
def test_a_worker_of_a_foreign_estate_is_refused():
    place = house()
    ticket, proposal = in_review(place)
    stranger = worker(EstateFactory(), name="外人")

    message = refused(
        assign.NotEligible,
        lambda: assign.change(proposal=proposal, worker=stranger, reason="试试", by=place.reviewer, at=NOW),
    )

    assert message == "不能派给外人：不负责本项目。"
    assert stored(ticket).status == "in_review"


def test_a_worker_who_left_is_refused():
    place = house()
    _, proposal = in_review(place)
    User.objects.filter(pk=place.worker.user_id).update(is_active=False)

    message = refused(
        assign.NotEligible, lambda: assign.approve(proposal=proposal, by=place.reviewer, at=NOW)
    )

    assert message == "不能派给张大勇：账号已停用。"


def test_nobody_to_approve_is_said():
    place = house()
    place.worker.on_duty = False
    place.worker.save()
    _, proposal = in_review(place)

    message = refused(
        assign.NotEligible, lambda: assign.approve(proposal=proposal, by=place.reviewer, at=NOW)
    )

    assert message == "没有可采纳的人选，请改派他人或退回补充。"


@pytest.mark.row("DI-03")
def test_only_who_may_dispatch_decides():
    place = house()
    _, proposal = in_review(place)
    front_desk = Actor.staff(staff("front_desk", place.estate))

    refused(workflow.StepForbidden, lambda: assign.approve(proposal=proposal, by=front_desk, at=NOW))

    assert stored(proposal).decision == "open"


def test_a_dispatcher_of_another_estate_does_not_decide():
    place = house()
    _, proposal = in_review(place)
    foreign = Actor.staff(staff("dispatcher", EstateFactory()))

    refused(workflow.StepForbidden, lambda: assign.approve(proposal=proposal, by=foreign, at=NOW))

    assert stored(proposal).decision == "open"


def test_a_decided_proposal_is_taken_even_while_the_ticket_waits_again():
    place = house()
    ticket, proposal = in_review(place)
    assign.approve(proposal=proposal, by=place.reviewer, at=NOW)
    workflow.step(ticket=ticket, name="decline", by=Actor.staff(place.worker.user), at=NOW, reason="没空")

    refused(workflow.StepTaken, lambda: assign.approve(proposal=proposal, by=place.reviewer, at=NOW))

    assert stored(ticket).status == "in_review"


def test_what_people_did_since_the_page_was_opened_stops_the_decision():
    place = house()
    ticket, proposal = in_review(place)
    seen = stored(ticket).version
    workflow.note(ticket=ticket, name="comment", by=place.reviewer, at=NOW, reason="业主说已停水")

    refused(
        workflow.StepTaken,
        lambda: assign.approve(proposal=proposal, by=place.reviewer, at=NOW, version=seen),
    )

    assert stored(proposal).decision == "open"


def test_what_the_machine_did_since_the_page_was_opened_does_not_stop_the_decision():
    place = house()
    ticket = registered(place)
    seen = ticket.version
    proposal = proposals.ensure(ticket=ticket, at=NOW)

    assign.approve(proposal=proposal, by=place.reviewer, at=NOW, version=seen)

    assert stored(ticket).status == "dispatched"


@pytest.mark.row("DI-03")
def test_level_one_may_be_sent_before_the_machine_has_thought():
    place = house()
    ticket = registered(place, dangers=["running_water"])

    workflow.step(ticket=ticket, name="dispatch", by=place.reviewer, at=NOW, handler=place.worker.user)

    assert (stored(ticket).status, Proposal.objects.count()) == ("dispatched", 0)


def booked(place):
    ticket, proposal = in_review(place)
    assign.approve(proposal=proposal, by=place.reviewer, at=NOW)
    accept(ticket, at=NOW)
    start = NOW + timedelta(days=1)
    visits.book(
        ticket=ticket,
        start=start,
        end=start + timedelta(hours=2),
        by=Actor.staff(place.worker.user),
        at=NOW,
    )
    return stored(ticket)


@pytest.mark.row("DI-03", "DI-07")
def test_reassigning_frees_the_window_of_the_first_worker():
    place = house()
    ticket = booked(place)
    other = worker(place.estate, name="李永福")

    assign.reassign(ticket=ticket, worker=other, reason="临时请假", by=place.reviewer, at=NOW)

    assert (stored(ticket).status, stored(ticket).handler) == ("dispatched", other.user)
    assert Visit.objects.get(ticket=ticket).state == "cancelled"


def test_reassigning_to_the_same_worker_is_refused():
    place = house()
    ticket = booked(place)

    message = refused(
        assign.NotEligible,
        lambda: assign.reassign(ticket=ticket, worker=place.worker, reason="再派", by=place.reviewer, at=NOW),
    )

    assert message == "工单已经在张大勇手上。"
    assert Visit.objects.get(ticket=ticket).state == "booked"


def test_reassigning_to_a_foreign_worker_is_refused_and_keeps_the_window():
    place = house()
    ticket = booked(place)
    stranger = worker(EstateFactory())

    refused(
        assign.NotEligible,
        lambda: assign.reassign(ticket=ticket, worker=stranger, reason="试试", by=place.reviewer, at=NOW),
    )

    assert Visit.objects.get(ticket=ticket).state == "booked"


def test_a_reassignment_without_a_reason_keeps_the_window():
    place = house()
    ticket = booked(place)
    other = worker(place.estate)

    refused(
        workflow.ReasonMissing,
        lambda: assign.reassign(ticket=ticket, worker=other, reason="", by=place.reviewer, at=NOW),
    )

    assert Visit.objects.get(ticket=ticket).state == "booked"
    assert Ticket.objects.get(pk=ticket.pk).handler == place.worker.user
