"""A round in a cellar without a network: what was seen waits in the phone and goes out once (IN-06)."""

import pytest
from django.urls import reverse

from demo import pictures
from tests.factories_estates import PublicPlaceFactory
from tests.walks.stage import PHONE, open_stage
from tickets.models import Evidence, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.row("IN-06")]


@pytest.fixture
def walker(house, live_server, browser):
    with open_stage(live_server.url, browser) as stage:
        yield stage.person("housekeeper", size=PHONE)


def test_a_round_without_a_network_is_reported_once_and_not_again_by_the_back_button(walker, house):
    place, page = PublicPlaceFactory(building=house.household.unit.building, name="水泵房"), walker.page
    page.goto(f"{reverse('patrol_new')}")
    photo = {"name": "水泵.jpg", "mimeType": "image/jpeg", "buffer": pictures.photo(3).read()}
    page.set_input_files("input[type=file]", photo)
    page.get_by_label("公共部位").fill("水泵房")
    page.get_by_text(place.name).first.click()
    page.get_by_label("什么问题").fill("水泵漏水，地上有积水")

    page.context.set_offline(True)
    walker.button("上报")
    page.get_by_text("上报的内容已经存在这部手机里").wait_for()
    before = Ticket.objects.count()
    page.context.set_offline(False)
    page.wait_for_url("**/patrol/mine/")
    page.go_back()
    page.get_by_label("什么问题").wait_for()
    walker.button("上报")
    page.get_by_text("这张表单已经提交过").or_(page.get_by_text("我上报的")).first.wait_for()

    ticket = Ticket.objects.get()
    assert (before, ticket.place, Evidence.objects.get(ticket=ticket).kind) == (0, place, "photo")
    faults = {name: text for name, text in walker.stage.faults.items() if "ERR_INTERNET" not in str(text)}
    assert faults == {}
