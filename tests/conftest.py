"""What every test needs: a mode, a database, a folder for files, a browser."""

import contextlib
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.core.management import get_commands
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as examples
from playwright.sync_api import Browser, sync_playwright
from pytest_django import DjangoDbBlocker

# The shell is Chromium without its window: the same pages for a fifth less of the processor.
CHROMIUM_NAMES = [
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
]
CHROMIUM_PLACES = [
    "/usr/bin/chromium",
    "/usr/lib/chromium/chromium",
    "/snap/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
]
NO_CHROMIUM = (
    "no Chromium found: `apt-get install chromium` (Debian, Ubuntu), `brew install --cask chromium` "
    "(macOS), or set CHROMIUM to the program"
)
_session = contextlib.ExitStack()


def _prepare() -> None:
    """Set the environment before anything reads Django's settings."""
    # What is loaded before the first test stays: there is no garbage to look for in it.
    gc.set_threshold(20_000, 20, 50)
    os.environ["FANGXIU_MODE"] = "test"
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    # Playwright's synchronous API runs inside an event loop, which Django takes for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    os.environ["FANGXIU_DATA_DIR"] = tempfile.mkdtemp(prefix="fangxiu-test-")
    _session.callback(shutil.rmtree, os.environ["FANGXIU_DATA_DIR"], ignore_errors=True)
    if "DATABASE_URL" not in os.environ:
        # The xdist workers inherit the address from the process that starts them.
        from config import embedded

        os.environ["DATABASE_URL"] = _session.enter_context(embedded.in_use(embedded.TEST_DATA))

    # How long an example takes says how busy the machine is.
    examples.register_profile("fangxiu", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    examples.load_profile("fangxiu")
    django.setup()
    from tests import flushing

    get_commands()["flush"] = flushing.Command()
    # The xdist workers would load the settings before they have a folder of their own.
    del os.environ["DJANGO_SETTINGS_MODULE"]


if "config.settings" in sys.modules:
    raise pytest.UsageError("unset DJANGO_SETTINGS_MODULE: the tests set it after choosing their database")
_prepare()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first, so that no process is left with one when the others have finished."""
    items.sort(key=lambda item: not {"browser", "slow"} & {mark.name for mark in item.iter_markers()})


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """The tests of the demo town go to one process, which builds it once.

    The mark `xdist_group` would say so, but pytest 9.2 no longer lets xdist 3.8 write it into a test's name.
    """
    from xdist.scheduler import LoadGroupScheduling

    class Scheduling(LoadGroupScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            return path if path.endswith("demo/test_load_demo.py") else nodeid

    return Scheduling(config, log)


def pytest_collection_finish() -> None:
    """Spare the collector of garbage what stays to the end; it would look through it a thousand times."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Stop the test database, unless another test run still uses it."""
    _session.close()


@pytest.fixture(scope="session")
def _tables_to_copy(
    django_db_modify_db_settings: None,
    django_db_use_migrations: bool,
    django_db_blocker: DjangoDbBlocker,
) -> contextlib.ExitStack:
    """Has the test database made as a copy of one that is migrated already, until this is closed."""
    from tests import migrated

    copying = contextlib.ExitStack()
    if django_db_use_migrations:
        with django_db_blocker.unblock():
            copying.enter_context(migrated.template())
    return copying


@pytest.fixture(scope="session")
def django_db_setup(_tables_to_copy: contextlib.ExitStack, django_db_setup: None) -> None:
    """pytest-django's, which makes the test database."""
    _tables_to_copy.close()


@pytest.fixture(autouse=True)
def _flush_allowed(request: pytest.FixtureRequest, _django_db_marker: None) -> Iterator[None]:
    """Let the tables be emptied after a test with real transactions: history refuses it.

    The permission is given after the test has ended, so no test runs with it.
    """
    marker = request.node.get_closest_marker("django_db")
    marked = marker is not None and marker.kwargs.get("transaction", False)
    if not marked and not {"transactional_db", "live_server"} & set(request.fixturenames):
        yield
        return
    request.getfixturevalue("_django_db_helper")
    with connection.cursor() as cursor:
        cursor.execute("reset fangxiu.flush")
    yield
    with connection.cursor() as cursor:
        cursor.execute("set fangxiu.flush = 'on'")


@pytest.fixture
def client() -> Client:
    """pytest-django's, but it leaves no file open."""
    from tests.clients import Reader

    return Reader()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The system's Chromium; without one, browser tests are skipped, and fail in CI."""
    return find_chromium()


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """The one Chromium of this process; a test opens contexts of its own in it and closes them."""
    from tests import browsers

    with sync_playwright() as play:
        yield play.chromium.launch(executable_path=chromium_path, args=browsers.ARGS)


@pytest.fixture
def stage(live_server, browser: Browser, settings) -> Iterator:
    """A tests.walks.stage.Stage before a live server whose links lead back to it."""
    from tests.walks.stage import open_stage

    settings.SITE_URL = live_server.url
    with open_stage(live_server.url, browser) as opened:
        yield opened


@pytest.fixture
def window(live_server, browser: Browser) -> Iterator:
    """tests.browsers.windows before a live server."""
    from tests import browsers

    with browsers.windows(browser, live_server.url) as opened:
        yield opened


def find_chromium() -> str:
    """The path of a Chromium; skips the test, or fails it in CI, where there is none."""
    named = os.environ.get("CHROMIUM")
    found = [named] if named else [*filter(None, map(shutil.which, CHROMIUM_NAMES)), *CHROMIUM_PLACES]
    for path in found:
        if Path(path).exists():
            return path
    if os.environ.get("CI"):
        pytest.fail(NO_CHROMIUM)
    pytest.skip(NO_CHROMIUM)
