"""抢单 and 领单: offered, taken by the first one, with every filter asked again (DI-04)."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from dispatch import assign, handing, pool, proposals
from dispatch.models import DispatchRule, Proposal, Skill
from notices.models import Message
from tests.factories_dispatch import TradeFactory, house, registered, sign, staff, worker
from tests.factories_estates import EstateFactory
from tickets import responsibility, workflow
from tickets.actors import Actor
from tickets.models import Ticket, TicketEvent
from warranty.models import Contractor

pytestmark = pytest.mark.django_db
NOW = now()


def setting(mode):
    DispatchRule.objects.create(level=2, mode=mode, since=NOW - timedelta(days=1))


@pytest.fixture
def place():
    setting("grab")
    return house()


def offered(place):
    proposal = proposals.ensure(ticket=registered(place), at=NOW)
    handing.approve(proposal=proposal, by=place.reviewer, at=NOW)
    return Proposal.objects.get(pk=proposal.pk)


def status(proposal):
    return Ticket.objects.get(pk=proposal.ticket_id).status


@pytest.mark.row("DI-04")
def test_an_approved_ticket_is_offered_to_all_who_can_go_and_they_are_told(place):
    worker(place.estate, name="李永福")
    worker(place.estate, name="朱志强", on_duty=False)

    proposal = offered(place)

    assert (status(proposal), proposal.decision) == ("in_review", "open")
    told = Message.objects.filter(template="DP5").values_list("user__full_name", flat=True)
    assert sorted(told) == ["张大勇", "李永福"]


@pytest.mark.row("DI-04")
def test_the_first_one_gets_it_and_the_second_reads_who_was_faster(place):
    late = worker(place.estate, name="李永福")
    proposal = offered(place)

    ticket = pool.take(proposal=proposal, worker=place.worker, at=NOW)

    assert (ticket.status, ticket.handler) == ("accepted", place.worker.user)
    assert Proposal.objects.get(pk=proposal.pk).decision == "grabbed"
    with pytest.raises(workflow.StepTaken) as taken:
        pool.take(proposal=proposal, worker=late, at=NOW)
    assert (taken.value.last.actor_name, taken.value.last.at) == ("张大勇", NOW)


@pytest.mark.row("DI-04")
def test_by_rule_a_ticket_is_offered_without_a_reviewer_and_picked_in_order_of_its_limit():
    setting("pick")
    place = house()
    later, sooner = registered(place, at=NOW), registered(place, at=NOW - timedelta(minutes=30))
    for ticket in (later, sooner):
        handing.hand_out(ticket=ticket, at=NOW)

    found = pool.open_to(place.worker, at=NOW)
    taken = pool.take(proposal=found.offers[0].proposal, worker=place.worker, at=NOW)

    assert [each.ticket.pk for each in found.offers] == [sooner.pk, later.pk]
    assert Proposal.objects.get(ticket=taken).decision == "picked"


@pytest.mark.row("DI-04")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda it: Skill.objects.update(expires_on=NOW.date() - timedelta(days=2), certificate="D"), "过期"),
        (lambda it: type(it).objects.filter(pk=it.pk).update(capacity=0), "已满载 0/0"),
        (lambda it: type(it).objects.filter(pk=it.pk).update(on_duty=False), "未当班"),
        (lambda it: it.user.estates.clear(), "不负责本项目"),
    ],
    ids=["certificate", "capacity", "duty", "estate"],
)
def test_everything_is_asked_again_at_the_moment_of_taking(place, change, words):
    proposal = offered(place)
    change(place.worker)

    with pytest.raises(assign.NotEligible, match=words):
        pool.take(proposal=proposal, worker=place.worker, at=NOW)
    assert status(proposal) == "in_review"


@pytest.mark.row("DI-02", "DI-04")
def test_a_contractor_takes_only_when_the_ladder_has_come_down_to_them(place):
    contractor = sign(worker(place.estate, name="宏基", role="contractor", employer="contractor"))
    proposal = offered(place)
    Ticket.objects.update(covered="yes")
    engineer = Actor.staff(staff("engineer", place.estate))
    facts = {"party": "contractor", "trade": TradeFactory(), "reason": "施工缺陷"}
    responsibility.confirm(ticket=proposal.ticket, by=engineer, at=NOW, **facts)

    with pytest.raises(assign.NotEligible, match="同项目有人可派"):
        pool.take(proposal=proposal, worker=contractor, at=NOW)
    type(contractor).objects.filter(pk=place.worker.pk).update(on_duty=False)
    ticket = pool.take(proposal=proposal, worker=contractor, at=NOW)

    assert ticket.handler == contractor.user


def test_the_pool_shows_what_one_may_take_and_why_not_the_rest(place):
    for _ in range(2):
        offered(place)
    unskilled = worker(place.estate, name="朱志强")
    Skill.objects.filter(worker=unskilled).delete()
    stranger = worker(EstateFactory(), name="外人")

    assert len(pool.open_to(place.worker, at=NOW).offers) == 2
    assert pool.open_to(unskilled, at=NOW).refused == [("无该工种技能：水电工", 2)]
    assert pool.open_to(stranger, at=NOW) == pool.Pool([], [])


def test_the_pool_takes_the_same_queries_for_many_offers(place, django_assert_max_num_queries):
    for _ in range(5):
        offered(place)

    with django_assert_max_num_queries(16):
        assert len(pool.open_to(place.worker, at=NOW).offers) == 5


def test_a_reviewer_may_still_send_an_offered_ticket(place):
    proposal = offered(place)

    ticket = handing.approve(proposal=proposal, by=place.reviewer, at=NOW)

    assert (ticket.status, Proposal.objects.get(pk=proposal.pk).decision) == ("dispatched", "approved")


def test_a_ticket_that_nobody_can_do_is_not_offered(place):
    type(place.worker).objects.update(on_duty=False)

    with pytest.raises(assign.NotEligible):
        offered(place)
    assert not TicketEvent.objects.filter(name="offer").exists()


@pytest.mark.row("DI-01", "DI-02")
def test_a_company_without_an_agreement_for_the_estate_is_not_suggested(place):
    company = Contractor.objects.create(name="宏基建筑", kind="contractor")
    worker(place.estate, name="宏基", role="contractor", employer="contractor", contractor=company)
    ticket = registered(place)
    Ticket.objects.update(covered="yes")

    proposal = proposals.ensure(ticket=ticket, at=NOW)

    assert [each["reason"] for each in proposal.excluded] == ["没有本项目该工种的有效保修协议"]
