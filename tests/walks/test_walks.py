"""A repair from the first call to the archive, in real browsers, as people do it."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils.timezone import now

from demo import pictures
from demo.journeys import Journey
from notices.models import Message
from tests.house import House
from tests.walks.stage import PHONE, Stage, Visitor
from tickets import upkeep
from tickets.models import Status, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def house():
    cache.clear()
    return House.build()


def photo_file() -> dict:
    """A photo as the camera gives it."""
    return {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": pictures.photo(3).read()}


def link_in_last_message() -> str:
    """The owner's link from the newest SMS, as the owner's phone would show it."""
    body = Message.objects.filter(channel="sms").order_by("-pk").values_list("body", flat=True)[0]
    return re.search(r"https?://\S+?/o/s/[\w-]+/", body)[0]


def take_the_call(desk: Visitor) -> str:
    """By keyboard alone: phone number, first hit, fault in the caller's words, wish, save."""
    page = desk.page
    page.goto("/desk/")
    page.keyboard.press("n")
    page.wait_for_url("**/desk/intake/")
    desk.look("intake-empty")
    page.keyboard.type("13800138000")
    page.locator("#unit-hits .hit").first.wait_for()
    page.keyboard.press("Enter")
    page.locator("#where strong").wait_for()
    page.keyboard.type("漏水")
    page.locator("#fault-hits .hit").first.wait_for()
    page.keyboard.press("Enter")
    page.locator("#fault-chosen strong").wait_for()
    page.keyboard.type("厨房龙头关不紧，一直滴水")
    page.get_by_label("期望时间").select_option("尽快")
    desk.look("intake-filled")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/desk/t/*/")
    desk.look("ticket-registered")
    return page.url.rstrip("/").split("/")[-1]


def dispatch(dispatcher: Visitor, number: str) -> None:
    """See the suggestion with its reasons and send the first candidate with one key."""
    dispatcher.page.goto("/dispatch/")
    dispatcher.look("queue")
    dispatcher.page.get_by_role("link", name=number).first.click()
    dispatcher.page.get_by_role("heading", name=re.compile("建议派给")).wait_for()
    dispatcher.look("review")
    dispatcher.page.keyboard.press("a")
    dispatcher.page.get_by_text("已派").first.wait_for()


def go_there(worker: Visitor, number: str) -> None:
    """Accept, call, book a window, set off, arrive with a photo."""
    page = worker.page
    page.goto("/field/")
    worker.look("field-home")
    page.get_by_role("link", name=re.compile("龙头漏水")).first.click()
    worker.look("field-ticket")
    worker.button("接单")
    page.get_by_text("已接单，请尽快联系业主。").wait_for()
    worker.button("联系业主")
    page.get_by_text("13800138000").first.wait_for()
    worker.look("field-called")
    worker.button("预约上门")
    tomorrow = page.locator(".day-strip a").nth(1)
    tomorrow.click()
    page.locator("#schedule-form label").filter(has_text="10:00–12:00").click()
    worker.look("field-schedule")
    worker.button("确认时段")
    page.get_by_text("已预约").first.wait_for()
    worker.button("我已到场")
    page.set_input_files("input[type=file]", photo_file())
    worker.look("field-arrive")
    worker.button("我已到场")
    page.get_by_text("已记录到场。").wait_for()


def write_the_plan(worker: Visitor) -> None:
    """The plan card on the phone."""
    worker.button("填写方案")
    page = worker.page
    page.get_by_label("故障原因").fill("阀芯磨损")
    page.get_by_label("维修方案与工艺").fill("更换陶瓷阀芯，通水试验")
    worker.look("field-plan")
    worker.button("填写方案")
    page.get_by_text("方案已提交。").wait_for()


def owner_signs(owner: Visitor) -> None:
    """Open the link, prove the phone, read and sign the plan with a finger."""
    page = owner.page
    page.goto(link_in_last_message())
    owner.look("owner-first")
    page.get_by_label("预留手机号后四位").fill("8000")
    owner.button("查看详情")
    page.get_by_role("heading", name="维修方案告知卡").wait_for()
    owner.sign()
    owner.look("owner-plan")
    owner.button("同意并提交")
    page.get_by_text("已确认方案，师傅将开始维修。").wait_for()
    owner.look("owner-ticket")


def finish(worker: Visitor, number: str) -> None:
    """After photos and what was done."""
    page = worker.page
    page.goto(f"/field/t/{number}/")
    worker.button("完工上报")
    page.get_by_label("维修内容").fill("更换阀芯一只，通水正常")
    page.set_input_files("input[type=file]", photo_file())
    worker.look("field-finish")
    worker.button("完工上报")
    page.get_by_text("已上报完工").wait_for()


def inspect(engineer: Visitor, number: str) -> None:
    """The engineer finds it in the queue and passes it."""
    page = engineer.page
    page.goto("/desk/inspections/")
    engineer.look("inspections")
    page.get_by_role("link", name=number).click()
    engineer.button("预验收合格")
    engineer.look("inspect")
    engineer.button("预验收合格")
    page.get_by_text("预验收合格已完成").wait_for()


def owner_accepts(owner: Visitor, number: str) -> None:
    """Stars and signature."""
    page = owner.page
    page.goto(f"/o/t/{number}/")
    owner.button("验收并评价")
    page.locator("label[for$=stars_4]").click()
    owner.sign()
    owner.look("owner-acceptance")
    owner.button("验收通过")
    page.get_by_text("验收完成，感谢您的评价。").wait_for()


def follow_up(desk: Visitor, number: str, *, solved: bool) -> None:
    """The three questions."""
    page = desk.page
    page.goto("/desk/follow-ups/")
    desk.look("follow-ups")
    page.get_by_role("row", name=re.compile(number)).get_by_role("link", name="回访").click()
    page.get_by_label("已解决" if solved else "未解决", exact=True).check()
    for name in ("speed", "attitude", "quality", "cleanness"):
        page.locator(f"label[for=id_{name}_4]").click()
    if not solved:
        page.get_by_label("其他诉求与说明").fill("第二天又开始滴水")
    desk.look("follow-up")
    desk.button("保存回访")
    page.get_by_text("的回访已记录").wait_for()


def walk_to_acceptance(stage: Stage, people: dict[str, Visitor], number: str) -> None:
    """From the reviewer's queue to the owner's signature under the work."""
    dispatch(people["dispatcher"], number)
    go_there(people["worker"], number)
    write_the_plan(people["worker"])
    owner = people.setdefault("owner", stage.person(size=PHONE))
    owner_signs(owner)
    finish(people["worker"], number)
    inspect(people["engineer"], number)
    owner_accepts(owner, number)


def everybody(stage: Stage) -> dict[str, Visitor]:
    people = {name: stage.person(name) for name in ("front_desk", "dispatcher", "engineer")}
    return people | {"worker": stage.person("worker", size=PHONE)}


def status_of(number: str) -> str:
    return Ticket.objects.values_list("status", flat=True).get(number=number)


@pytest.mark.row("IN-03")
@pytest.mark.row("EX-01")
@pytest.mark.row("EX-02")
@pytest.mark.row("EX-09")
@pytest.mark.row("FU-01")
def test_a_repair_travels_from_the_first_call_to_the_archive(house, stage):
    people = everybody(stage)

    number = take_the_call(people["front_desk"])
    walk_to_acceptance(stage, people, number)
    follow_up(people["front_desk"], number, solved=True)
    upkeep.archive_closed(at=now() + timedelta(days=8))

    assert status_of(number) == Status.ARCHIVED
    assert stage.faults == {}


@pytest.mark.row("FU-02")
def test_a_failed_follow_up_sends_the_ticket_round_again(house, stage):
    people = everybody(stage)
    ticket = Journey(ticket=house.register(at=now()), cast=house.cast(), now=now()).to(Status.COMPLETED)

    follow_up(people["front_desk"], ticket.number, solved=False)
    people["dispatcher"].page.goto(f"/dispatch/t/{ticket.number}/")
    people["dispatcher"].look("rework-review")
    people["dispatcher"].page.get_by_text("回访整改").first.wait_for()
    dispatch(people["dispatcher"], ticket.number)
    people["worker"].page.goto(f"/field/t/{ticket.number}/")
    people["worker"].look("rework-field")

    again = Ticket.objects.get(pk=ticket.pk)
    assert (again.status, again.round, again.rework) == (Status.DISPATCHED, 2, True)
    assert people["worker"].page.get_by_text("回访整改").first.is_visible()
    assert stage.faults == {}


@pytest.mark.row("DI-03")
def test_of_two_dispatchers_who_press_at_once_one_is_told_who_was_faster(house, stage):
    house.person("dispatcher", house.estate, username="second")
    first, second = stage.person("dispatcher"), stage.person("second")
    number = house.register().number
    for each in (first, second):
        each.page.goto(f"/dispatch/t/{number}/")
        each.page.get_by_role("heading", name=re.compile("建议派给")).wait_for()

    first.page.keyboard.press("a")
    first.page.get_by_text("已派").first.wait_for()
    second.page.keyboard.press("a")
    second.page.get_by_text("办理人").wait_for()
    second.look("taken")

    assert second.page.get_by_text("刘洋帆").first.is_visible()
    dispatched = Ticket.objects.get(number=number).events.filter(name="dispatch").count()
    assert (status_of(number), dispatched) == (Status.DISPATCHED, 1)
    assert stage.faults == {}
