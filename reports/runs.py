"""Runs of the monthly workbook: asked for once, built in the background, kept for good (RE-02)."""

import errno
import hashlib
import io
import tempfile
import uuid
from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.core.files.storage import default_storage

from accounts.models import User
from core.db import joined
from core.runs import ATTEMPTS, Line, Now, Overtaken, move
from estates.models import Estate
from reports import channels, details, queries, workbook
from reports.models import ReportRun
from reports.periods import Month, Period

State = ReportRun.State


class NotInScope(PermissionDenied):
    """An estate was asked for that this user does not work for."""


class _Reports(Line[ReportRun]):
    def task(self, run: ReportRun) -> str:
        return "reports.tasks.build_run"

    def reason(self, error: BaseException) -> str:
        match error:
            case OSError(errno=errno.ENOSPC | errno.EDQUOT):
                return "服务器存储空间已满，文件没有保存。请联系系统管理员后重新生成。"
        return ""


LINE = _Reports(
    model=ReportRun,
    what="report run",
    waiting="等待后台生成",
    too_long="生成时间过长，已停止。请减少项目后重新生成。",
    broke="生成时出错（{error}），可重新生成；仍失败请联系系统管理员。",
    given_up=f"生成{ATTEMPTS}次均未完成，已停止。请减少项目后重新生成，或联系系统管理员。",
)
sweep = LINE.sweep


@joined
def request_run(*, by: User, month: Month, estates: Collection[Estate], at: datetime) -> ReportRun:
    """The run that builds this month's workbook; one under way for the same estates is returned as it is.

    Raises PermissionDenied without the permission, NotInScope for foreign
    estates, ValueError without estates or for a month that has not begun.
    """
    if not by.has_perm("reports.run_report"):
        raise PermissionDenied("您没有生成报表的权限。")
    keys = {estate.pk for estate in estates}
    if not keys or month.start > at:
        raise ValueError("nothing to report on")
    if Estate.objects.visible_to(by).filter(pk__in=keys).count() != len(keys):
        raise NotInScope("所选项目不在您的负责范围内。")
    return LINE.ask(by=by, at=at, estates=keys, month=month.first)


def restart(*, run: ReportRun, at: datetime) -> ReportRun:
    """Put a failed run back into the queue; any other state is left as it is."""
    return LINE.restart(run, at=at)


def build(*, run_id: int, now: Now) -> bool:
    """Build the workbook of a run that waits; False when there was nothing to do.

    May run twice, even at once: a finished run is left alone, and of two builds
    only the later one writes. A failure is noted on the run and raised again.
    """
    run = LINE.claim(run_id, at=now(), state=State.RUNNING, progress=1, step="读取工单")
    if run is None:
        return False
    return LINE.work(run, lambda: _build(run, now), now=now)


def _build(run: ReportRun, now: Now) -> None:
    contents = _read(run, now())
    with tempfile.TemporaryFile() as target:
        workbook.write(
            target,
            contents,
            tell=lambda percent, step: move(run, now(), progress=40 + percent * 59 // 100, step=step),
        )
        name = default_storage.save(f"reports/{uuid.uuid4()}.xlsx", File(target))
        facts = {"file": name, "size": target.tell(), "sha256": _digest(target)}
    try:
        done = {"state": State.DONE, "progress": 100, "step": "已完成", "error": "", "finished_at": now()}
        move(run, now(), **facts, **done)
    except Overtaken:
        default_storage.delete(name)
        raise


def _read(run: ReportRun, at: datetime) -> workbook.Contents:
    period = Period(Month.of(run.month), at)
    with queries.snapshot():
        estates = list(run.estates.order_by("code"))
        return workbook.Contents(
            sheet=queries.monthly(estates, period),
            channels=channels.by_channel(estates, period),
            tickets=details.ticket_lines(estates, period),
            misses=details.miss_lines(estates, period),
            asked_by=str(run.requested_by),
            made_at=at,
        )


def _digest(file: io.BufferedRandom) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()
