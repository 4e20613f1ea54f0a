"""The second report of one public place and fault follows the first, and hears how it goes on."""

from uuid import uuid4

import pytest
from django.urls import reverse

from notices.models import Message
from tests.factories_estates import PublicPlaceFactory
from tests.house import AT, House
from tickets import following, workflow
from tickets.models import Report, Status, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("IN-18")]
PHONE = "13900139000"


@pytest.fixture
def house():
    return House.build()


@pytest.fixture
def place(house):
    return PublicPlaceFactory(building=house.household.unit.building, name="大堂")


def report(house: House, place, **changes) -> Ticket:
    said = {"unit": None, "owner": None, "place": place, "reporter_phone": "13700137000"}
    return house.register(**said | changes)


def follow(house: House, ticket: Ticket, phone: str = PHONE):
    caller = following.Caller(phone=phone, name="李娜", note="地上积水")
    return following.follow(ticket=ticket, caller=caller, by=house.actor("front_desk"), at=AT)


def test_open_tickets_of_the_place_and_component_are_offered(house, place):
    desk = house.people["front_desk"]
    ticket = report(house, place)
    over = report(house, place)
    workflow.step(ticket=over, name="cancel", by=house.actor("dispatcher"), at=AT, reason="误报")

    offered = [
        following.suggestions(desk, place, None),
        following.suggestions(desk, place, house.fault),
        following.suggestions(desk, house.household.unit, house.fault),
        following.suggestions(desk, house.household.unit, None),
    ]

    assert offered == [[ticket], [ticket], [ticket], []]


def test_a_phone_follows_once_and_is_counted(house, place):
    ticket = report(house, place)

    rows = [follow(house, ticket), follow(house, ticket), follow(house, ticket, "13900139001")]

    stored = Ticket.objects.get(pk=ticket.pk)
    assert rows[0] == rows[1]
    assert (stored.follower_count, stored.events.filter(name="follow").count()) == (2, 2)
    with pytest.raises(following.IsReporter):
        follow(house, ticket, "13700137000")


def test_followers_hear_of_progress_and_of_the_end(house, place):
    journey = house.journey(unit=None, owner=None, place=place)
    follow(house, journey.ticket)

    journey.to(Status.CLOSED)

    heard = Message.objects.filter(template="N22").order_by("pk")
    said = [message.body.rpartition("）")[2] for message in heard]
    assert {message.address for message in heard} == {PHONE}
    assert said == ["已安排师傅处理。", "师傅已到场。", "已修好并通过验收。", "已办结，感谢关注。"]


def test_one_press_on_the_call_page_follows_instead_of_reporting(client, house, place):
    ticket = report(house, place)
    client.force_login(house.people["front_desk"])
    reports = Report.objects.count()
    url = reverse("ticket_follow", args=[ticket.number])

    beside = client.get(
        reverse("intake_related"), {"place": place.pk, "fault": house.fault.pk}
    ).content.decode()
    form = {"form_key": str(uuid4()), "reporter_name": "李娜", "reporter_phone": PHONE, "channel": "phone"}
    missing = client.post(url, form | {"reporter_phone": ""})
    done = client.post(url, form, follow=True)

    assert url in beside
    assert missing.context["form"].errors["reporter_phone"] == ["请填写联系电话。"]
    assert ("1人跟进" in done.content.decode(), Report.objects.count()) == (True, reports)
