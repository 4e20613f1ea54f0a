"""The call-back task of what waits in 待补充 (IN-04)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import now

from tests.factories_estates import EstateFactory
from tests.house import AT, House
from tickets import callbacks, intake, workflow
from tickets.levels import Danger
from tickets.models import Status

pytestmark = [pytest.mark.django_db, pytest.mark.row("IN-04")]


@pytest.fixture
def house():
    return House.build()


def due(house, **more) -> list[tuple]:
    calls = callbacks.due_calls(house.people["front_desk"], **{"now": AT} | more)
    return [(call.ticket.number, call.due - AT, call.overdue, call.tries, call.ask) for call in calls]


def test_what_is_missing_is_asked_within_half_an_hour_or_ten_minutes(house):
    usual = house.register(reporter_phone="")
    urgent = house.register(wanted="", dangers=(Danger.PERSON_AT_RISK,))

    assert due(house) == [
        (urgent.number, timedelta(minutes=10), False, 0, "期望时间"),
        (usual.number, timedelta(minutes=30), False, 0, "联系电话"),
    ]


def test_a_call_that_was_not_made_in_time_is_overdue(house):
    house.register(reporter_phone="")

    assert [call[2] for call in due(house, now=AT + timedelta(minutes=31))] == [True]


def test_a_call_in_vain_is_due_again_an_hour_later(house):
    ticket = house.register(reporter_phone="")
    tried = AT + timedelta(minutes=20)

    callbacks.unreached(ticket=ticket, by=house.actor("front_desk"), at=tried)

    assert due(house) == [(ticket.number, timedelta(minutes=80), False, 1, "联系电话")]


def test_completing_the_ticket_is_the_end_of_the_task(house):
    ticket = house.register(reporter_phone="")

    intake.complete(ticket=ticket, intake=house.intake(), by=house.actor("front_desk"), at=AT)

    assert due(house) == []
    ticket = workflow.lock(ticket)
    assert callbacks.call_of(ticket, now=AT) is None
    with pytest.raises(workflow.StepTaken):
        callbacks.unreached(ticket=ticket, by=house.actor("front_desk"), at=AT)


def test_what_the_reviewer_sends_back_is_asked_with_the_reviewers_words(house):
    ticket = house.register()
    later = AT + timedelta(hours=3)

    workflow.step(
        ticket=ticket,
        name="return_for_information",
        by=house.actor("dispatcher"),
        at=later,
        reason="哪个龙头？",
    )

    assert due(house) == [(ticket.number, timedelta(hours=3, minutes=30), False, 0, "哪个龙头？")]
    (call,) = callbacks.due_calls(house.people["front_desk"], now=later)
    assert "缺" not in render_to_string("tickets/_call_due.html", {"call": call})


def test_calls_of_other_estates_are_not_shown(house):
    house.register(reporter_phone="")
    stranger = house.person("front_desk", EstateFactory(), username="stranger")

    assert callbacks.due_calls(stranger, now=AT) == []


def test_the_first_page_lists_the_calls_and_the_form_says_what_to_ask(client, house):
    ticket = house.register(at=now() - timedelta(minutes=45), wanted="")
    client.force_login(house.people["front_desk"])

    home = client.get(reverse("desk_home")).content.decode()
    form = client.get(reverse("ticket_complete", args=[ticket.number])).content.decode()

    assert [words in home for words in (ticket.number, "138****8000", "缺期望时间", "已超时")] == [True] * 4
    assert [words in form for words in ("tel:13800138000", "要问清：期望时间", "回电已超时")] == [True] * 3


def test_nobody_answered_is_one_button(client, house):
    ticket = house.ticket_at(Status.INCOMPLETE)
    client.force_login(house.people["front_desk"])
    form = {"form_key": str(uuid4())}

    answers = [client.post(reverse("ticket_unreached", args=[ticket.number]), form) for _ in range(2)]

    assert [(each.status_code, each.url) for each in answers] == [(303, reverse("desk_home"))] * 2
    assert ticket.events.filter(name="call_back_unreached").count() == 1
