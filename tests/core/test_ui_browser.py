"""The components in a real browser."""

import functools
import re

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from playwright.sync_api import expect

from tests import browsers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_page(window):
    """A function that opens the component page; the page lists what its console complained of."""
    user = get_user_model().objects.create_user(username="ui", full_name="张敏", is_staff=True)
    return functools.partial(window, user, reverse("ui"))


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_the_policy_blocks_nothing(open_page, scheme, size):
    page = open_page(color_scheme=scheme, viewport={"width": size[0], "height": size[1]})

    found = browsers.violations(page)

    assert (found, page.complaints) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_theme_stays_as_chosen(open_page):
    page = open_page(color_scheme="light")
    page.locator("[data-theme-toggle]").click()
    page.reload()

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_page_is_worked_by_keyboard(open_page):
    page = open_page()
    page.keyboard.press("/")
    expect(page.locator("#global-search")).to_be_focused()
    page.locator("#global-search").blur()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-row] a").nth(1)).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    expect(page.locator("#shortcuts")).to_contain_text("新建报修")
    page.keyboard.press("Escape")
    expect(page.locator("#shortcuts")).to_be_hidden()


def test_what_was_typed_comes_back_until_it_is_dropped(open_page):
    page = open_page()
    page.get_by_label("报修人").fill("周敏")
    page.get_by_role("radio", name="2级 较急").check()
    page.reload()
    expect(page.get_by_label("报修人")).to_have_value("周敏")
    expect(page.get_by_role("radio", name="2级 较急")).to_be_checked()
    page.get_by_role("button", name="不要了").click()
    expect(page.get_by_label("报修人")).to_have_value("")


def test_what_was_typed_survives_a_lost_connection(open_page):
    page = open_page()
    address = page.url
    page.get_by_label("报修人").fill("周敏")
    page.context.set_offline(True)
    page.locator("#forms").get_by_role("button", name="提交").click()
    page.wait_for_url("chrome-error://**")
    page.context.set_offline(False)
    page.goto(address)
    expect(page.get_by_label("报修人")).to_have_value("周敏")


def test_a_signature_is_drawn_undone_and_sent(open_page):
    page = open_page(viewport={"width": 390, "height": 844})
    canvas = page.locator("[data-signature] canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 80, steps=20)
    page.mouse.up()
    field = page.locator("[data-signature] input")
    expect(field).to_have_value(re.compile("data:image/png"))
    page.get_by_role("button", name="撤一笔").click()
    expect(field).to_have_value("")


def test_a_form_is_sent_once(open_page):
    page = open_page()
    sent = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    button = page.locator("#forms").get_by_role("button", name="提交")
    button.dblclick()
    expect(page.locator("#forms .alert-box")).to_contain_text("还有内容需要改正")

    assert len(sent) == 1


def test_photos_add_up_and_can_be_removed(open_page):
    page = open_page()
    field = page.locator("[data-photos] input")
    for name in ("a.png", "b.png"):
        field.set_input_files([{"name": name, "mimeType": "image/png", "buffer": b"png"}])
        expect(page.locator(".photo-item")).to_have_count(1 if name == "a.png" else 2)
    page.get_by_role("button", name="移除 a.png").click()
    expect(page.locator(".photo-item")).to_have_count(1)

    assert field.evaluate("(input) => [...input.files].map((file) => file.name)") == ["b.png"]
