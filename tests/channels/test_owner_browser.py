"""An owner's phone in a real browser: no network, large text, a screen reader's eye (IN-05)."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils.timezone import now

from channels import captcha, owner_login, qr, tally
from channels.models import Tally
from demo import pictures
from knowledge import presets as knowledge
from notices import presets as templates
from notices.models import Message
from tests.walks.stage import PHONE, Visitor, open_stage
from tickets.models import Evidence, Kind, Status, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def owner(house, live_server, browser, settings):
    settings.SITE_URL = live_server.url
    templates.load()
    knowledge.load()
    with open_stage(live_server.url, browser) as stage:
        yield stage.person(size=PHONE)


def sign_in(owner: Visitor, house) -> None:
    """Scan the code of the door, and answer the SMS."""
    page = owner.page
    page.goto(reverse("owner_scan", args=[qr.code_for(house.household.unit)]))
    owner.look("owner-login")
    page.get_by_label("手机号").fill("13800138000")
    owner.button("获取验证码")
    answer_code(owner)
    page.get_by_role("heading", name="先拍张照片").wait_for()


def answer_code(owner: Visitor) -> None:
    """Type the code of the message that came."""
    owner.page.get_by_label("短信验证码").wait_for()
    owner.look("owner-code")
    body = Message.objects.get(template="N18").body
    owner.page.get_by_label("短信验证码").fill(re.search(r"\d{6}", body)[0])
    owner.button("登录")


def add_photo(owner: Visitor, name: str) -> None:
    """Choose a picture of this name from the album."""
    photo = {"name": name, "mimeType": "image/jpeg", "buffer": pictures.photo(3).read()}
    owner.page.set_input_files("input[type=file]", photo)
    owner.page.get_by_text("已添加 1 个文件").wait_for()


def fill(owner: Visitor) -> None:
    """The five steps, by what is written on the screen."""
    page = owner.page
    add_photo(owner, "龙头.jpg")
    owner.look("owner-report-photo")
    owner.button("下一步")
    owner.look("owner-report-where")
    owner.button("下一步")
    page.get_by_label("怎么了").fill("厨房水龙头一直滴水")
    page.locator(".pick").first.click()
    page.get_by_text("现在可以这样做").first.wait_for()
    owner.look("owner-report-what")
    owner.button("下一步")
    page.get_by_role("group", name="现在还在往外流水吗").get_by_label("是").check()
    page.locator(".question-advice").first.wait_for()
    page.get_by_role("group", name="有没有停电").get_by_label("否").check()
    page.get_by_role("group", name="有没有人受伤").get_by_label("否").check()
    owner.look("owner-report-urgent")
    owner.button("下一步")
    page.get_by_label("尽快").check()
    owner.look("owner-report-when")


def come_back(owner: Visitor) -> dict:
    """Leave the page half done and open it again; what the phone still knows, at the last step."""
    page = owner.page
    page.wait_for_timeout(500)
    page.goto(reverse("owner_home"))
    owner.look("owner-home")
    page.goto(reverse("owner_report"))
    page.get_by_text("已恢复上次添加的 1 个文件").wait_for()
    for _ in range(4):
        # At once: the note of what came back lies on no button.
        page.get_by_role("button", name="下一步").click(timeout=2_000)
    return {
        "description": page.locator("#id_description").input_value(),
        "water": page.locator("[name=running_water]:checked").input_value(),
        "wanted": page.locator("[name=wanted]:checked").input_value(),
    }


def prove(owner: Visitor) -> None:
    """Somebody of this house has asked for two codes already: look at the captcha, hear it, answer it."""
    page = owner.page
    page.get_by_role("img", name="图形验证").wait_for()
    owner.look("owner-captcha")
    owner.button("改听语音")
    page.get_by_text("普通话读出5个数字").wait_for()
    owner.look("owner-captcha-sound")
    holder = Session.objects.get().get_decoded()[owner_login.HOLDER]
    page.get_by_label("上面的5位数字").fill(captcha.draw(holder=holder, at=now()))
    page.get_by_label("上面的5位数字").press("Enter")


def complain(owner: Visitor) -> None:
    """The four steps of a complaint, by what is written on the screen."""
    page = owner.page
    owner.button("下一步")
    page.get_by_text("请回答：最接近哪一种？").wait_for()
    owner.look("owner-complaint-missing")
    page.get_by_label("安全隐患").check()
    page.get_by_label("发生了什么").fill("保洁把水洒在楼梯上，没放警示牌")
    page.get_by_label("您希望怎么处理").fill("马上清理")
    page.get_by_role("group", name="有没有人受伤").get_by_label("没有").check()
    owner.look("owner-complaint-what")
    owner.button("下一步")
    owner.look("owner-complaint-where")
    owner.button("下一步")
    add_photo(owner, "楼梯.jpg")
    owner.look("owner-complaint-photos")
    owner.button("下一步")
    owner.look("owner-complaint-who")


@pytest.mark.row("IN-11")
def test_a_complaint_survives_a_cut_network_and_goes_out_once(owner, house):
    for window in ("ip-hour", "ip-day"):
        Tally.objects.create(name=tally.private(f"code:{window}", "127.0.0.1"), since=now(), count=2)
    owner.page.goto(reverse("owner_home"))
    owner.look("owner-doors")
    owner.page.get_by_role("link", name="我要投诉").click()
    owner.page.get_by_label("手机号").fill("13800138000")
    owner.button("获取验证码")
    prove(owner)
    answer_code(owner)
    owner.page.get_by_role("heading", name="说说情况").wait_for()
    complain(owner)

    owner.page.context.set_offline(True)
    owner.button("提交投诉")
    owner.page.get_by_text("投诉已经存在这部手机里").wait_for()
    before = Ticket.objects.count()
    owner.page.context.set_offline(False)
    owner.page.wait_for_url("**/o/t/*/")
    owner.look("owner-complaint-progress")

    ticket = Ticket.objects.get()
    assert (before, ticket.kind, ticket.level) == (0, "complaint", 1)
    assert Evidence.objects.get(ticket=ticket).kind == "photo"
    faults = {name: text for name, text in owner.stage.faults.items() if "ERR_INTERNET" not in str(text)}
    assert faults == {}


@pytest.mark.row("IN-05")
def test_a_report_survives_a_closed_page_and_a_cut_network_and_goes_out_once(owner, house):
    sign_in(owner, house)
    fill(owner)
    kept = come_back(owner)

    owner.page.context.set_offline(True)
    owner.button("提交报修")
    owner.page.get_by_text("报修已经存在这部手机里").wait_for()
    owner.look("owner-waits")
    context, before = owner.page.context, Ticket.objects.count()
    # The owner closes the browser; the phone finds the network again later.
    owner.page.close()
    context.set_offline(False)
    owner.page = context.new_page()
    owner.page.goto(reverse("owner_home"))
    owner.page.wait_for_url("**/o/t/*/")
    owner.look("owner-progress")
    owner.page.goto(reverse("owner_report"))
    left = owner.page.locator("#id_description").input_value()

    ticket = Ticket.objects.get()
    assert kept == {"description": "厨房水龙头一直滴水", "water": "yes", "wanted": "尽快"}
    assert (before, left, ticket.description, ticket.level) == (0, "", "厨房水龙头一直滴水", 1)
    assert Evidence.objects.get(ticket=ticket).kind == "photo"
    # The browser itself complains that it had no network.
    faults = {name: text for name, text in owner.stage.faults.items() if "ERR_INTERNET" not in str(text)}
    assert faults == {}


@pytest.mark.row("IN-05")
def test_at_twice_the_size_no_page_is_wider_than_the_phone(owner, house):
    house.worker.user.phone = "13700137000"
    house.worker.user.save()
    numbers = [house.ticket_at(status).number for status in (Status.SCHEDULED, Status.OWNER_ACCEPTANCE)]
    sign_in(owner, house)
    # What a zoom of 200 % leaves of the screen.
    owner.page.set_viewport_size({"width": PHONE[0] // 2, "height": PHONE[1] // 2})
    pages = [reverse(name) for name in ("owner_home", "owner_report", "owner_reports")]
    pages += [reverse("owner_matter", args=[Kind.COMPLAINT]), reverse("owner_acceptance", args=[numbers[1]])]
    pages += [reverse("owner_ticket", args=[number]) for number in numbers]

    def is_too_wide(address: str) -> bool:
        owner.page.goto(address)
        return owner.page.evaluate("document.documentElement.scrollWidth > innerWidth")

    assert [address for address in pages if is_too_wide(address)] == []
