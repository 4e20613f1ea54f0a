"""A contractor on a phone: link from the SMS, list, ticket, take it and name who goes, photo, objection."""

import re

import pytest
from django.core.cache import cache
from django.utils.timezone import now

from accounts.models import User
from notices.models import Message
from partners import access, craft
from partners.models import Dispute, NoticeRead
from tests.factories_files import picture
from tests.partners.companies import Companies
from tests.walks.stage import DESK, PHONE, open_stage
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def companies():
    cache.clear()
    return Companies.build()


@pytest.mark.row("DI-12")
def test_a_contractor_works_from_the_link_in_the_message(live_server, browser, companies, settings):
    settings.SITE_URL = live_server.url
    at = now()
    ticket = companies.given(at=at)
    with open_stage(live_server.url, browser) as stage:
        manager = stage.person("manager", size=DESK)
        _write_and_invite(manager, companies, ticket)
        link = re.search(r"http\S+", Message.objects.get(template="P01").body)[0]
        phone = stage.person(size=PHONE)
        phone.page.goto(link)
        assert "/k/" not in phone.page.url
        phone.look("partner-home")
        _read_the_letter(phone)
        _take_it(phone, ticket)
        _arrive_and_object(phone)
        manager.page.goto(f"/partners/{companies.first.contractor_id}/")
        manager.look("partners-company")
        manager.page.goto("/partners/")
        manager.look("partners-register")

        assert stage.faults == {}
    assert Ticket.objects.get(pk=ticket.pk).status == "surveying"
    assert craft.going_to(ticket)["person"] == "老周"
    assert (Dispute.objects.get().words, NoticeRead.objects.count()) == ("属业主使用不当", 1)
    assert User.objects.get(pk=companies.first.user_id).has_usable_password() is False
    assert access.find(link.rstrip("/").rpartition("/")[2], at=now()) is not None


def _write_and_invite(manager, companies, ticket) -> None:
    page = manager.page
    page.goto(f"/partners/{companies.first.contractor_id}/notice/")
    page.get_by_label("工单").select_option(label=f"{ticket.number} {ticket.place_label}")
    page.get_by_label("事由").fill("请今天联系业主")
    manager.look("partners-notice")
    manager.button("发出")
    page.get_by_text("已发给宏基建设的联系人").wait_for()
    page.goto(f"/partners/contacts/{companies.first.pk}/link/")
    manager.button("生成并发送")
    page.get_by_text("只显示这一次").wait_for()
    page.get_by_role("button", name="复制链接").click()
    page.get_by_text("已复制。").wait_for()
    manager.look("partners-link")


def _read_the_letter(phone) -> None:
    phone.page.get_by_role("link", name=re.compile("催办函")).click()
    phone.page.get_by_text("请今天联系业主").wait_for()
    phone.look("partner-notice")
    phone.button("打开工单")


def _take_it(phone, ticket) -> None:
    page = phone.page
    page.get_by_text("138****8000").wait_for()
    phone.look("partner-ticket")
    phone.button("接单并安排师傅")
    page.get_by_label("姓名").fill("老周")
    page.get_by_label("手机号").fill("13900001111")
    phone.look("partner-take")
    phone.button("接单")
    page.get_by_text("老周", exact=True).wait_for()


def _arrive_and_object(phone) -> None:
    page = phone.page
    phone.button("我已到场")
    page.locator("input[type=file]").first.set_input_files(
        {"name": "到场.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    phone.button("我已到场")
    page.get_by_text("勘查中").first.wait_for()
    phone.button("提出异议")
    page.get_by_label("异议内容").fill("属业主使用不当")
    phone.look("partner-dispute")
    phone.button("提交异议")
    page.get_by_text("异议已提交").wait_for()
    phone.look("partner-ticket-later")
