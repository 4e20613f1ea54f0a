"""A browser with several people in it, each on their own device; axe and the console watch every page."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page

from accounts.models import User
from tests import browsers

DESK, PHONE = (1440, 900), (390, 844)
PASSWORD = "correct-horse"
# `make shots` says where pictures of the walks go, and which; without it none are taken.
SHOTS = os.environ.get("FANGXIU_SHOTS", "")
ONLY = os.environ.get("FANGXIU_SHOTS_ONLY", "").split()
# What the browser itself says of answers that we gave on purpose.
OUR_ANSWERS = ("status of 409", "status of 422", "status of 404")


@dataclass
class Stage:
    """Opens pages for people and gathers what is wrong with them."""

    browser: Browser
    address: str
    faults: dict[str, object] = field(default_factory=dict)

    def person(self, username: str = "", *, size: tuple[int, int] = DESK) -> "Visitor":
        """Somebody with a device of this size; signed in when a user name is given."""
        context = self.browser.new_context(
            base_url=self.address,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": size[0], "height": size[1]},
            has_touch=size == PHONE,
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        visitor = Visitor(self, page)
        page.on("console", lambda line: visitor.hear(line.type, line.text))
        page.on("pageerror", lambda error: visitor.hear("error", str(error)))
        if username:
            browsers.let_in(context, User.objects.get(username=username), self.address)
        return visitor


@dataclass
class Visitor:
    """One person's page."""

    stage: Stage
    page: Page

    def hear(self, kind: str, text: str) -> None:
        """Keep what the console complains of."""
        if kind == "error" and not any(answer in text for answer in OUR_ANSWERS):
            self.stage.faults[f"console {self.page.url}"] = text

    def sign_in(self, username: str) -> None:
        """With the password of every person of the tests' house."""
        self.page.goto("/login/")
        self.page.get_by_label("用户名或手机号").fill(username)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录", exact=True).click()
        self.page.wait_for_url(lambda url: "/login/" not in url)

    def look(self, name: str) -> None:
        """Note what is wrong with the page, and take its picture in both themes if asked to."""
        if found := browsers.faults_of(self.page):
            self.stage.faults[name] = found
        for scheme in browsers.SCHEMES if SHOTS else ():
            picture = f"{name}-{scheme}"
            if picture in ONLY or not ONLY:
                Path(SHOTS).mkdir(parents=True, exist_ok=True)
                self.page.emulate_media(color_scheme=scheme)
                self.page.screenshot(path=str(Path(SHOTS) / f"{picture}.png"))

    def button(self, name: str) -> None:
        """Press the button or link of this name."""
        buttons = self.page.get_by_role("button", name=name, exact=True)
        (buttons if buttons.count() else self.page.get_by_role("link", name=name, exact=True)).first.click()

    def sign(self) -> None:
        """Draw a signature with the finger."""
        canvas = self.page.locator("[data-signature] canvas")
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        mouse = self.page.mouse
        mouse.move(box["x"] + 20, box["y"] + 60)
        mouse.down()
        for step in range(1, 24):
            mouse.move(box["x"] + 20 + 9 * step, box["y"] + 60 + (30 if step % 2 else -20), steps=3)
        mouse.up()


@contextlib.contextmanager
def open_stage(address: str, browser: Browser) -> Iterator[Stage]:
    """A stage for one test; afterwards its people put their devices away."""
    before = set(browser.contexts)
    yield Stage(browser, address)
    for context in set(browser.contexts) - before:
        context.close()
