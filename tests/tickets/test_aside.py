"""Why a ticket stands where it is, at the top of its page."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from core.templatetags.fangxiu import when
from demo import pictures
from tests.house import AT, House
from tickets import acceptance, fieldwork, pages, pausing, workflow
from tickets.models import Acceptance, Status, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return House.build()


def step(house, ticket, name, role, **more) -> Ticket:
    return workflow.step(ticket=ticket, name=name, by=house.actor(role), at=AT + timedelta(days=1), **more)


def refused(house) -> Ticket:
    ticket = house.ticket_at(Status.OWNER_ACCEPTANCE)
    owner = house.journey_owner(ticket)
    return workflow.step(ticket=ticket, name="refuse_acceptance", by=owner, at=AT, reason="还在滴水")


def test_on_its_way_nothing_is_said(house):
    assert [pages.aside(house.ticket_at(status)) for status in (Status.REGISTERED, Status.REPAIRING)] == [
        None,
        None,
    ]


def test_what_was_cancelled_sent_back_or_refused_says_why(house):
    cancelled = step(house, house.register(), "cancel", "dispatcher", reason="业主撤销")
    returned = step(house, house.register(), "return_for_information", "dispatcher", reason="哪个房间")

    told = [pages.aside(each) for each in (cancelled, returned, refused(house))]

    assert told == [
        {"title": "已作废", "why": "业主撤销", "icon": "x-circle"},
        {"title": "退回补充", "why": "哪个房间", "icon": "arrow-counterclockwise"},
        {"title": "业主验收不通过", "why": "还在滴水", "icon": "arrow-counterclockwise"},
    ]


@pytest.mark.row("SL-10")
def test_what_is_put_off_says_until_when(house, client):
    until = localdate() + timedelta(days=9)
    more = {"payload": {"until": until.isoformat()}, "until": until}
    ticket = step(house, house.register(), "defer", "dispatcher", reason="等雨天", **more)
    client.force_login(house.people["manager"])

    page = client.get(reverse("ticket", args=[ticket.number])).content.decode()

    told = pages.aside(ticket)
    assert told == {"title": f"已延期：到{when(until)}自动恢复办理", "why": "等雨天", "icon": "pause-circle"}
    assert told["title"] in page


@pytest.mark.row("SL-04")
def test_after_a_pause_the_refusal_is_still_to_be_put_right(house):
    by = house.actor("worker")
    files = pictures.examined(pictures.photo(1))
    paused = pausing.suspend(ticket=refused(house), code="material", words="缺料", files=files, by=by, at=AT)
    resting = pages.aside(paused)

    resumed = workflow.step(ticket=paused, name="resume", by=by, at=AT)

    assert resting == {"title": "已挂起：等待材料", "why": "缺料", "icon": "pause-circle"}
    sent_back = {"title": "业主验收不通过", "why": "还在滴水", "icon": "arrow-counterclockwise"}
    assert pages.aside(resumed) == sent_back


@pytest.mark.row("EX-09")
def test_the_engineers_word_from_the_page_stands_on_the_sheet_until_the_work_is_done_anew(house, client):
    ticket = house.ticket_at(Status.PRE_INSPECTION)
    client.force_login(house.people["engineer"])
    url = reverse("ticket_step", args=[ticket.number, "pass_inspection"])
    key = client.get(url).context["form"]["form_key"].value()

    client.post(url, {"form_key": key})

    sheet = Acceptance.objects.get(ticket=ticket)
    assert (sheet.inspected_by.username, sheet.inspected_at is None) == ("engineer", False)
    ticket = Ticket.objects.get(pk=ticket.pk)
    owner = house.journey_owner(ticket)
    workflow.step(ticket=ticket, name="refuse_acceptance", by=owner, at=AT, reason="还在滴水")
    photos = pictures.examined(pictures.photo(2))
    by = house.actor("worker")
    fieldwork.finish(ticket=ticket, photos=photos, work_done="重做", materials="", by=by, at=AT)
    assert Acceptance.objects.values_list("inspected_by", "inspected_at").get() == (None, None)
    acceptance.inspect(ticket=ticket, good=True, by=house.actor("engineer"), at=AT)
    assert Acceptance.objects.get().inspected_at == AT


def test_behind_the_end_only_looking_is_offered(house, client):
    cancelled = step(house, house.register(), "cancel", "dispatcher", reason="业主撤销")
    client.force_login(house.people["manager"])

    page = client.get(reverse("ticket", args=[cancelled.number]))
    level = client.get(reverse("ticket_level", args=[cancelled.number]))

    assert (page.context["near"], page.context["more"], level.status_code) == ([], [], 409)


def test_a_managers_buttons_are_the_likely_steps_and_the_rest(house, client):
    client.force_login(house.people["manager"])

    page = client.get(reverse("ticket", args=[house.ticket_at(Status.PRE_INSPECTION).number])).context

    named = [[action["label"] for action in page[part]] for part in ("near", "more")]
    assert named == [
        ["预验收合格", "预验收不合格"],
        ["挂起", "派工单", "催单", "登记跟进人", "关联多户", "发起协作"],
    ]


@pytest.mark.row("WA-02")
def test_what_no_warranty_covers_is_not_said_to_have_run_out_of_it():
    verdicts = [{"reason": "咨询不属于保修范围。", "owner_until": ""}, {"owner_until": "2026-02-01"}, {}]

    labels = [Ticket(covered="no", verdict=verdict).cover_label for verdict in verdicts]

    assert labels == ["不在保修范围", "已过保修期", "已过保修期"]
