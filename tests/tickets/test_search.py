"""The desk's one box (IN-03): tickets by number, phone and words, beside dwellings and public places."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.factories_estates import HouseholdFactory, PublicPlaceFactory
from tests.house import AT, House
from tickets import intake, words
from tickets.models import Status, TicketWords
from tickets.search import search

pytestmark = [pytest.mark.django_db, pytest.mark.row("IN-03")]


@pytest.fixture
def house():
    return House.build("front_desk")


@pytest.fixture(params=["before the words are cut", "after"])
def ticket(house, request):
    made = house.register(description="厨房龙头关不紧，昨晚 WIFI 面板也跳闸", reporter_name="欧阳建国")
    if request.param == "after":
        words.cut_new(now=AT)
    return made


def numbers(house, text: str) -> list[str]:
    return [found.number for found in search(house.people["front_desk"], text).tickets]


def test_a_ticket_is_found_by_number_phone_and_words(house, ticket):
    serial = ticket.number.rsplit("-", 1)[1]
    typed = [
        ticket.number.lower(),
        ticket.number[:-2],
        serial,
        f"260508-{serial}",
        "13800138000",
        "跳闸",
        "龙头 跳闸",
        "厨房龙头",
        "建国",
        "ｗｉｆｉ",
        "龙头漏水",
    ]

    assert [numbers(house, text) for text in typed] == [[ticket.number]] * len(typed)


@pytest.mark.parametrize("text", ["", " ", "渗水", "跳闸 渗水", "99999999", "漏", "%", "\0", "'", "{", "#"])
def test_what_no_ticket_holds_finds_none(house, ticket, text):
    assert numbers(house, text) == []


@pytest.mark.row("OR-01")
def test_tickets_of_foreign_estates_are_not_found(house, ticket):
    stranger = house.person("front_desk", HouseholdFactory().unit.estate, username="stranger")

    found = [search(stranger, text) for text in (ticket.number, "13800138000", "跳闸", "龙头")]

    assert [bool(each) for each in found] == [False] * 4


def test_a_dwelling_brings_its_tickets_and_a_place_its_name(house, ticket):
    unit = house.household.unit
    place = PublicPlaceFactory(building=unit.building, name="地下车库")

    found = search(house.people["front_desk"], unit.label)

    assert ([hit.unit for hit in found.units], found.tickets) == ([unit], [ticket])
    assert search(house.people["front_desk"], "车库").places == [place]


def test_the_newest_come_first_and_the_limit_holds(house):
    made = [house.register(at=AT + timedelta(minutes=n)) for n in range(4)]
    words.cut_new(now=AT)

    found = search(house.people["front_desk"], "滴水", limit=3).tickets

    assert found == made[:0:-1]


def test_words_are_cut_once_and_again_when_a_ticket_is_completed(house):
    ticket = house.register(reporter_phone="", description="听不清")
    assert (words.cut_new(now=AT), words.cut_new(now=AT)) == (1, 0)

    intake.complete(
        ticket=ticket, intake=house.intake(description="阳台渗水"), by=house.actor("front_desk"), at=AT
    )

    assert words.cut_new(now=AT) == 1
    assert numbers(house, "渗水") == [ticket.number]
    assert TicketWords.objects.count() == 1


def test_a_ticket_that_committed_late_is_cut_too(house):
    late, early = house.register(), house.register()
    words.cut([early])

    assert (words.cut_new(now=AT), numbers(house, "滴水")) == (1, [early.number, late.number])


def test_the_box_answers_while_typing(client, house, ticket):
    client.force_login(house.people["front_desk"])

    bar = client.get(reverse("desk_find"), {"q": "跳闸"}).content.decode()
    call = client.get(reverse("intake_units"), {"who": ticket.number}).content.decode()
    nothing = client.get(reverse("desk_find"), {"q": "渗水"}).content.decode()

    assert reverse("ticket", args=[ticket.number]) in bar
    assert reverse("intake_unit", args=[house.household.unit_id]) in call
    assert "没有找到“渗水”" in nothing


def test_a_public_place_is_chosen_from_the_box(client, house):
    place = PublicPlaceFactory(building=house.household.unit.building, name="大堂吊顶")
    ticket = house.register(unit=None, owner=None, place=place)
    client.force_login(house.people["front_desk"])

    page = client.get(reverse("intake_place"), {"place": place.pk, "chosen": "1"}).content.decode()

    assert f'<option value="{place.pk}" selected>' in page
    assert ticket.number in page
    assert ticket.status == Status.REGISTERED
