"""The estates' old register in the demo: a sheet of past repairs, imported as a clerk would."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from django.core.files.base import ContentFile

from accounts.models import User
from channels.history_import import jobs
from channels.history_import.columns import COLUMNS
from channels.models import ImportJob
from core import sheets
from estates.models import Estate, Unit
from tickets.calendars import SHANGHAI

MATTERS = json.loads(Path(__file__).with_name("past.json").read_text(encoding="utf-8"))
# The register that was kept before this portal: these estates were lived in then.
SINCE = datetime(2023, 3, 1, 9, tzinfo=SHANGHAI)
ESTATES = ("DHJY", "XSMJ")
EACH = 24
TITLES = [column.title for column in COLUMNS]


def add(*, now: datetime, estates: Sequence[Estate], staff: Mapping[str, User]) -> ImportJob:
    """Uploaded, checked, confirmed and written; returns the finished job."""
    # A seed of its own: the rest of the town stays as it is.
    random = Random("past")
    rows = [row for estate in estates if estate.code in ESTATES for row in _register(random, estate)]
    target = io.BytesIO()
    cells = [[row.get(title, "") for title in TITLES] for row in rows]
    sheets.write_xlsx(target, title="维修登记", header=TITLES, rows=cells)
    at = now - timedelta(days=60)
    file = ContentFile(target.getvalue(), name="2023年维修登记.xlsx")
    job = jobs.upload(file=file, by=staff["manager"], at=at)
    jobs.check(job_id=job.pk, now=lambda: at)
    jobs.confirm(job=job, at=at)
    jobs.write(job_id=job.pk, now=lambda: at)
    return ImportJob.objects.get(pk=job.pk)


def _register(random: Random, estate: Estate) -> Iterator[dict[str, str]]:
    units = list(Unit.objects.filter(estate=estate).select_related("building").order_by("pk"))
    for number in range(EACH):
        unit, matter = random.choice(units), MATTERS[number % len(MATTERS)]
        called = SINCE + timedelta(days=9 * number, minutes=random.randrange(600))
        done = called + timedelta(hours=random.choice([3, 5, 22, 28, 50]))
        household = unit.households.select_related("owner").order_by("pk").first()
        yield {
            "原单号": f"{estate.code}-2023-{number + 1:03}",
            "项目代码": estate.code,
            "楼栋": unit.building.name,
            "单元": unit.entrance,
            "房号": unit.room,
            "登记时间": f"{called:%Y-%m-%d %H:%M}",
            "完成时间": f"{done:%Y-%m-%d %H:%M}",
            "关闭时间": f"{done + timedelta(days=1):%Y-%m-%d %H:%M}",
            "故障描述": matter["words"],
            "故障分类": matter["fault"],
            "级别": matter["level"],
            "报修人": household.owner.name if household else "",
            "联系电话": household.owner.phone if household else "",
            "维修人员": matter["worker"],
            "维修内容": matter["work"],
            "满意度": random.choice("54553"),
        }
