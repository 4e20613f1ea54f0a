"""How the tests start Chromium, and what they ask of every page."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# As root in a container, with little shared memory and no graphics card.
ARGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
SCHEMES = ("dark", "light")


def violations(page: Page) -> list[str]:
    """The rules that axe finds broken on the page as it is now, by name; best none."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return page.evaluate(
        "axe.run({resultTypes: ['violations']}).then(found => found.violations.map(each => each.id))"
    )


def faults_of(page: Page) -> list[str]:
    """What axe finds in the dark and in the light, and whether something sticks out; best nothing."""
    found = []
    for scheme in SCHEMES:
        # Without motion: colours on their way from one theme to the other have no contrast yet.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{scheme}: {rule}" for rule in violations(page)]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("too wide")
    return found
