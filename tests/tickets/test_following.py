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


def test_whoever_completes_a_ticket_is_not_offered_that_ticket(client, house, place):
    first, second = report(house, place), report(house, place)
    client.force_login(house.people["front_desk"])

    page = client.get(reverse("intake_related"), {"place": place.pk, "completing": second.pk})

    assert page.context["follow"] == [first]


@pytest.mark.row("OR-03")
def test_whoever_reported_a_public_place_is_not_asked_to_wait_there(house, place):
    house.journey(unit=None, owner=None, place=place).to(Status.SURVEYING)

    codes = Message.objects.filter(template__in=["N02", "N03", "N37", "N38"]).order_by("pk")
    told = dict(codes.values_list("template", "body"))
    assert sorted(told) == ["N37", "N38"]
    assert [word for word in ("在家", "工牌", "上门") if word in "".join(told.values())] == []


def merge(house: House, ticket: Ticket, into: Ticket) -> Ticket:
    by = house.actor("clerk")
    return following.merge(ticket=ticket, into=into, by=by, at=AT, reason="同一处")


@pytest.mark.row("IN-08", "IN-18")
def test_who_reported_and_followed_a_merged_ticket_follows_the_other(house, place):
    first = report(house, place, reporter_phone="13700137001")
    second = report(house, place, reporter_name="赵敏")
    follow(house, second)

    merged = merge(house, second, first)

    rows = Ticket.objects.get(pk=first.pk).followers.values_list("name", "phone", "note")
    note = f"由 {second.number} 合并而来"
    assert (merged.merged_into_id, merged.status) == (first.pk, "merged")
    assert list(rows) == [("赵敏", "13700137000", note), ("李娜", PHONE, note)]
    assert merged.events.get(name="merge").payload == {"into": first.number}


def test_after_a_merger_its_reporter_hears_how_the_other_ticket_goes_on(house, place):
    journey = house.journey(unit=None, owner=None, place=place, reporter_phone="13700137001")
    merge(house, report(house, place), journey.ticket)

    journey.to(Status.DISPATCHED)

    [heard] = Message.objects.filter(template="N22")
    assert (heard.address, heard.body.endswith("已安排师傅处理。")) == ("13700137000", True)


def test_a_merger_makes_nobody_follow_their_own_ticket_or_one_that_is_done(house, place):
    own, twice = report(house, place), report(house, place)
    done = house.journey(unit=None, owner=None, place=place, reporter_phone="13700137001").to(
        Status.COMPLETED
    )

    merge(house, twice, own)
    merge(house, own, done)

    followed = [Ticket.objects.get(pk=each.pk).follower_count for each in (own, done)]
    assert followed == [0, 0]


def test_a_follower_of_a_dwelling_reads_no_room_number(house):
    journey = house.journey()
    follow(house, journey.ticket)

    journey.to(Status.DISPATCHED)

    [heard] = Message.objects.filter(template="N22")
    unit = house.household.unit
    assert f"{unit.building.name}“" in heard.body
