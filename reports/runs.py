"""Runs of the monthly workbook: asked for once, built in the background, kept for good (RE-02)."""

import errno
import hashlib
import io
import logging
import tempfile
import uuid
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from accounts.models import User
from core import queue
from core.db import joined
from estates.models import Estate
from reports import channels, details, queries, workbook
from reports.models import ReportRun
from reports.periods import Month, Period

logger = logging.getLogger(__name__)
State = ReportRun.State
TASK, CLUSTER = "reports.tasks.build_run", "long"
# Longer than the long cluster lets a job live, so that a job that still works is never given up.
STUCK = timedelta(minutes=35)
ATTEMPTS = 3
Now = Callable[[], datetime]


class NotInScope(PermissionDenied):
    """An estate was asked for that this user does not work for."""


class Overtaken(Exception):
    """Another build of the same run has begun since; this one writes no more."""


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
    # Two clicks wait for each other here, so that the second finds the run of the first.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    for run in ReportRun.objects.under_way().filter(requested_by=by, month=month.first):
        if set(run.estates.values_list("pk", flat=True)) == keys:
            return run
    run = ReportRun.objects.create(
        month=month.first, requested_by=by, requested_at=at, moved_at=at, step="等待后台生成"
    )
    run.estates.set(keys)
    queue.wake(TASK, run.pk, cluster=CLUSTER)
    return run


@joined
def restart(*, run: ReportRun, at: datetime) -> ReportRun:
    """Put a failed run back into the queue; any other state is left as it is."""
    run = ReportRun.objects.select_for_update(no_key=True).get(pk=run.pk)
    if run.state == State.FAILED:
        _queue(run, at)
    return run


def _queue(run: ReportRun, at: datetime) -> None:
    run.state, run.progress, run.step = State.QUEUED, 0, "等待后台生成"
    run.error, run.finished_at, run.moved_at = "", None, at
    run.save(update_fields=["state", "progress", "step", "error", "finished_at", "moved_at"])
    queue.wake(TASK, run.pk, cluster=CLUSTER)


def build(*, run_id: int, now: Now) -> bool:
    """Build the workbook of a run that waits; False when there was nothing to do.

    May run twice, even at once: a finished run is left alone, and of two builds
    only the later one writes. A failure is noted on the run and raised again.
    """
    run = _claim(run_id, now())
    if run is None:
        return False
    try:
        with _Noted(run, now):
            _build(run, now)
    except Overtaken:
        logger.info("report run %s was taken over by another job", run.pk)
        return False
    return True


@joined
def _claim(run_id: int, at: datetime) -> ReportRun | None:
    run = ReportRun.objects.select_for_update(no_key=True).filter(pk=run_id).first()
    if run is None or not run.under_way:
        return None
    run.state, run.progress, run.step = State.RUNNING, 1, "读取工单"
    run.attempt, run.moved_at = run.attempt + 1, at
    run.save(update_fields=["state", "progress", "step", "attempt", "moved_at"])
    return run


def _build(run: ReportRun, now: Now) -> None:
    contents = _read(run, now())
    with tempfile.TemporaryFile() as target:
        workbook.write(
            target,
            contents,
            tell=lambda percent, step: _move(run, now(), progress=40 + percent * 59 // 100, step=step),
        )
        name = default_storage.save(f"reports/{uuid.uuid4()}.xlsx", File(target))
        facts = {"file": name, "size": target.tell(), "sha256": _digest(target)}
    try:
        done = {"state": State.DONE, "progress": 100, "step": "已完成", "error": "", "finished_at": now()}
        _move(run, now(), **facts, **done)
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


def _move(run: ReportRun, at: datetime, **fields: Any) -> None:
    """Write how far this build is, in a transaction of its own; raises Overtaken when another began."""
    mine = ReportRun.objects.filter(pk=run.pk, attempt=run.attempt, state=State.RUNNING)
    if not mine.update(moved_at=at, **fields):
        raise Overtaken


class _Noted(AbstractContextManager[None]):
    """Notes on the run why its build ended badly; the error itself goes on to the job queue's record."""

    def __init__(self, run: ReportRun, now: Now):
        self.run, self.now = run, now

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or isinstance(error, Overtaken):
            return
        logger.error("report run %s failed", self.run.pk, exc_info=error)
        mine = ReportRun.objects.filter(pk=self.run.pk, attempt=self.run.attempt, state=State.RUNNING)
        mine.update(
            state=State.FAILED, step="失败", error=_reason(error), finished_at=self.now(), moved_at=self.now()
        )


def _reason(error: BaseException) -> str:
    """Why, in words for the person who asked."""
    match error:
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return "服务器存储空间已满，文件没有保存。请联系系统管理员后重新生成。"
        case SystemExit():
            # What the job queue raises in a job that has run out of time.
            return "生成时间过长，已停止。请减少项目后重新生成。"
    return f"生成时出错（{type(error).__name__}），可重新生成；仍失败请联系系统管理员。"


def sweep(*, at: datetime) -> int:
    """Queue runs again whose job was lost, give up those that were lost too often; returns how many."""
    stuck = ReportRun.objects.under_way().filter(moved_at__lt=at - STUCK)
    return sum(_rescue(key, at) for key in stuck.values_list("pk", flat=True))


@transaction.atomic
def _rescue(run_id: int, at: datetime) -> bool:
    stuck = ReportRun.objects.under_way().filter(pk=run_id, moved_at__lt=at - STUCK)
    run = stuck.select_for_update(no_key=True, skip_locked=True).first()
    if run is None:
        return False
    if run.attempt < ATTEMPTS:
        _queue(run, at)
        return True
    run.state, run.step = State.FAILED, "失败"
    run.error = f"生成{ATTEMPTS}次均未完成，已停止。请减少项目后重新生成，或联系系统管理员。"
    run.finished_at = run.moved_at = at
    run.save(update_fields=["state", "step", "error", "finished_at", "moved_at"])
    return True
