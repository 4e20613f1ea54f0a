"""Plans, signatures, acceptance and follow-up through their services."""

from datetime import timedelta
from decimal import Decimal

import pytest

from demo import pictures
from tests.house import AT, House
from tickets import acceptance, fieldwork, followup, plans, workflow
from tickets.models import Acceptance, FollowUp, PlanCard, Status, Ticket

pytestmark = pytest.mark.django_db
PLAN = {"cause": "阀芯磨损", "method": "更换阀芯", "protection": "铺垫布", "duration_minutes": 60}


@pytest.fixture
def house():
    return House.build()


@pytest.mark.row("EX-02")
@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "owner_consent"),
        ({"duration_minutes": 4 * 24 * 60}, "plan_review"),
        ({"cost": Decimal(2000)}, "plan_review"),
    ],
    ids=["routine", "over-three-days", "expensive"],
)
def test_an_important_plan_goes_to_the_manager_first(house, changes, status):
    ticket = house.ticket_at(Status.SURVEYING)

    plans.submit(ticket=ticket, plan=plans.Plan(**PLAN | changes), by=house.actor("worker"), at=AT)

    assert Ticket.objects.get(pk=ticket.pk).status == status


@pytest.mark.row("EX-02")
def test_the_signature_stands_under_the_plan_it_was_given_for(house):
    ticket = house.ticket_at(Status.OWNER_CONSENT)

    plans.sign(
        ticket=ticket,
        signature=pictures.signature(),
        signer="张伟",
        by=house.journey_owner(ticket),
        at=AT,
    )

    card = PlanCard.objects.get(ticket=ticket)
    event = ticket.events.get(name="consent")
    assert (card.signed_at, card.signature.signer) == (AT, "张伟")
    assert event.payload["evidence"][0]["sha256"] == card.signature.sha256


@pytest.mark.row("EX-02")
def test_a_refused_plan_is_followed_by_another_version(house):
    ticket = house.ticket_at(Status.OWNER_CONSENT)
    workflow.step(ticket=ticket, name="refuse_plan", by=house.journey_owner(ticket), at=AT, reason="想换品牌")

    plans.submit(ticket=ticket, plan=plans.Plan(**PLAN), by=house.actor("worker"), at=AT)

    assert list(PlanCard.objects.filter(ticket=ticket).values_list("number", flat=True)) == [1, 2]


@pytest.mark.row("OR-01")
def test_the_owner_of_another_ticket_may_not_sign(house):
    ticket = house.ticket_at(Status.OWNER_CONSENT)
    stranger = house.journey_owner(house.register())

    with pytest.raises(workflow.StepForbidden):
        plans.sign(ticket=ticket, signature=pictures.signature(), signer="李四", by=stranger, at=AT)


@pytest.mark.row("EX-09")
def test_bad_work_goes_back_to_the_worker_with_the_reason(house):
    ticket = house.ticket_at(Status.PRE_INSPECTION)

    after = acceptance.inspect(
        ticket=ticket, good=False, by=house.actor("engineer"), at=AT, reason="胶缝不饱满"
    )

    assert (after.status, after.events.order_by("-seq")[0].reason) == ("repairing", "胶缝不饱满")


@pytest.mark.row("EX-09")
def test_the_acceptance_sheet_holds_work_stars_and_signature(house):
    ticket = house.ticket_at(Status.COMPLETED)

    sheet = Acceptance.objects.get(ticket=ticket)
    assert (sheet.round, sheet.stars, sheet.inspected_by.username, sheet.signature.signer) == (
        1,
        5,
        "engineer",
        "张伟",
    )


@pytest.mark.row("EX-04")
def test_a_temporary_measure_is_recorded_without_moving_the_ticket(house):
    ticket = house.ticket_at(Status.SURVEYING)
    photos = pictures.examined(pictures.photo(1))

    after = fieldwork.contain(
        ticket=ticket, photos=photos, measure="关闭分户阀", by=house.actor("worker"), at=AT
    )

    assert (after.status, after.events.order_by("-seq")[0].name) == ("surveying", "contain")


@pytest.mark.row("FU-01")
def test_three_calls_in_vain_are_a_failed_follow_up(house):
    ticket = house.ticket_at(Status.COMPLETED)
    answers = followup.Answers(result=FollowUp.Result.NO_ANSWER)
    for hours in (1, 5, 20):
        followup.record(
            ticket=ticket, answers=answers, by=house.actor("front_desk"), at=AT + timedelta(hours=hours)
        )

    assert (followup.has_failed(ticket), Ticket.objects.get(pk=ticket.pk).status) == (True, "completed")
