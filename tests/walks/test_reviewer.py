"""The reviewer decides by keyboard, in bulk and afterwards; the worker grabs on the phone (DI-03, DI-04)."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils.timezone import now
from playwright.sync_api import expect

from dispatch import presets as rules
from dispatch import proposals
from dispatch.models import DispatchRule, Proposal, Worker
from tests.house import House
from tests.walks.stage import PHONE, Stage, open_stage
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
NAMES = ["张大勇", "李永福", "朱志强"]


@pytest.fixture
def house():
    """Three plumbers, one of them grade 3, and the rules that ship."""
    cache.clear()
    house = House.build("front_desk", "dispatcher", "supervisor")
    rules.load()
    people = [house.worker, *(house.new_worker(f"w{n}", house.household, house.fault) for n in (1, 2))]
    for grade, (worker, name) in enumerate(zip(people, NAMES, strict=True), start=1):
        Worker.objects.filter(pk=worker.pk).update(grade=grade)
        type(worker.user).objects.filter(pk=worker.user_id).update(full_name=name)
    return house


@pytest.fixture
def stage(live_server, browser):
    with open_stage(live_server.url, browser) as stage:
        yield stage


def proposed(house: House, **changes) -> Ticket:
    at = now()
    ticket = house.register(at=at, **changes)
    proposals.ensure(ticket=ticket, at=at)
    return Ticket.objects.get(pk=ticket.pk)


def status(ticket: Ticket) -> str:
    return Ticket.objects.get(pk=ticket.pk).status


@pytest.mark.row("DI-02", "DI-03")
def test_the_reviewer_sends_by_one_key_in_bulk_and_looks_afterwards(house: House, stage: Stage):
    tickets = [proposed(house) for _ in range(3)]
    urgent = house.register(at=now(), dangers=["running_water"])
    desk = stage.person("front_desk")
    desk.page.goto(f"/desk/t/{urgent.number}/")
    desk.look("desk-send-first")
    desk.page.keyboard.press("g")
    expect(desk.page.get_by_text("已先派给")).to_be_visible()

    reviewer = stage.person("dispatcher")
    page = reviewer.page
    page.goto(f"/dispatch/t/{tickets[0].number}/")
    reviewer.look("dispatch-review")
    page.keyboard.press("a")
    page.wait_for_url("**/dispatch/")
    assert status(tickets[0]) == "dispatched"

    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
    expect(page.locator("[data-picks-count]")).to_have_text("2")
    reviewer.look("dispatch-bulk")
    page.once("dialog", lambda dialog: dialog.accept())
    page.keyboard.press("s")
    expect(page.get_by_text("2 单已办理")).to_be_visible()
    assert [status(each) for each in tickets] == ["dispatched"] * 3

    page.goto("/dispatch/?tab=after")
    reviewer.look("dispatch-after-list")
    page.get_by_role("link", name=urgent.number).click()
    reviewer.look("dispatch-after")
    page.keyboard.press("a")
    expect(page.get_by_text("已确认")).to_be_visible()
    assert Proposal.objects.get(ticket=urgent).after == "confirmed"

    page.goto("/dispatch/disagreement/?group=reviewer")
    reviewer.look("dispatch-disagreement")
    page.get_by_role("link", name="3", exact=True).first.click()
    reviewer.look("dispatch-disagreement-tickets")
    assert stage.faults == {}


@pytest.mark.row("DI-04")
def test_what_the_reviewer_lets_out_is_grabbed_on_the_phone(house: House, stage: Stage):
    DispatchRule.objects.create(estate=house.estate, level=2, mode="grab", since=now() - timedelta(days=1))
    ticket = proposed(house)
    reviewer = stage.person("dispatcher")
    reviewer.page.goto(f"/dispatch/t/{ticket.number}/")
    reviewer.page.keyboard.press("a")
    expect(reviewer.page.get_by_text("已放出")).to_be_visible()
    reviewer.look("dispatch-offered")

    first, second = (stage.person(name, size=PHONE) for name in ("w1", "w2"))
    for worker in (first, second):
        worker.page.goto("/field/pool/")
    first.look("field-pool")
    first.page.get_by_role("button", name="接下这单").click()
    expect(first.page.get_by_text("已接下")).to_be_visible()
    second.page.get_by_role("button", name="接下这单").click()
    expect(second.page.get_by_text("李永福")).to_be_visible()
    second.look("field-pool-taken")

    assert Ticket.objects.get(pk=ticket.pk).handler.full_name == "李永福"
    assert stage.faults == {}
