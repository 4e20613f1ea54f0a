"""Work in the background with progress: asked for once, claimed, found again when its job was lost.

All there is to know stands in the run's row; the job in the queue is only a hint.
Every job that takes a run up gets the next number of `attempt`, and one that no
longer holds it writes no more: a run may be worked on twice, even at once.
"""

import logging
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, ClassVar, Generic, TypeVar

from django.contrib.auth import get_user_model
from django.db import models, transaction

from core import queue
from core.db import joined

logger = logging.getLogger(__name__)
CLUSTER = "long"
# Longer than the long cluster lets a job live, so that a job that still works is never given up.
STUCK = timedelta(minutes=35)
ATTEMPTS = 3
Now = Callable[[], datetime]


class Overtaken(Exception):
    """Another job works on the same run since; this one writes no more."""


class RunQuerySet(models.QuerySet):
    """What the manager of every kind of run can do."""

    model: Any

    def under_way(self):
        """Those that the background has yet to do something about."""
        return self.filter(state__in=self.model.UNDER_WAY)


class Run(models.Model):
    """How far a piece of background work is, and why it failed.

    A model adds `requested_by`, `requested_at`, and a `state` of its own `State` (QUEUED and FAILED
    among it), and names in `UNDER_WAY` the states in which the background has something to do. One that
    is asked for by `Line.ask` has `estates` as well.
    """

    State: ClassVar[Any]
    UNDER_WAY: ClassVar[Collection[str]] = ()

    state: Any
    estates: Any
    progress = models.PositiveSmallIntegerField("进度（%）", default=0)
    step = models.CharField("步骤", max_length=60, blank=True)
    # Each job takes the next number; one that no longer holds it has been overtaken and must not write.
    attempt = models.PositiveSmallIntegerField("第几次运行", default=0)
    moved_at = models.DateTimeField("最近进展")
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    error = models.CharField("失败原因", max_length=300, blank=True)

    class Meta:
        abstract = True

    @property
    def under_way(self) -> bool:
        """Whether the background has yet to do something about it, and its page looks again soon."""
        return self.state in self.UNDER_WAY


R = TypeVar("R", bound=Run)


def move(run: Run, at: datetime, **fields: Any) -> None:
    """Write how far this job is. Raises Overtaken when another works on the run since."""
    if not _held(run).update(moved_at=at, **fields):
        raise Overtaken


def _held(run: Run) -> models.QuerySet:
    """The row, for as long as this job holds it."""
    rows: Any = type(run)._default_manager
    return rows.filter(pk=run.pk, attempt=run.attempt, state=run.state)


@dataclass(frozen=True, kw_only=True)
class Line(Generic[R]):
    """How the runs of one model are worked on, and what people are told of them."""

    model: type[R]
    # For the log.
    what: str
    # What people read: while it waits, after it failed, and why.
    waiting: str
    failed: str = "失败"
    too_long: str
    # With {error}, the class of what was raised.
    broke: str
    given_up: str

    @property
    def rows(self) -> Any:
        """The model's manager, which knows what is under way."""
        return self.model._default_manager

    def task(self, run: R) -> str:
        """The path of the task that works on this run."""
        raise NotImplementedError

    def reason(self, error: BaseException) -> str:
        """Words for an error that people can do something about; empty for all others."""
        return ""

    def anew(self) -> dict[str, Any]:
        """What the row of a run says that waits for a job again."""
        queued = self.model.State.QUEUED
        return {"state": queued, "progress": 0, "step": self.waiting, "error": "", "finished_at": None}

    @joined
    def ask(self, *, by: Any, at: datetime, estates: Collection[int], **facts: Any) -> R:
        """The run of these facts for these estates; one that the user has under way is returned as it is."""
        for run in self.begun(by=by, **facts):
            if set(run.estates.values_list("pk", flat=True)) == set(estates):
                return run
        run = self.start(by=by, at=at, **facts)
        run.estates.set(estates)
        return run

    def begun(self, *, by: Any, **facts: Any) -> models.QuerySet:
        """What this user has under way of these facts; until the transaction ends no other click looks."""
        # Two clicks wait for each other here, so that the second finds the run of the first.
        get_user_model()._default_manager.select_for_update(no_key=True).get(pk=by.pk)
        return self.rows.under_way().filter(requested_by=by, **facts)

    @joined
    def start(self, *, by: Any, at: datetime, **fields: Any) -> R:
        """A new run, waiting for its job."""
        asked = {"requested_by": by, "requested_at": at, "moved_at": at, "step": self.waiting}
        run = self.rows.create(**asked, **fields)
        self.wake(run)
        return run

    def wake(self, run: R) -> None:
        """Queue the run's job with this transaction."""
        queue.wake(self.task(run), run.pk, cluster=CLUSTER)

    @joined
    def restart(self, run: R, *, at: datetime) -> R:
        """Put a failed run back into the queue; any other state is left as it is."""
        run = self.rows.select_for_update(no_key=True).get(pk=run.pk)
        if run.state == self.model.State.FAILED:
            self._queue(run, at)
        return run

    def _queue(self, run: R, at: datetime) -> None:
        _write(run, moved_at=at, **self.anew())
        self.wake(run)

    @joined
    def claim(
        self, key: int, *, at: datetime, among: Collection[str] | None = None, **fields: Any
    ) -> R | None:
        """Take up a run in one of these states (those under way), and write the fields; None if it is not."""
        states = among or self.model.UNDER_WAY
        runs = self.rows.select_for_update(no_key=True)
        run = runs.filter(pk=key, state__in=states).first()
        if run:
            _write(run, attempt=run.attempt + 1, moved_at=at, **fields)
        return run

    def work(self, run: R, act: Callable[[], None], *, now: Now) -> bool:
        """Work on a claimed run; False when another job took it over meanwhile.

        A failure is noted on the run and raised again, for the queue's own record.
        """
        try:
            with _Noted(self, run, now):
                act()
        except Overtaken:
            logger.info("%s %s was taken over by another job", self.what, run.pk)
            return False
        return True

    def why(self, error: BaseException) -> str:
        """Why it failed, in words for the person who asked."""
        # What the job queue raises in a job that has run out of time.
        if isinstance(error, SystemExit):
            return self.too_long
        return self.reason(error) or self.broke.format(error=type(error).__name__)

    def sweep(self, *, at: datetime) -> int:
        """Queue runs again whose job was lost, give up those that were lost too often; returns how many."""
        return sum(self._rescue(key, at) for key in self._stuck(at).values_list("pk", flat=True))

    def _stuck(self, at: datetime) -> models.QuerySet:
        return self.rows.under_way().filter(moved_at__lt=at - STUCK)

    @transaction.atomic
    def _rescue(self, key: int, at: datetime) -> bool:
        stuck = self._stuck(at).filter(pk=key)
        run = stuck.select_for_update(no_key=True, skip_locked=True).first()
        if run is None:
            return False
        if run.attempt < ATTEMPTS:
            self._queue(run, at)
        else:
            words = {"state": self.model.State.FAILED, "step": self.failed, "error": self.given_up}
            _write(run, moved_at=at, finished_at=at, **words)
        return True


def _write(run: Run, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(run, name, value)
    run.save(update_fields=list(fields))


class _Noted(AbstractContextManager[None]):
    """Notes on the run why its work ended badly; the error itself goes on."""

    def __init__(self, line: Line, run: Run, now: Now):
        self.line, self.run, self.now = line, run, now

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or isinstance(error, Overtaken):
            return
        logger.error("%s %s failed", self.line.what, self.run.pk, exc_info=error)
        at = self.now()
        _held(self.run).update(
            state=self.line.model.State.FAILED,
            step=self.line.failed,
            error=self.line.why(error)[:300],
            finished_at=at,
            moved_at=at,
        )
