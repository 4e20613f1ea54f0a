from datetime import timedelta

import pytest
from django.utils.timezone import now

from accounts.models import User
from dispatch import assign, proposals, tasks
from dispatch.models import Proposal, Skill
from tests.factories_dispatch import TradeFactory, house, registered, staff, worker
from tests.factories_estates import EstateFactory
from tickets import workflow
from tickets.actors import Actor
from tickets.models import Ticket, TicketEvent

pytestmark = pytest.mark.django_db
NOW = now()


def again(ticket):
    return Ticket.objects.get(pk=ticket.pk)


@pytest.mark.row("DI-01", "DI-03")
def test_a_registered_ticket_gets_a_proposal_and_waits_for_a_person():
    place = house()
    ticket = registered(place)

    proposal = proposals.ensure(ticket=ticket, at=NOW)

    assert again(ticket).status == "in_review"
    assert [(each["name"], each["step"]) for each in proposal.candidates] == [("张大勇", "same_estate")]
    assert proposal.candidates[0]["reasons"][:2] == ["远近 30：专驻本项目", "负荷 25：手上 0/6 单"]


@pytest.mark.row("DI-01")
@pytest.mark.parametrize(
    ("employer", "reason"),
    [
        ("contractor", "没有本项目该工种的有效保修协议"),
        ("third_party", "没有本项目该工种的有效第三方合同"),
    ],
)
def test_whoever_is_not_ours_and_of_no_company_has_no_agreement(employer, reason):
    place = house()
    outside = worker(place.estate, name="宏基", employer=employer)
    ticket = registered(place)
    Ticket.objects.filter(pk=ticket.pk).update(covered="yes")

    proposal = proposals.ensure(ticket=ticket, at=NOW)

    assert {each["worker"]: each["reason"] for each in proposal.excluded}[outside.pk] == reason


@pytest.mark.row("DI-02")
def test_the_event_keeps_how_the_ladder_was_walked():
    place = house()
    ticket = registered(place)

    proposals.ensure(ticket=ticket, at=NOW)

    event = TicketEvent.objects.get(ticket=ticket, name="submit_review")
    assert (event.actor_name, event.payload["best"], event.payload["ladder"]) == (
        "派单助手",
        "张大勇",
        "同项目 1 人可派。",
    )


@pytest.mark.row("DI-01")
def test_who_is_out_is_kept_with_the_reason():
    place = house()
    Skill.objects.update(expires_on=NOW.date() - timedelta(days=3), certificate="D-1")
    off = worker(place.estate, name="李永福", on_duty=False)
    unskilled = worker(place.estate, name="朱志强", trades=(TradeFactory(code="painter"),))

    proposal = proposals.ensure(ticket=registered(place), at=NOW)

    reasons = {each["worker"]: each["reason"] for each in proposal.excluded}
    assert proposal.candidates == []
    assert reasons[off.pk] == "未当班"
    assert reasons[unskilled.pk] == "无该工种技能：水电工"
    assert reasons[place.worker.pk].endswith("过期")
    codes = {each["worker"]: each["code"] for each in proposal.excluded}
    assert codes == {off.pk: "off_duty", unskilled.pk: "skill", place.worker.pk: "certificate"}


@pytest.mark.row("DI-03")
def test_asking_twice_gives_the_same_open_proposal():
    place = house()
    ticket = registered(place)

    first = proposals.ensure(ticket=ticket, at=NOW)
    second = proposals.ensure(ticket=ticket, at=NOW + timedelta(minutes=1))

    assert first == second
    assert Proposal.objects.count() == 1
    assert TicketEvent.objects.filter(ticket=ticket, name="submit_review").count() == 1


def test_a_stale_proposal_of_a_ticket_registered_anew_is_made_again():
    place = house()
    ticket = registered(place)
    proposal = proposals.ensure(ticket=ticket, at=NOW)
    workflow.step(ticket=ticket, name="return_for_information", by=place.reviewer, at=NOW, reason="楼栋不清")
    workflow.step(
        ticket=ticket, name="complete_details", by=Actor.staff(staff("clerk", place.estate)), at=NOW
    )
    place.worker.on_duty = False
    place.worker.save()

    again_made = proposals.ensure(ticket=ticket, at=NOW)

    assert (again_made.pk, again_made.candidates) == (proposal.pk, [])


@pytest.mark.row("DI-03")
def test_a_ticket_past_review_gets_no_proposal():
    place = house()
    ticket = registered(place)
    assign.approve(proposal=proposals.ensure(ticket=ticket, at=NOW), by=place.reviewer, at=NOW)

    with pytest.raises(workflow.StepTaken):
        proposals.ensure(ticket=ticket, at=NOW)


@pytest.mark.row("DI-04")
def test_who_declined_is_not_proposed_again_in_this_round():
    place = house()
    ticket = registered(place)
    assign.approve(proposal=proposals.ensure(ticket=ticket, at=NOW), by=place.reviewer, at=NOW)
    workflow.step(ticket=ticket, name="decline", by=Actor.staff(place.worker.user), at=NOW, reason="在外地")

    proposal = proposals.ensure(ticket=ticket, at=NOW)

    assert proposal.candidates == []
    assert [each["reason"] for each in proposal.excluded] == ["本轮已拒单"]


def test_load_is_what_is_in_hand():
    place = house()
    for _ in range(2):
        ticket = registered(place)
        assign.approve(proposal=proposals.ensure(ticket=ticket, at=NOW), by=place.reviewer, at=NOW)

    proposal = proposals.ensure(ticket=registered(place), at=NOW)

    assert proposal.candidates[0]["parts"][1]["words"] == "手上 2/6 单"


def test_a_worker_who_left_or_serves_elsewhere_is_not_even_looked_at():
    place = house()
    worker(EstateFactory())
    gone = worker(place.estate)
    User.objects.filter(pk=gone.user_id).update(is_active=False)

    proposal = proposals.ensure(ticket=registered(place), at=NOW)

    assert [each["worker"] for each in proposal.candidates + proposal.excluded] == [place.worker.pk]


def test_the_queries_do_not_grow_with_the_workers(django_assert_max_num_queries):
    place = house()
    for _ in range(12):
        worker(place.estate)
    ticket = registered(place)

    with django_assert_max_num_queries(32):
        proposals.ensure(ticket=ticket, at=NOW)


def test_the_task_leaves_alone_what_a_person_did_first():
    place = house()
    ticket = registered(place)
    proposal = proposals.ensure(ticket=ticket, at=NOW)
    assign.approve(proposal=proposal, by=place.reviewer, at=NOW)

    assert tasks.propose(ticket.pk) == "已不在待复核"
