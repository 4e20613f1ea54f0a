"""One leak told by a call, a phone, a machine and a second call: one number (IN-07, IN-18)."""

import re

import pytest
from django.core.cache import cache
from django.urls import reverse

from channels import qr
from knowledge.models import FaultCategory
from notices import presets as templates
from notices.models import Message
from tests.factories_devices import device_of, post
from tests.factories_estates import PublicPlaceFactory
from tests.house import House
from tests.walks.stage import PHONE, Stage, Visitor
from tickets.models import Follower, Report, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OWNER, SECOND = "13912345678", "13700137000"


@pytest.fixture
def house():
    cache.clear()
    templates.load()
    made = House.build("front_desk")
    FaultCategory.objects.filter(pk=made.fault.pk).update(
        area="公共走廊", component="顶板", fault="走廊顶板渗水", place="any"
    )
    return made


@pytest.fixture
def place(house):
    return PublicPlaceFactory(building=house.household.unit.building, name="二层走廊")


def begin_call(desk: Visitor, place, phone: str) -> None:
    """The caller's place, fault and phone; what was reported there shows up beside the form."""
    page = desk.page
    page.goto(f"{reverse('desk_intake')}?place={place.pk}")
    page.get_by_label("什么问题").fill("漏水")
    page.locator("#fault-hits .hit").first.click()
    page.locator("#fault-chosen strong").wait_for()
    page.locator("#intake-form [name=reporter_name]").fill("李娜")
    page.locator("#intake-form [name=reporter_phone]").fill(phone)
    page.get_by_label("故障描述").fill("楼上漏水，走廊顶板一直滴水")


def call_about(desk: Visitor, place) -> str:
    """The neighbour's call, registered; its number."""
    begin_call(desk, place, "13800138000")
    desk.page.get_by_label("期望时间").select_option("尽快")
    desk.page.get_by_label("故障描述").press("Control+Enter")
    desk.page.wait_for_url("**/desk/t/*/")
    return desk.page.url.rstrip("/").rpartition("/")[2]


def scan(owner: Visitor, place) -> None:
    """The code on the wall, and the phone proved by a code."""
    page = owner.page
    page.goto(reverse("owner_scan", args=[qr.code_for(place)]))
    page.get_by_label("手机号").fill(OWNER)
    owner.button("获取验证码")
    page.get_by_label("短信验证码").wait_for()
    body = Message.objects.get(template="N18").body
    page.get_by_label("短信验证码").fill(re.search(r"\d{6}", body)[0])
    owner.button("登录")
    page.get_by_role("heading", name="先拍张照片").wait_for()


@pytest.mark.row("IN-07")
@pytest.mark.row("IN-18")
def test_four_channels_report_the_same_leak_and_all_see_one_number(house, place, stage: Stage):
    desk = stage.person("front_desk")
    number = call_about(desk, place)

    owner = stage.person(size=PHONE)
    scan(owner, place)
    offered = owner.page.locator(".reported").inner_text()
    owner.look("same-leak-owner-offered")
    # Nobody is forced: the form stands below, ready to go on.
    may_still_report = owner.page.get_by_role("button", name="下一步").is_visible()
    owner.button("就是这件，有进展告诉我")
    owner.page.get_by_text("已经记下").wait_for()
    owner.look("same-leak-owner-follows")
    told = owner.page.get_by_text("已经记下").inner_text()

    alarm = post(device_of(house, place=place), {"value": "水位 3 cm"}).json()

    begin_call(desk, place, SECOND)
    desk.page.get_by_role("button", name="跟进这张工单").wait_for()
    desk.look("same-leak-desk-offered")
    desk.button("跟进这张工单")
    desk.page.wait_for_url(f"**/desk/t/{number}/")
    desk.look("same-leak-ticket")

    assert (number in offered, may_still_report, number in told) == (True, True, True)
    assert alarm == {"status": "counted", "ticket": number, "count": 1}
    assert [desk.page.get_by_text(words).count() > 0 for words in ("2人跟进", "LEAK-01")] == [True, True]
    assert [ticket.number for ticket in Ticket.objects.all()] == [number]
    assert (Report.objects.count(), sorted(Follower.objects.values_list("phone", flat=True))) == (
        1,
        [SECOND, OWNER],
    )
    assert stage.faults == {}
