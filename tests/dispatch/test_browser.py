"""The reviewer's screens in a real browser, worked by keyboard."""

import functools
import re

import pytest
from django.urls import reverse
from django.utils.timezone import now
from playwright.sync_api import expect

from dispatch import assign, proposals
from tests import browsers
from tests.factories_dispatch import house, registered, worker
from tests.factories_estates import CareFlagFactory, HintFactory
from tests.house import House
from tickets import workflow
from tickets.models import Status, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOW = now()


@pytest.fixture
def place():
    made = house()
    worker(made.estate, name="李永福", on_duty=False)
    worker(made.estate, name="朱志强")
    return made


@pytest.fixture
def open_page(window, place):
    """A function that opens one of our pages as the dispatcher; the page lists its complaints."""
    return functools.partial(window, place.dispatcher)


def sent(place):
    ticket = registered(place)
    assign.approve(proposal=proposals.ensure(ticket=ticket, at=NOW), by=place.reviewer, at=NOW)
    return ticket


@pytest.mark.row("DI-03")
def test_a_ticket_is_found_and_sent_by_keyboard_alone(open_page, place):
    ticket = registered(place)
    proposals.ensure(ticket=ticket, at=NOW)
    page = open_page(reverse("dispatch_queue"))

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(
        f"{page.url.split('/dispatch')[0]}{reverse('dispatch_review', args=[ticket.number])}"
    )
    page.keyboard.press("a")

    expect(page.get_by_text("已派给")).to_be_visible()
    assert Ticket.objects.get(pk=ticket.pk).status == "dispatched"


@pytest.mark.row("DI-03")
def test_another_worker_is_chosen_by_keyboard_alone(open_page, place):
    ticket = registered(place)
    page = open_page(reverse("dispatch_review", args=[ticket.number]))

    page.keyboard.press("c")
    expect(page.locator("#choose_worker")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("业主指定这位师傅")
    page.keyboard.press("Control+Enter")

    expect(page.get_by_text("已派给朱志强")).to_be_visible()


def test_the_list_refreshes_itself_and_keeps_the_focus(open_page, place):
    first = registered(place)
    page = open_page(reverse("dispatch_queue"))
    page.keyboard.press("j")
    later = registered(place)

    page.evaluate("htmx.ajax('GET', location.pathname, '#queue')")

    expect(page.get_by_role("link", name=later.number)).to_be_visible()
    expect(page.get_by_role("link", name=first.number)).to_be_focused()


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desk", "phone"])
def test_axe_finds_nothing_on_the_reviewers_pages(open_page, place, size):
    ticket = registered(place)
    CareFlagFactory(owner=ticket.owner, note="独居，请提前电话")
    HintFactory(estate=place.estate)
    proposals.ensure(ticket=ticket, at=NOW)
    paths = [
        reverse("dispatch_queue"),
        reverse("dispatch_review", args=[ticket.number]),
        reverse("dispatch_reassign", args=[sent(place).number]),
        reverse("dispatch_workers"),
    ]

    page = open_page("about:blank", viewport={"width": size[0], "height": size[1]})
    for path in paths:
        page.goto(path)
        assert (path, browsers.faults_of(page), page.complaints) == (path, [], [])


@pytest.mark.row("EX-01")
def test_a_refusal_is_seen_on_the_phone_that_sends_in_the_background(window):
    house = House.build()
    ticket = house.ticket_at(Status.DISPATCHED)
    page = window(house.worker.user, reverse("field_act", args=[ticket.number, "decline"]))
    workflow.step(ticket=ticket, name="accept", by=house.actor("worker"), at=now())

    page.get_by_label("原因").fill("走不开")
    page.get_by_role("button", name="不能接单").click()

    expect(page.get_by_role("heading", name="这一步已经有人办了")).to_be_visible()
    page.complaints.clear()
    page.get_by_role("link", name="查看最新情况").click()
    expect(page).to_have_url(re.compile(reverse("field_ticket", args=[ticket.number])))
