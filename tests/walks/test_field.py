"""A worker's phone from the push to the second visit, and the people beside it (DI-05, EX-01, EX-11)."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils.timezone import localdate, now
from playwright.sync_api import expect

from demo import pictures
from tests.house import House
from tests.walks.stage import PHONE, Visitor
from tickets import joint
from tickets.models import Status, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def house():
    cache.clear()
    return House.build()


def photo_file(seed: int = 3) -> dict:
    """A photo as the camera gives it."""
    return {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": pictures.photo(seed).read()}


def agree_on_a_window(worker: Visitor, number: str, days: int) -> None:
    """Choose the first free window of a day."""
    day = localdate() + timedelta(days=days)
    worker.page.goto(f"/field/t/{number}/schedule/?day={day:%Y-%m-%d}")
    worker.look("field-schedule")
    worker.page.locator(".segmented label").first.click()
    worker.button("确认时段")
    worker.page.get_by_text("已预约").first.wait_for()


def nobody_opens(worker: Visitor, number: str) -> None:
    """Photograph the closed door in a cellar without a network; it goes out when there is one, once."""
    page = worker.page
    page.goto(f"/field/t/{number}/do/no-access/")
    page.context.set_offline(True)
    page.locator("input[type=file]").first.set_input_files(photo_file())
    page.get_by_label("业主电话").check()
    page.get_by_label("联系情况").fill("按门铃三次无人，电话未接")
    worker.button("上门无人")
    page.get_by_text("已经存在这部手机里").wait_for()
    worker.look("field-offline")
    page.context.set_offline(False)
    page.get_by_text("已记录上门无人").first.wait_for()


@pytest.mark.row("DI-05")
@pytest.mark.row("EX-01")
@pytest.mark.row("EX-11")
def test_a_worker_goes_twice_and_loses_nothing_without_a_network(house, stage):
    ticket = house.ticket_at(Status.DISPATCHED, at=now() - timedelta(minutes=30))
    number = ticket.number
    worker = stage.person("worker", size=PHONE)
    page = worker.page

    page.goto("/inbox/")
    page.get_by_role("button", name=re.compile("新派单")).or_(
        page.get_by_role("link", name=re.compile("新派单"))
    ).first.click()
    page.wait_for_url(f"**/field/t/{number}/")
    worker.look("field-card")
    worker.button("接单")
    page.get_by_text("已接单").first.wait_for()
    agree_on_a_window(worker, number, 1)
    page.goto(f"/field/t/{number}/")
    worker.button("出发")
    page.get_by_text("已通知业主").first.wait_for()
    nobody_opens(worker, number)
    agree_on_a_window(worker, number, 2)
    page.goto(f"/field/t/{number}/do/arrive/")
    page.locator("input[type=file]").first.set_input_files(photo_file(4))
    worker.button("我已到场")
    page.get_by_text("已记录到场").first.wait_for()
    worker.look("field-arrived")

    names = list(ticket.events.order_by("seq").values_list("name", flat=True))
    assert (names.count("no_access"), Ticket.objects.get(pk=ticket.pk).status) == (1, "surveying")
    assert ticket.evidence.filter(stage="refusal").count() == 1
    # The browser complains of the network that we took away.
    complaints = {name: fault for name, fault in stage.faults.items() if "DISCONNECTED" not in str(fault)}
    assert complaints == {}


@pytest.mark.row("DI-06")
@pytest.mark.row("DI-13")
def test_engineer_manager_and_desk_see_what_they_have_to_do(house, stage):
    first = house.ticket_at(Status.CLOSED)
    again = house.register(repeat_of=first, at=now())
    sent = house.ticket_at(Status.ACCEPTED, at=now())
    house.ticket_at(Status.SURVEYING, at=now() - timedelta(days=1))
    house.ticket_at(Status.SURVEYING, at=now() - timedelta(days=2))
    both = {"housekeeper": house.people["housekeeper"], "engineer": house.people["engineer"]}
    visit = joint.plan(
        ticket=again,
        starts_at=now() + timedelta(days=1),
        why="水从楼上还是外墙来",
        by=house.actor("engineer"),
        at=now(),
        **both,
    )
    engineer, manager = stage.person("engineer"), stage.person("manager")
    keeper = stage.person("housekeeper", size=PHONE)
    tomorrow = f"{localdate() + timedelta(days=1):%Y-%m-%d}"
    for person, path, name in (
        (engineer, "/desk/responsibility/", "responsibility-list"),
        (engineer, f"/desk/t/{again.number}/responsibility/", "responsibility"),
        (engineer, f"/desk/joint/{visit.pk}/", "joint"),
        (manager, "/desk/errands/", "errands"),
        (manager, f"/desk/t/{again.number}/errand/manager/", "errand"),
        (manager, f"/dispatch/t/{sent.number}/schedule/?day={tomorrow}", "desk-schedule"),
        (manager, f"/dispatch/t/{sent.number}/card/", "card"),
        (manager, "/dispatch/punctuality/", "punctuality"),
        (manager, "/dispatch/punctuality/visits/", "punctual-visits"),
        (manager, f"/desk/t/{again.number}/", "ticket-again"),
        (keeper, f"/desk/joint/{visit.pk}/", "phone-joint"),
        (keeper, f"/desk/t/{again.number}/responsibility/", "phone-responsibility"),
        (keeper, "/dispatch/punctuality/", "phone-punctuality"),
    ):
        person.page.goto(path)
        person.look(name)
    engineer.page.goto(f"/desk/t/{again.number}/responsibility/")
    engineer.page.get_by_label("施工质量缺陷（保修单位）").check(force=True)
    engineer.page.get_by_label("保修期内").check(force=True)
    engineer.page.get_by_role("textbox", name="依据").fill("接头未拧紧")
    engineer.button("确认责任")

    expect(engineer.page.get_by_text("责任已确认").first).to_be_visible()
    assert again.rulings.get().party == "contractor"
    assert stage.faults == {}
