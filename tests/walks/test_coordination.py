"""A ticket waits for the developer, goes on with the answer, and the Monday list decides (DI-11)."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils.timezone import localdate, now
from playwright.sync_api import expect

from coordination import presets, requests, weekly
from coordination.models import Counterpart, Request, WeeklyItem
from coordination.requests import Asking, Contact
from tests.house import House
from tests.walks.stage import PHONE
from tickets.models import Status, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.row("DI-11")]


@pytest.fixture
def house():
    cache.clear()
    house = House.build("front_desk", "dispatcher", "engineer", "manager", "housekeeper")
    presets.load()
    return house


def overdue(house: House) -> Request:
    """What the supplier has owed for three days."""
    asking = Asking(
        estate=house.estate,
        counterpart=Counterpart.objects.get(code="supplier"),
        asked="同型号减压阀的报价与货期",
        owner=house.people["engineer"],
        contact=Contact(unit="恒通阀门", name="沈经理", email="quote@example.com"),
        ticket=house.register(),
    )
    return requests.ask(asking=asking, by=house.actor("engineer"), at=now() - timedelta(days=5))


def test_a_ticket_waits_for_the_developer_and_the_meeting_decides(house, stage):
    ticket = house.ticket_at(Status.SURVEYING)
    late = overdue(house)
    engineer = stage.person("engineer")
    page = engineer.page
    page.goto(reverse("ticket", args=[ticket.number]))
    engineer.button("发起协作")
    page.get_by_role("link", name="开发商（图纸）").click()
    page.get_by_label("对方邮箱").fill("drawings@example.com")
    page.get_by_label("挂起工单，等对方回复").check()
    engineer.look("coordination-ask")
    page.get_by_role("button", name="发起协作").click()
    page.wait_for_url("**/coordination/*/")
    engineer.look("coordination-request")
    assert Ticket.objects.get(pk=ticket.pk).status == Status.SUSPENDED

    page.get_by_label("对方的回复").fill("竣工图已发到邮箱")
    page.get_by_role("button", name="记录回复").click()
    expect(page.get_by_text("已回复待核").first).to_be_visible()
    engineer.look("coordination-answered")
    assert Ticket.objects.get(pk=ticket.pk).status == Status.SURVEYING
    page.goto(reverse("ticket", args=[ticket.number]))
    engineer.look("coordination-ticket")
    page.goto(reverse("coordination_list"))
    engineer.look("coordination-list")

    weekly.make_all(on=localdate(), at=now())
    manager = stage.person("manager")
    page = manager.page
    page.goto(reverse("coordination_weeks"))
    manager.look("coordination-weeks")
    page.get_by_role("link", name=f"{localdate().year}年").first.click()
    page.get_by_label("决定", exact=False).first.fill("周五前报价，否则换供应商")
    page.get_by_label("决定人").fill("成本部 周经理")
    page.get_by_label("完成期限").fill((localdate() + timedelta(days=3)).isoformat())
    page.get_by_role("button", name="记录决定").click()
    manager.look("coordination-week")
    page.get_by_role("button", name="发起跟进协作单").click()
    expect(page.get_by_text("已发起跟进协作单")).to_be_visible()
    item = WeeklyItem.objects.get()
    assert (item.request, item.follow_up.counterpart) == (late, late.counterpart)

    phone = stage.person("housekeeper", size=PHONE)
    for name, address in (
        ("list", reverse("coordination_list")),
        ("request", reverse("coordination_request", args=[late.pk])),
        ("week", reverse("coordination_week", args=[item.weekly_id])),
    ):
        phone.page.goto(address)
        phone.look(f"coordination-phone-{name}")
    page.goto(reverse("coordination_week_print", args=[item.weekly_id]))
    manager.look("coordination-print")
    assert stage.faults == {}
