"""How the tests start Chromium, let people in, and what they ask of every page."""

import contextlib
import json
from collections.abc import Callable, Iterator

from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from accounts.models import User

# As root in a container, with little shared memory and no graphics card.
ARGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
SCHEMES = ("dark", "light")

# axe reads the words of a colour anew for each box under each text, a fifth of its time; the same words are
# the same colour. Words it cannot read are never kept: it complains of them each time.
KEPT_COLOURS = """
(() => {
  const kept = new Map();
  const colour = axe.commons.color.Color.prototype;
  const read = colour.parseString;
  colour.parseString = function (words) {
    if (!kept.has(words)) {
      read.call(this, words);
      kept.set(words, [this.r, this.g, this.b, this.alpha]);
    }
    [this.r, this.g, this.b, this.alpha] = kept.get(words);
    return this;
  };
})();
"""
# What one theme may break and the other keep.
OF_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def let_in(context: BrowserContext, user: User, address: str) -> None:
    """Sign somebody in without the login page, which has its own tests."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])


@contextlib.contextmanager
def windows(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """A function that opens a path as somebody signed in; the page lists what its console complained of."""
    with contextlib.ExitStack() as opened:

        def open_one(user: User, path: str = "about:blank", **options) -> Page:
            context = browser.new_context(locale="zh-CN", base_url=address, **options)
            opened.callback(context.close)
            let_in(context, user, address)
            page = context.new_page()
            page.complaints = []
            page.on("console", lambda line: line.type == "error" and page.complaints.append(line.text))
            page.on("pageerror", lambda error: page.complaints.append(str(error)))
            page.goto(path)
            return page

        yield open_one


def violations(page: Page, **options) -> list[str]:
    """The rules that axe finds broken on the page as it is now, by name; best none."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"{AXE_SCRIPT};{KEPT_COLOURS}")
    asked = json.dumps({"resultTypes": ["violations"]} | options)
    return page.evaluate(f"axe.run({asked}).then(found => found.violations.map(each => each.id))")


def faults_of(page: Page) -> list[str]:
    """What axe finds in the dark and in the light, and whether something sticks out; best nothing."""
    found = []
    # Without motion: colours on their way from one theme to the other have no contrast yet.
    for scheme, options in zip(SCHEMES, ({}, OF_COLOURS), strict=True):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{scheme}: {rule}" for rule in violations(page, **options)]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("too wide")
    return found
