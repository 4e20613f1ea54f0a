"""The desk's call by keyboard alone, and a draft that outlives session, network and browser (IN-03)."""

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache

from tests.house import House
from tests.walks.stage import DESK, Stage, Visitor
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def house():
    cache.clear()
    return House.build("front_desk")


class Keyboard:
    """Counts what a person does: a text, a choice, a command; moving to the next field is no input."""

    def __init__(self, desk: Visitor):
        self.keys, self.inputs = desk.page.keyboard, 0

    def text(self, words: str) -> None:
        self.inputs += 1
        self.keys.type(words)

    def press(self, key: str) -> None:
        self.inputs += 1
        self.keys.press(key)


def find_the_dwelling(desk: Visitor) -> None:
    """By the phone number; Enter waits for the list of what stands in the box."""
    desk.page.goto("/desk/")
    desk.page.keyboard.press("n")
    desk.page.wait_for_url("**/desk/intake/")
    desk.page.keyboard.type("13800138000")
    desk.page.keyboard.press("Enter")
    desk.page.locator("#where strong").wait_for()


@pytest.mark.row("IN-03")
def test_a_common_fault_is_saved_in_five_inputs(house, stage: Stage):
    desk = stage.person("front_desk")
    find_the_dwelling(desk)
    hands = Keyboard(desk)

    hands.text("漏水")
    hands.press("Enter")
    desk.page.locator("#fault-chosen strong").wait_for()
    desk.page.wait_for_function("document.activeElement.id == 'id_description'")
    hands.text("厨房龙头关不紧，一直滴水")
    hands.keys.press("Tab")
    hands.press("1")
    hands.press("Control+Enter")
    desk.page.wait_for_url("**/desk/t/*/")

    ticket = Ticket.objects.select_related("report").get()
    assert (hands.inputs, ticket.status, ticket.unit, ticket.wanted) == (
        5,
        "registered",
        house.household.unit,
        "尽快",
    )
    assert ticket.report.saved_at > ticket.report.started_at
    assert stage.faults == {}


@pytest.mark.row("IN-03")
def test_what_is_typed_before_the_scripts_have_come_is_looked_for(house, stage: Stage):
    desk = stage.person("front_desk")
    held = []
    desk.page.route("**/js/app*.js", lambda route: held.append(route))
    desk.page.goto("/desk/intake/", wait_until="commit")
    desk.page.locator("#who").wait_for()

    desk.page.locator("#who").press_sequentially("13800138000")
    desk.page.keyboard.press("Enter")
    held[0].continue_()

    desk.page.locator("#where strong").wait_for()
    assert stage.faults == {}


def take_down(desk: Visitor) -> None:
    """A call, as far as the words."""
    find_the_dwelling(desk)
    page = desk.page
    page.keyboard.type("漏水")
    page.keyboard.press("Enter")
    page.locator("#fault-chosen strong").wait_for()
    page.get_by_label("故障描述").fill("厨房龙头关不紧")
    page.get_by_label("期望时间").select_option("尽快")
    page.wait_for_timeout(600)


def go_on(desk: Visitor) -> dict[str, str]:
    """Take up the draft that is offered; what the form holds then."""
    page = desk.page
    page.get_by_role("button", name="继续填写").click()
    page.wait_for_url("**draft=1*")
    page.locator("#fault-chosen strong").wait_for()
    names = ["unit", "fault", "reporter_name", "description", "wanted"]
    return {name: page.locator(f"#intake-form [name={name}]").input_value() for name in names}


@pytest.mark.row("IN-03")
def test_a_draft_outlives_session_network_and_browser(house, stage: Stage):
    whole = {
        "unit": str(house.household.unit_id),
        "fault": str(house.fault.pk),
        "reporter_name": "张伟",
        "description": "厨房龙头关不紧",
        "wanted": "尽快",
    }
    desk = stage.person("front_desk")
    take_down(desk)

    # The session ends; saving leads to the login page and back.
    Session.objects.all().delete()
    cache.clear()
    desk.page.keyboard.press("Control+Enter")
    desk.page.wait_for_url("**/login/**")
    desk.sign_in("front_desk")
    desk.page.goto("/desk/intake/")
    assert go_on(desk) == whole

    # The network drops in the moment of saving.
    desk.page.context.set_offline(True)
    desk.page.get_by_label("故障描述").press("Control+Enter")
    desk.page.wait_for_timeout(500)
    desk.page.context.set_offline(False)
    desk.page.goto("/desk/intake/")
    assert go_on(desk) == whole

    # The browser is closed and started again on the next morning.
    kept = desk.page.context.storage_state()
    desk.page.context.close()
    context = stage.browser.new_context(
        base_url=stage.address,
        locale="zh-CN",
        storage_state=kept,
        viewport={"width": DESK[0], "height": DESK[1]},
    )
    again = Visitor(stage, context.new_page())
    again.page.goto("/desk/intake/")
    assert go_on(again) == whole
    again.page.get_by_label("故障描述").press("Control+Enter")
    again.page.wait_for_url("**/desk/t/*/")

    # Sent is sent: nothing is offered to the next caller.
    again.page.goto("/desk/intake/")
    assert again.page.locator("[data-draft-offer]").is_hidden()
    assert [ticket.description for ticket in Ticket.objects.all()] == ["厨房龙头关不紧"]


def test_after_the_back_button_the_same_call_makes_no_second_ticket(house, stage: Stage):
    page = stage.person("front_desk").page
    page.goto(f"/desk/intake/?unit={house.household.unit_id}")
    page.locator("[name=description]").fill("说不清是哪里漏")
    page.get_by_role("button", name="先存为待补充").click()
    page.wait_for_url("**/desk/t/*/")

    page.go_back()
    page.locator("[name=description]").fill("说不清是哪里漏")
    page.get_by_role("button", name="先存为待补充").click()

    page.get_by_role("heading", name="这张表单已经提交过").wait_for()
    page.get_by_role("link", name="查看提交过的").click()
    page.wait_for_url(f"**/desk/t/{Ticket.objects.get().number}/")
