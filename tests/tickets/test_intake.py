"""Taking a report: what is stored at once, what waits, and what goes out."""

from datetime import timedelta

import pytest

from estates.models import CareFlag
from notices.models import Message
from tests.house import AT, House
from tickets import intake
from tickets.models import Clock, Status, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return House.build("front_desk", "dispatcher")


@pytest.mark.row("IN-03")
def test_the_stopwatch_of_the_call_is_stored(house):
    report = house.register().report

    assert report.saved_at - report.started_at == timedelta(minutes=2)


@pytest.mark.row("IN-01")
def test_channel_and_port_are_stored(house):
    report = house.register(channel="letter", port="call_centre").report

    assert (report.channel, report.port) == ("letter", "call_centre")


@pytest.mark.row("IN-04")
def test_an_incomplete_call_waits_without_clocks(house):
    ticket = house.register(reporter_phone="", wanted="")

    event = ticket.events.get()
    assert (ticket.status, event.name, event.payload["missing"]) == (
        "incomplete",
        "save_incomplete",
        ["联系电话", "期望时间"],
    )
    assert list(Clock.objects.filter(ticket=ticket, stopped_at__isnull=True)) == []


@pytest.mark.row("IN-04")
def test_the_clocks_start_when_the_missing_is_known(house):
    ticket = house.register(reporter_phone="")
    later = AT + timedelta(minutes=30)

    intake.complete(ticket=ticket, intake=house.intake(), by=house.actor("front_desk"), at=later)

    ticket = Ticket.objects.get(pk=ticket.pk)
    running = Clock.objects.filter(ticket=ticket, stopped_at__isnull=True)
    started = set(running.values_list("started_at", flat=True))
    assert (ticket.status, ticket.reporter_phone, started) == (Status.REGISTERED, "13800138000", {later})


@pytest.mark.row("IN-04")
def test_completing_with_something_missing_is_refused(house):
    ticket = house.register(reporter_phone="")

    with pytest.raises(ValueError, match="期望时间"):
        intake.complete(ticket=ticket, intake=house.intake(wanted=""), by=house.actor("front_desk"), at=AT)


@pytest.mark.row("IN-09")
def test_a_care_flag_raises_the_level(house):
    CareFlag.objects.create(owner=house.household.owner, kind="elderly_alone")

    ticket = house.register()

    assert (ticket.level, ticket.level_reason) == (1, "故障分类默认2级；高龄独居，升一级")


@pytest.mark.row("WA-01")
@pytest.mark.row("WA-02")
def test_the_ticket_keeps_the_verdict_it_was_accepted_under(house):
    ticket = house.register()

    assert (ticket.phase, ticket.covered) == (ticket.verdict["phase"], ticket.verdict["covered"])
    assert ticket.verdict["reported_on"] == "2026-05-08"


@pytest.mark.row("SL-02")
def test_the_ticket_keeps_the_policy_version(house):
    assert str(house.register().policy) == "P-DEFAULT 第1版"


@pytest.mark.row("OR-03")
def test_the_owner_is_told_number_promise_and_link_in_the_same_transaction(house):
    ticket = house.register()

    message = Message.objects.get(ticket=ticket, template="N01")
    assert (message.channel, message.address, message.state) == ("sms", "13800138000", "new")
    assert [word in message.body for word in (ticket.number, "5月8日 10:00前", "/o/s/")] == [True] * 3


@pytest.mark.row("IN-10")
def test_one_report_with_two_faults_gives_two_tickets(house):
    first = house.register()

    second = intake.add_to_report(
        report=first.report,
        intake=house.intake(description="门也关不上"),
        by=house.actor("front_desk"),
        at=AT,
    )

    assert (second.report_id, second.number == first.number) == (first.report_id, False)
