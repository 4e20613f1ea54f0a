"""The supervisor asks for the month's workbook in a browser, and its figures are those of the walk."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils.timezone import now
from python_calamine import CalamineWorkbook

from reports import runs
from reports.models import ReportRun
from tests.house import AT, House
from tests.walks.stage import open_stage
from tickets import followup
from tickets.models import FollowUp, Status

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def house():
    """In May 2026: one repair that went well, one that came back after its follow-up."""
    cache.clear()
    house = House.build()
    house.journey().to(Status.CLOSED)
    again = house.journey(at=AT + timedelta(days=1))
    again.stars = 3
    again.to(Status.COMPLETED)
    answers = followup.Answers(result=FollowUp.Result.NOT_SOLVED, note="又滴水了")
    at = again.now + timedelta(hours=2)
    followup.record(ticket=again.ticket, answers=answers, by=house.actor("front_desk"), at=at)
    return house


def summary(path: str) -> dict[str, tuple]:
    """The lines of the summary sheet: figure -> (numerator, denominator)."""
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name("汇总").to_python()
    return {row[1]: (row[2], row[3]) for row in rows if len(row) > 3 and isinstance(row[2], float)}


@pytest.mark.row("RE-02")
def test_the_months_workbook_says_what_happened_on_the_walk(house, live_server, browser, tmp_path):
    with open_stage(live_server.url, browser) as stage:
        supervisor = stage.person("supervisor")
        page = supervisor.page
        page.goto("/reports/?month=2026-05")
        supervisor.look("reports")
        supervisor.button("生成月报")
        page.wait_for_url("**/reports/runs/*/")
        supervisor.look("report-waiting")
        runs.build(run_id=ReportRun.objects.get().pk, now=now)
        page.reload()
        supervisor.look("report-done")
        with page.expect_download() as download:
            supervisor.button("下载 Excel")
        path = str(tmp_path / "month.xlsx")
        download.value.save_as(path)

        figures = summary(path)
        # The repair that came back was never dispatched anew: late by the end of the month.
        wanted = {"派单及时率": (1, 2), "一次维修合格率": (1, 2), "维修满意度": (1, 2), "回访率": (2, 2)}
        assert {name: figures.get(name) for name in wanted} == wanted
        assert stage.faults == {}
