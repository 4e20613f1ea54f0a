"""The timeline in a real browser: dragged, worked by keyboard alone; a phone reads, changes, confirms."""

import pytest
from django.urls import reverse
from django.utils.timezone import localdate, now, timedelta
from playwright.sync_api import expect

from planning import runs
from planning.board import OPENS, SCALE
from planning.models import DayPlan
from tests import browsers
from tests.factories_dispatch import house, registered, worker
from tests.walks import stage
from tickets.models import Ticket

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
pytestmark = [pytest.mark.browser, pytest.mark.row("DI-10"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def plan():
    place = house()
    worker(place.estate, name="朱志强")
    for number in range(4):
        Ticket.objects.filter(pk=registered(place, wanted="明天").pk).update(level=number + 1)
    Ticket.objects.filter(pk=registered(place, wanted="明天晚上").pk).update(level=3)
    day = localdate() + timedelta(days=1)
    made = runs.request_plan(by=place.dispatcher, day=day, estates=[place.estate], at=now())
    runs.make(plan_id=made.pk, now=now, optimise=False)
    return DayPlan.objects.get()


def where(job: int) -> tuple[int, int]:
    """The worker and the minute of a job as the database has it."""
    content = DayPlan.objects.get().content
    return next(
        (route["worker"], start) for route in content["routes"] for key, start in route["stops"] if key == job
    )


def test_a_ticket_is_dragged_and_moved_by_keyboard(live_server, window, plan):
    page = window(plan.requested_by, viewport=DESK)
    look(page, live_server.url, plan, "desk")
    job = plan.content["routes"][0]["stops"][-1][0]
    other = plan.content["routes"][1]["worker"]

    drag(page, job, other, 15 * 60)
    expect(page.locator("#plan-board")).to_contain_text("已调整")
    assert where(job) == (other, 15 * 60)

    page.locator(f"#stop-{job}").focus()
    for key, place in (
        ("ArrowRight", (other, 905)),
        ("Shift+ArrowRight", (other, 935)),
        ("ArrowUp", (plan.content["routes"][0]["worker"], 935)),
    ):
        page.keyboard.press(key)
        expect(page.locator(f"#stop-{job}[data-start='{place[1] // 60}:{place[1] % 60:02}']")).to_be_focused()
        page.wait_for_function(
            "([job, worker]) => document.getElementById(`stop-${job}`)?.closest('[data-worker]')"
            "?.dataset.worker === String(worker)",
            arg=[job, place[0]],
        )
        assert where(job) == place
    page.keyboard.press("u")
    expect(page.locator("#plan-board")).to_contain_text("已撤销")
    assert where(job) == (other, 935)
    assert page.complaints == []

    phone = window(plan.requested_by, viewport=PHONE)
    look(phone, live_server.url, plan, "phone")
    expect(phone.locator(".plan-scroll")).to_be_hidden()
    expect(phone.get_by_role("button", name="确认勾选的工单")).to_be_visible()
    expect(phone.locator(".plan-form")).to_be_hidden()
    phone.get_by_role("row").filter(has_text=Ticket.objects.get(pk=job).number).get_by_role(
        "link", name="调整"
    ).click()
    phone.get_by_label("开始时间").fill("16:10")
    phone.get_by_role("button", name="调整").click()
    expect(phone.locator("#plan-board")).to_contain_text("已调整")
    assert where(job) == (other, 970)
    expect(phone.locator(".plan-gain")).to_be_in_viewport()
    phone.get_by_role("button", name="撤销上一步").click()
    expect(phone.locator("#plan-board")).to_contain_text("已撤销")
    assert (where(job), phone.complaints) == ((other, 935), [])


def look(page, address: str, plan: DayPlan, name: str) -> None:
    """No fault of axe on both pages; pictures where somebody asked for them."""
    for path, what in (
        (reverse("planning_home"), "home"),
        (reverse("planning_plan", args=[plan.pk]), "plan"),
    ):
        page.goto(address + path)
        assert (what, browsers.faults_of(page)) == (what, [])
        for scheme in browsers.SCHEMES if stage.SHOTS else ():
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=f"{stage.SHOTS}/planning-{what}-{name}-{scheme}.png", full_page=True)


def drag(page, job: int, worker: int, minute: int) -> None:
    """By the left edge of the bar to this minute of the row."""
    bar = page.locator(f"#stop-{job} svg").bounding_box()
    row = page.locator(f"[data-worker='{worker}']").bounding_box()
    page.mouse.move(bar["x"] + 3, bar["y"] + 10)
    page.mouse.down()
    x = row["x"] + (minute - OPENS) * SCALE + 3
    page.mouse.move(x, row["y"] + 20, steps=5)
    page.mouse.up()
