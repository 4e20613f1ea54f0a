import functools

import pytest
from django.urls import reverse
from django.utils.timezone import now
from playwright.sync_api import expect

from reports import runs
from reports.models import ReportRun
from reports.periods import Month
from tests import browsers
from tests.reports.rows import clock, rated, ticket

pytestmark = [
    pytest.mark.browser,
    pytest.mark.row("RE-02"),
    pytest.mark.django_db(transaction=True),
]
STATES = ReportRun.State


@pytest.fixture
def month(estates):
    """The month before this one, with a ticket that was late and rated."""
    found = Month.of(now()).later(-1)
    row = ticket(estates[0], found.start)
    clock(row, "contact", found.start, None)
    rated(row, found.start, 4)
    return found


@pytest.fixture
def open_page(window, director):
    """A function that opens one of our pages as the director; the page lists its complaints."""
    return functools.partial(window, director)


def test_a_month_is_chosen_built_watched_and_downloaded(open_page, month, estates):
    page = open_page(reverse("reports_home"))
    page.get_by_label("月份", exact=True).select_option(str(month))
    expect(page.get_by_role("heading", name=month.label)).to_be_visible()
    page.locator(".estate-picker summary").click()
    page.get_by_label("滨江花园").check()
    expect(page.get_by_text("1个项目：滨江花园")).to_be_visible()
    page.locator(".estate-picker summary").click()

    page.get_by_role("button", name="生成月报").click()
    expect(page.get_by_text("等待后台生成")).to_be_visible()
    run = ReportRun.objects.get()
    runs.build(run_id=run.pk, now=now)
    link = page.get_by_role("link", name="下载 Excel")
    expect(link).to_be_visible(timeout=15_000)
    with page.expect_download() as download:
        link.click()

    assert list(run.estates.all()) == estates[:1]
    assert download.value.suggested_filename == f"房修月报_{month}.xlsx"
    assert page.complaints == []


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desk", "phone"])
def test_axe_finds_nothing_on_the_report_pages(open_page, director, estates, month, size):
    made = {}
    for state in STATES.values:
        made[state] = runs.request_run(by=director, month=month, estates=estates, at=now())
        ReportRun.objects.filter(pk=made[state].pk).update(state=state, error="出错", sha256="a" * 64)
        if state in {STATES.QUEUED, STATES.RUNNING}:
            # Under way, it would be given again instead of a new one.
            made[state].estates.set(estates[:1])
    paths = [f"{reverse('reports_home')}?month={month}", f"{reverse('reports_home')}?month=2020-99"]
    paths += [reverse("report_run", args=[run.pk]) for run in made.values()]
    behind = [reverse("reports_behind", args=[slug]) for slug in ("response", "stars", "open", "closed")]
    paths += [f"{path}?month={month}" for path in behind]

    page = open_page("about:blank", viewport={"width": size[0], "height": size[1]})
    for path in paths:
        page.goto(path)
        # The browser itself complains of a page that answers 422.
        complaints = [line for line in page.complaints if "422" not in line]
        assert (path, browsers.faults_of(page), complaints) == (path, [], [])
