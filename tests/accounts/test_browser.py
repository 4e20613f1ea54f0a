"""Signing in with a second factor in a real browser; nothing for axe, nothing for the content policy."""

import pytest
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Page

from tests import browsers
from tests.accounts.conftest import PASSWORD
from tests.accounts.test_second_factor import phone_code

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.row("OR-01"),
]
VIEWS = [("dark", 390, 844), ("light", 1440, 900)]


@pytest.fixture(params=VIEWS, ids=["phone", "desk"])
def page(request, live_server, browser):
    """A page of one size and theme; `complaints` gathers what its console says beside refusals."""
    scheme, width, height = request.param
    # The cache is no model's table: emptying the database leaves it, and the counts in it.
    cache.clear()
    context = browser.new_context(
        base_url=live_server.url,
        locale="zh-CN",
        color_scheme=scheme,
        viewport={"width": width, "height": height},
    )
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda line: _complains(line) and page.complaints.append(line.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()


def _complains(line) -> bool:
    # The browser reports our own 422 answers as errors.
    return line.type == "error" and "status of 422" not in line.text


def sign_in(page: Page, password: str = PASSWORD) -> None:
    page.goto("/login/?next=/me/")
    page.get_by_label("用户名或手机号").fill("13800138000")
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()


def test_a_second_factor_is_set_up_and_used(page, staff):
    staff("zhang", "worker", full_name="张大勇", phone="13800138000")
    faults = {}

    def look(name: str) -> None:
        found = browsers.violations(page)
        fits = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if found or not fits:
            faults[name] = (found, fits)

    sign_in(page, "wrong")
    look("login refused")
    sign_in(page)
    look("me")
    page.get_by_role("link", name="启用").click()
    page.get_by_role("link", name="启用").click()
    look("password again")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="确认").click()
    look("qr code")
    secret = page.locator(".secret").inner_text()
    page.get_by_label("验证码").fill(phone_code(secret))
    page.get_by_role("main").get_by_role("button", name="启用").click()
    look("recovery codes")
    page.get_by_role("main").get_by_role("link", name="返回").click()
    look("second factor")
    page.context.clear_cookies()
    sign_in(page)
    look("code")
    page.get_by_label("验证码").fill(phone_code(secret, step=1))
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/me/")
    page.goto("/me/password/")
    look("new password")

    assert (faults, page.complaints) == ({}, [])


def test_the_page_of_too_many_tries_is_calm(page, db, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    page.goto("/login/")
    for _ in range(2):
        page.get_by_role("button", name="登录", exact=True).click()

    assert page.get_by_role("heading", level=1).inner_text() == "操作太频繁"
    assert browsers.violations(page) == []
    assert Client().get("/login/").status_code == 200
