"""A ticket that ends early: whoever reported it is told once, unless they took it back themselves."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from notices.models import Message
from tests.factories_estates import PublicPlaceFactory
from tests.house import AT, House
from tickets import workflow
from tickets.models import Channel, Kind, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("OR-03")]
LATER = AT + timedelta(minutes=5)
PHONE = "13800138000"


@pytest.fixture
def house():
    return House.build("front_desk", "dispatcher", "manager")


def end(house: House, name: str, ticket: Ticket, reason: str = "物业公共区域，由物业处理", **more) -> Ticket:
    return workflow.step(ticket=ticket, name=name, by=house.actor("manager"), at=LATER, reason=reason, **more)


def told(template: str) -> list[tuple[str, str]]:
    return list(Message.objects.filter(template=template).values_list("address", "body"))


def test_a_reporter_hears_that_it_was_cancelled_and_why(house):
    ticket = house.register()

    end(house, "cancel", ticket, "经核实不属于维修范围")

    [(address, body)] = told("N34")
    assert address == PHONE
    assert (ticket.number in body, "已取消" in body, "经核实不属于维修范围" in body) == (True, True, True)


def test_a_reporter_hears_into_which_ticket_it_was_merged(house):
    first, second = house.register(), house.register()

    end(house, "merge", second, "同一处漏水", into=first, payload={"into": first.number})

    [(address, body)] = told("N35")
    assert (address, second.number in body, first.number in body) == (PHONE, True, True)


def test_a_reporter_hears_that_somebody_else_takes_it_on(house):
    ticket = house.register()

    end(house, "transfer", ticket, "燃气表前由燃气公司负责")

    [(address, body)] = told("N36")
    assert (address, ticket.number in body, "燃气公司" in body) == (PHONE, True, True)


def test_what_the_owner_took_back_is_not_told_to_the_owner(house):
    ticket = house.register()

    end(house, "cancel", ticket, "业主自己修好了", payload={"withdrawn": True})

    assert (told("N34"), ticket.events.get(name="cancel").payload) == ([], {"withdrawn": True})


def test_it_is_told_once(house):
    ticket = house.register()
    end(house, "cancel", ticket)

    with pytest.raises(workflow.StepTaken):
        end(house, "cancel", ticket)

    assert len(told("N34")) == 1


def test_what_a_round_found_or_a_landline_reported_is_told_to_nobody(house):
    place = PublicPlaceFactory(building=house.household.unit.building, name="大堂")
    found = house.register(unit=None, owner=None, place=place, reporter_phone="", channel=Channel.PATROL)
    called = house.register(reporter_phone="01088886666")

    end(house, "cancel", found)
    end(house, "cancel", called)

    assert told("N34") == []


def test_a_complaint_is_called_a_complaint(house):
    ticket = house.register(kind=Kind.SUGGESTION, fault=None)

    end(house, "cancel", ticket)

    [(_, body)] = told("N34")
    assert ("建议" in body, "报修" in body) == (True, False)


def test_the_desk_says_that_the_owner_took_it_back(client, house):
    client.force_login(house.people["manager"])
    tickets = [house.register(), house.register()]
    answers = [{}, {"withdrawn": "on"}]

    for ticket, answer in zip(tickets, answers, strict=True):
        url = reverse("ticket_step", args=[ticket.number, "cancel"])
        assert "业主自己要求取消" in client.get(url).content.decode()
        client.post(url, {"form_key": str(uuid4()), "reason": "不用修了"} | answer)

    texts = [body for _, body in told("N34")]
    assert [ticket.number in text for ticket, text in zip(tickets[:1], texts, strict=True)] == [True]
    assert [each.events.get(name="cancel").payload for each in tickets] == [{}, {"withdrawn": True}]
