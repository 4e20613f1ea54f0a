"""Jobs of the import: uploaded, checked, confirmed by a person, written in one transaction (IN-16).

Each part may run twice, even at once: a part claims the job first, and of two
runs only the later one may say anything. Progress is written from another
connection, because the one that writes the tickets shows nothing until its end.
"""

import hashlib
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import connection, transaction

from accounts.models import User
from channels.history_import.columns import COLUMNS
from channels.history_import.plan import Plan, plan
from channels.models import ImportJob, PastTicket
from core import runs, store
from core.db import joined
from core.runs import ATTEMPTS, Line, Now, Overtaken
from core.workbooks import RefusedFile, data_rows, open_workbook_safely
from estates.columns import header_mistakes
from tickets.actors import Actor
from tickets.past import keep

State = ImportJob.State
CHECK, WRITE = "channels.tasks.check_import", "channels.tasks.write_import"
MAX_ROWS = 50_000
# Some sixteen filled cells in each row, as a program writes them that shares no texts.
MAX_UNPACKED = 100 * 1024 * 1024
BATCH = 400
MISTAKES_SHOWN, PREVIEWED = 200, 20
KEPT_FOR = timedelta(days=30)
_LOCK = 0x70617374  # "past"


class _Imports(Line[ImportJob]):
    def task(self, run: ImportJob) -> str:
        return WRITE if run.state == State.WRITING else CHECK

    def anew(self) -> dict[str, Any]:
        # A check stays a check, and what a person has confirmed stays confirmed.
        return {}


LINE = _Imports(
    model=ImportJob,
    what="import",
    waiting="等待后台核对",
    failed="失败，没有导入",
    too_long="用时过长，已停止，没有写入任何内容。请拆成几份上传。",
    broke="出错（{error}），没有写入任何内容。请重新上传；仍失败请联系系统管理员。",
    given_up=f"{ATTEMPTS} 次均未完成，没有写入任何内容。请拆成几份上传，或联系系统管理员。",
)
# Every five minutes: jobs that were lost.
sweep = LINE.sweep


@joined
def upload(*, file: File, by: User, at: datetime) -> ImportJob:
    """Keep a workbook in the private store and have it checked; the same one under way is returned."""
    file.seek(0)
    data = file.read()
    digest = hashlib.sha256(data).hexdigest()
    same = LINE.begun(by=by, sha256=digest).first()
    if same:
        return same
    stored = default_storage.save(f"imports/{uuid.uuid4()}.xlsx", ContentFile(data))
    return LINE.start(by=by, at=at, name=store.clean_name(file.name), file=stored, sha256=digest)


@joined
def confirm(*, job: ImportJob, at: datetime) -> ImportJob:
    """Have a checked workbook written; anything but a ready job is left as it is."""
    job = ImportJob.objects.select_for_update(no_key=True).get(pk=job.pk)
    if job.state == State.READY:
        job.state, job.progress, job.step, job.moved_at = State.WRITING, 0, "等待后台写入", at
        job.attempt = 0
        job.save(update_fields=["state", "progress", "step", "moved_at", "attempt"])
        LINE.wake(job)
    return job


def check(*, job_id: int, now: Now) -> bool:
    """Read the workbook and note what it would do; False when there was nothing to do."""
    among = {State.QUEUED, State.CHECKING}
    job = LINE.claim(job_id, at=now(), among=among, state=State.CHECKING, step="读取文件")
    return job is not None and _work(job, _check, now)


def write(*, job_id: int, now: Now) -> bool:
    """Write a confirmed workbook, all of it or nothing; False when there was nothing to do."""
    job = LINE.claim(job_id, at=now(), among={State.WRITING}, step="再次核对")
    return job is not None and _work(job, _write, now)


def _work(job: ImportJob, part: Callable[[ImportJob, Now], None], now: Now) -> bool:
    def act() -> None:
        try:
            part(job, now)
        except RefusedFile as error:
            # No failure: what is wrong with the file is the answer.
            words = {"step": "有误，没有导入", "error": error.message[:300]}
            runs.move(job, now(), state=State.REFUSED, finished_at=now(), **words)

    return LINE.work(job, act, now=now)


def _check(job: ImportJob, now: Now) -> None:
    started = monotonic()
    found = _planned(job, now)
    seconds = round(monotonic() - started, 1)
    _move(job, now(), here=True, **_findings(found), seconds=seconds, finished_at=now())


def _write(job: ImportJob, now: Now) -> None:
    started = monotonic()
    with transaction.atomic():
        # Two jobs that bring the same numbers: the second sees what the first has written.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        found = _planned(job, now)
        if found.wrong:
            findings = _findings(found)
        else:
            _keep(job, found, now)
            findings = {"state": State.DONE, "step": "已导入", "progress": 100, "wrong": 0, "mistakes": []}
            findings |= {"new": len(found.new), "same": found.same}
        # With the tickets or not at all: a job that says 已导入 has them.
        seconds = round(monotonic() - started, 1)
        _move(job, now(), here=True, **findings, seconds=seconds, finished_at=now())


def _keep(job: ImportJob, found: Plan, now: Now) -> None:
    by, total = Actor.staff(job.requested_by), len(found.new)
    at = now()
    for start in range(0, total, BATCH):
        batch = found.new[start : start + BATCH]
        tickets = keep(rows=batch, by=by, at=at)
        PastTicket.objects.bulk_create(
            PastTicket(ticket=ticket, estate=row.estate, old_number=row.old_number, job=job)
            for row, ticket in zip(batch, tickets, strict=True)
        )
        if start // BATCH % 10 == 0:
            _move(job, now(), progress=10 + 85 * start // total, step=f"写入第 {start + 1} 至 {total} 单")


def _planned(job: ImportJob, now: Now) -> Plan:
    """The plan of the job's file. Raises core.workbooks.RefusedFile."""
    with default_storage.open(job.file) as file:
        rows = open_workbook_safely(file, max_rows=MAX_ROWS, max_unpacked=MAX_UNPACKED)
    if not rows.cells:
        raise RefusedFile("第一张工作表是空的。")
    if mistakes := header_mistakes(rows.cells[0], COLUMNS):
        raise RefusedFile(" ".join(mistakes))
    _move(job, now(), progress=5, step="逐行核对")
    found = plan(user=job.requested_by, header=rows.cells[0], rows=data_rows(rows), at=now())
    if not found.total:
        raise RefusedFile("表头下面没有数据。")
    return found


def _findings(found: Plan) -> dict[str, Any]:
    """What the job's row says of a plan."""
    refused = bool(found.wrong)
    return {
        "state": State.REFUSED if refused else State.READY,
        "step": "有误，没有导入" if refused else "核对完成，等待确认",
        "progress": 100,
        "rows": found.total,
        "new": len(found.new),
        "same": found.same,
        "wrong": len(found.wrong),
        "mistakes": [[row.number, row.said, row.mistakes] for row in found.wrong[:MISTAKES_SHOWN]],
        "preview": [_shown(row) for row in found.new[:PREVIEWED]],
    }


def _shown(row) -> list[str]:
    return [
        row.old_number,
        f"{row.estate.name} {row.place_label}",
        f"{row.registered_at:%Y-%m-%d %H:%M}",
        f"{row.closed_at:%Y-%m-%d %H:%M}",
        row.fault.fault if row.fault else "",
        row.description[:40],
        "作废" if row.cancelled else "完成",
    ]


def _move(job: ImportJob, at: datetime, *, here: bool = False, **fields: Any) -> None:
    """Write how far this run is; raises Overtaken when another began.

    From a connection of its own while this one is in a transaction, unless `here`.
    """
    if here or not connection.in_atomic_block:
        runs.move(job, at, **fields)
        return

    def elsewhere() -> None:
        try:
            # Whether another began is seen at the end, where it counts.
            with suppress(Overtaken):
                runs.move(job, at, **fields)
        finally:
            connection.close()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()


def throw_away(*, at: datetime) -> int:
    """Each night: files older than a month, which hold names and phones; returns how many."""
    old = ImportJob.objects.exclude(file="").filter(requested_at__lt=at - KEPT_FOR)
    for job in old:
        default_storage.delete(job.file)
        ImportJob.objects.filter(pk=job.pk).update(file="")
    return len(old)
