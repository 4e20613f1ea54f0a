"""The workbook of last month, for the demo: asked for and built on the first morning of this one."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from accounts.models import User
from estates.models import Estate
from reports import runs
from reports.models import ReportRun
from reports.periods import Month

# Users find the workbooks they asked for themselves.
READERS = ("manager", "supervisor")
AFTER_MIDNIGHT = timedelta(hours=9)


def add(*, now: datetime, estates: Sequence[Estate], staff: Mapping[str, User]) -> list[ReportRun]:
    """A finished workbook of all estates for each who reports; its figures stand as of that morning."""
    month = Month.of(now).later(-1)
    at = min(month.end + AFTER_MIDNIGHT, now)
    made = [runs.request_run(by=staff[name], month=month, estates=estates, at=at) for name in READERS]
    for run in made:
        runs.build(run_id=run.pk, now=lambda: at)
    return made
