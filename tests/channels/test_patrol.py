"""What a round finds becomes a ticket with its photo (IN-06)."""

import pytest
from django.test import Client

from channels import qr
from knowledge import presets as faults
from tests.factories_estates import PublicPlaceFactory
from tests.factories_files import picture, upload
from tests.house import House
from tickets.models import Channel, Evidence, Port, Status, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("IN-06")]


@pytest.fixture
def house() -> House:
    return House.build("housekeeper", "dispatcher", "engineer")


@pytest.fixture
def lift(house):
    return PublicPlaceFactory(building=house.household.unit.building, name="1号电梯")


def form(place, **changes):
    facts = {"where": f"p{place.pk}", "description": "轿厢门关不上", "photos": [upload(picture())]}
    return facts | {"form_key": "0b6c1d0e-0000-4000-8000-000000000001"} | changes


def test_a_worker_reports_a_public_place_with_a_photo(house, lift, client):
    client.force_login(house.worker.user)

    answer = client.post("/patrol/", form(lift, fault=house.fault.pk, dangers=["person_at_risk"]))

    ticket = Ticket.objects.get()
    assert (answer.status_code, answer.url) == (303, "/patrol/mine/")
    assert (ticket.place, ticket.status, ticket.level) == (lift, Status.REGISTERED, 1)
    assert (ticket.report.channel, ticket.report.port) == (Channel.PATROL, Port.REPAIR)
    assert [event.name for event in ticket.events.order_by("seq")] == ["register", "add_evidence"]
    assert Evidence.objects.get().ticket == ticket
    assert client.get("/patrol/mine/").content.decode().count(f'"ticket-no">{ticket.number}<') == 1


def test_a_housekeeper_reports_for_the_property_and_the_desk_finds_the_fault(house, lift, client):
    client.force_login(house.people["housekeeper"])

    client.post("/patrol/", form(lift))

    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.report.port) == (Status.INCOMPLETE, Port.PROPERTY)
    assert ticket.events.order_by("seq")[0].payload["missing"] == ["故障分类"]


def test_sent_twice_it_is_one_ticket(house, lift, client):
    client.force_login(house.worker.user)

    answers = [client.post("/patrol/", form(lift)).status_code for _ in range(2)]

    assert (answers, Ticket.objects.count(), Evidence.objects.count()) == ([303, 303], 1, 1)


def test_one_answer_to_what_was_typed_needs_no_tap(house, lift, client):
    PublicPlaceFactory(building=lift.building, name="大堂")
    client.force_login(house.worker.user)

    client.post("/patrol/", form(lift, where="", q=f"{lift.building.name}电梯"))

    assert Ticket.objects.get().place == lift


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"where": ""}, "请选择位置"),
        ({"where": "p999999"}, "请选择位置"),
        ({"description": ""}, "请填写问题。"),
        ({"photos": []}, "请至少添加一张照片。"),
    ],
)
def test_what_is_missing_is_named_and_the_rest_stays(house, lift, client, changes, words):
    client.force_login(house.worker.user)

    answer = client.post("/patrol/", form(lift, **{"q": "不存在"} | changes))

    page = answer.content.decode()
    assert (answer.status_code, page.count(words), Ticket.objects.count()) == (422, 1, 0)


def test_a_place_of_another_estate_cannot_be_named(house, client):
    far = PublicPlaceFactory()
    client.force_login(house.worker.user)

    assert client.post("/patrol/", form(far)).status_code == 422
    page = client.get("/patrol/places/", {"q": far.name}).content.decode()
    assert page.count('name="where"') == 0


def test_places_are_found_by_building_and_name(house, lift, client):
    PublicPlaceFactory(building=lift.building, name="大堂")
    client.force_login(house.worker.user)

    page = client.get("/patrol/places/", {"q": f"{lift.building.name}电梯"}).content.decode()

    assert (page.count('name="where"'), page.count("1号电梯")) == (1, 1)


def test_the_code_of_a_place_leads_staff_to_its_form(house, lift):
    client = Client()
    client.force_login(house.worker.user)

    page = client.get(qr.address(lift).removeprefix("http://localhost:8000"), follow=True)

    assert page.redirect_chain == [("/patrol/", 302)]
    assert page.content.decode().count(f'value="p{lift.pk}" checked') == 1


def test_words_bring_faults_to_tap(house, client):
    client.force_login(house.worker.user)

    page = client.get("/patrol/faults/", {"description": "水池那里漏水"}).content.decode()

    assert (page.count(f'value="{house.fault.pk}"'), page.count("由前台归类")) == (1, 1)


def test_what_others_found_is_not_mine(house, lift, client):
    client.force_login(house.worker.user)
    client.post("/patrol/", form(lift))
    client.force_login(house.people["housekeeper"])

    assert client.get("/patrol/mine/").content.decode().count("ticket-no") == 0


def test_at_a_lift_the_door_that_does_not_close_is_the_lift_s(house, lift, client):
    faults.load()
    client.force_login(house.people["housekeeper"])
    asked = {"description": "门关不上", "where": f"p{lift.pk}"}

    first = [
        client.get("/patrol/faults/", about).context["faults"][0].code
        for about in (asked, {**asked, "where": ""})
    ]

    assert first == ["LI02", "DW03"]
