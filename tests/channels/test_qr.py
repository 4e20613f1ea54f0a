"""Codes on the walls: they say where, and nothing else (IN-01, T05)."""

import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.urls import reverse

from channels import online, owner_report, qr
from channels.qr import Spot
from tests import factories_estates as estates
from tests.channels.owners import told
from tests.house import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def places():
    cache.clear()
    unit = estates.UnitFactory()
    place = estates.PublicPlaceFactory(building=unit.building, name="1号电梯")
    return unit, place


@pytest.mark.row("IN-01")
def test_every_kind_of_place_has_a_code_that_leads_back_to_it(places):
    unit, place = places
    estate, building = unit.estate, unit.building

    found = [qr.find(qr.code_for(row)) for row in (estate, building, unit, place)]

    assert found == [
        Spot(estate=estate),
        Spot(estate=estate, building=building),
        Spot(estate=estate, building=building, unit=unit),
        Spot(estate=estate, building=building, place=place),
    ]


def test_a_code_stays_the_same_when_its_place_is_renamed(places):
    unit, _ = places
    before = qr.code_for(unit)
    unit.room = "9999"
    unit.save()

    assert qr.code_for(unit) == before


def test_a_printed_code_outlives_a_new_secret_key(places, settings):
    unit, _ = places
    code = qr.code_for(unit)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-" * 8

    assert qr.find(code).unit == unit


@pytest.mark.parametrize("forge", ["u{}", "u{}.x", "{}", "b{}", "x"])
def test_nobody_makes_a_code_for_a_place(places, forge):
    unit, _ = places

    assert qr.find(forge.format(unit.pk)) is None


def test_another_dwelling_cannot_borrow_a_signature(places):
    unit, _ = places
    other = estates.UnitFactory(building=unit.building)
    signature = qr.code_for(unit).partition(".")[2]

    assert qr.find(f"u{other.pk}.{signature}") is None


def test_the_picture_is_an_image_inside_the_page(places):
    assert qr.picture(places[0]).startswith("data:image/svg+xml")


def test_wrong_codes_are_slowed_down(client, places):
    statuses = [client.get(reverse("owner_scan", args=["u1.x"])).status_code for _ in range(21)]

    assert statuses == [404] * 20 + [429]


def test_a_scan_shows_the_place_and_nothing_of_who_lives_there(client):
    household = estates.HouseholdFactory()

    page = client.get(reverse("owner_scan", args=[qr.code_for(household.unit)]), follow=True)

    text = page.content.decode()
    assert (household.unit.room in text, household.owner.name in text) == (True, False)
    assert household.owner.phone not in text


# -- printing ------------------------------------------------------------------


def test_staff_print_the_codes_of_a_building_and_only_of_their_estates(client, house):
    unit = house.household.unit
    estates.UnitFactory(building=unit.building, room="1999", label="x-1999")
    client.force_login(house.people["clerk"])
    far = estates.UnitFactory()

    def sheet(estate, building):
        return client.get(
            reverse("desk_qr"), {"estate": estate.pk, "kind": "units", "building": building.pk}
        ).content.decode()

    own, foreign = sheet(unit.estate, unit.building), sheet(far.estate, far.building)

    assert [len(re.findall(r"data:image/svg", page)) for page in (own, foreign)] == [2, 0]


def test_doors_need_a_building(client, house):
    client.force_login(house.people["clerk"])

    page = client.get(reverse("desk_qr"), {"estate": house.estate.pk, "kind": "units"})

    assert list(page.context["form"].errors["building"]) == ["请选择楼栋。"]


@pytest.mark.row("IN-01")
def test_the_admin_s_page_of_a_place_leads_to_its_code_and_shows_no_token(client, house):
    place = estates.PublicPlaceFactory(building=house.household.unit.building, name="2号电梯")
    client.force_login(house.people["manager"])
    page = client.get(reverse("admin:estates_publicplace_change", args=[place.pk])).content.decode()
    href = unescape(re.search(r'href="([^"]*)">打印报修二维码', page)[1])

    sheet = client.get(href)

    assert [row for row, _ in sheet.context["cards"]] == [place]
    assert (place.token in page, place.token in sheet.content.decode()) == (False, False)


# -- confirming what came in ---------------------------------------------------


@pytest.mark.row("IN-13")
def test_the_desk_confirms_an_online_report_once_and_the_owner_reads_it(client, house, signed_in):
    ticket = house.register(channel="owner_h5")
    house.register()
    client.force_login(house.people["front_desk"])
    url = reverse("desk_acknowledge", args=[ticket.number])
    listed = [row.number for row, _ in client.get(reverse("desk_online")).context["rows"]]
    marker = client.get(reverse("desk_home")).context["online"]

    statuses = [client.post(url, {"form_key": str(uuid4())}).status_code for _ in range(2)]

    left = client.get(reverse("desk_online")).context["rows"]
    assert (listed, marker, statuses, left) == ([ticket.number], 1, [303, 409], [])
    client.logout()
    page = signed_in().get(reverse("owner_ticket", args=[ticket.number])).content.decode()
    assert "客服已确认收到" in page


@pytest.mark.row("IN-13")
def test_the_ticket_s_own_page_confirms_it_and_shows_the_clock_stopped(client, house):
    online_one, called = house.register(channel="owner_h5"), house.register()
    client.force_login(house.people["front_desk"])
    page = reverse("ticket", args=[online_one.number])
    url = reverse("desk_acknowledge", args=[online_one.number])
    asked = client.get(page).content.decode()

    answer = client.post(url, {"form_key": str(uuid4()), "from": "ticket"})

    assert (url in asked, answer.url, url in client.get(page).content.decode()) == (True, page, False)
    other = reverse("desk_acknowledge", args=[called.number])
    assert other not in client.get(reverse("ticket", args=[called.number])).content.decode()
    assert online_one.clocks.get(kind="acknowledge").stopped_at is not None


@pytest.mark.row("IN-13")
def test_an_online_report_that_waits_too_long_is_marked(client, house):
    house.register(channel="owner_h5")
    client.force_login(house.people["front_desk"])

    assert "已超时" in client.get(reverse("desk_online")).content.decode()


@pytest.mark.row("IN-13")
def test_an_online_report_has_a_quarter_of_an_hour_until_somebody_confirms_it(house):
    ticket = owner_report.submit(told(house), at=AT)
    called = house.register()
    clock = ticket.clocks.get(kind="acknowledge")

    online.acknowledge(ticket=ticket, by=house.actor("front_desk"), at=AT + timedelta(minutes=9))

    stopped = ticket.clocks.get(kind="acknowledge").stopped_at
    assert (clock.due_at - AT, clock.stopped_at, stopped - AT) == (
        timedelta(minutes=15),
        None,
        timedelta(minutes=9),
    )
    assert called.clocks.filter(kind="acknowledge").count() == 0


def test_who_is_not_in_the_book_is_marked_in_the_list(client, house, signed_in):
    owner_report.submit(told(house, phone="13912345678"), at=AT)
    client.force_login(house.people["front_desk"])

    page = client.get(reverse("desk_online")).content.decode()

    assert "身份待核实" in page
