"""Making a plan in the background: asked for once, with progress, kept with both figures (DI-10)."""

import logging
import time
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from core import queue
from core.db import joined
from estates.models import Estate
from planning import checker, facts, greedy, solver
from planning.models import DayPlan
from planning.problem import Plan, Problem, figures, plan_json, problem_json

logger = logging.getLogger(__name__)
State, Method = DayPlan.State, DayPlan.Method
TASK, CLUSTER = "planning.tasks.make_plan", "long"
# Longer than the long cluster lets a job live.
STUCK = timedelta(minutes=35)
ATTEMPTS = 3
AHEAD = timedelta(days=7)
Now = Callable[[], datetime]


class Overtaken(Exception):
    """Another computation of the same plan has begun since; this one writes no more."""


class RuleBroken(RuntimeError):
    """The checker refused a plan of the machine; it is never shown."""


@joined
def request_plan(*, by: User, day: date, estates: Collection[Estate], at: datetime) -> DayPlan:
    """The plan that is made for this day; one under way for the same estates is returned as it is.

    Raises PermissionDenied without the permission or for foreign estates, ValueError without estates.
    """
    if not by.has_perm("tickets.dispatch_ticket"):
        raise PermissionDenied("您没有派单的权限。")
    keys = {each.pk for each in estates}
    if not keys:
        raise ValueError("nothing to plan")
    if Estate.objects.visible_to(by).filter(pk__in=keys).count() != len(keys):
        raise PermissionDenied("所选项目不在您的负责范围内。")
    # Two clicks wait for each other here, so that the second finds the plan of the first.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    for plan in DayPlan.objects.under_way().filter(requested_by=by, day=day):
        if set(plan.estates.values_list("pk", flat=True)) == keys:
            return plan
    plan = DayPlan.objects.create(day=day, requested_by=by, requested_at=at, moved_at=at, step="等待后台计算")
    plan.estates.set(keys)
    queue.wake(TASK, plan.pk, cluster=CLUSTER)
    return plan


@joined
def restart(*, plan: DayPlan, at: datetime) -> DayPlan:
    """Put a failed plan back into the queue; any other state is left as it is."""
    plan = DayPlan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    if plan.state == State.FAILED:
        _queue(plan, at)
    return plan


def _queue(plan: DayPlan, at: datetime) -> None:
    plan.state, plan.progress, plan.step = State.QUEUED, 0, "等待后台计算"
    plan.error, plan.finished_at, plan.moved_at = "", None, at
    plan.save(update_fields=["state", "progress", "step", "error", "finished_at", "moved_at"])
    queue.wake(TASK, plan.pk, cluster=CLUSTER)


def make(*, plan_id: int, now: Now, optimise: bool | None = None) -> bool:
    """Compute a plan that waits; False when there was nothing to do.

    `optimise` None asks the solver where it is installed.
    May run twice, even at once: of two computations only the later one writes. No ticket is locked
    meanwhile. A failure is noted on the plan and raised again.
    """
    plan = _claim(plan_id, now())
    if plan is None:
        return False
    try:
        with _Noted(plan, now):
            _make(plan, now, solver.is_installed() if optimise is None else optimise)
    except Overtaken:
        logger.info("day plan %s was taken over by another job", plan.pk)
        return False
    return True


@joined
def _claim(plan_id: int, at: datetime) -> DayPlan | None:
    plan = DayPlan.objects.select_for_update(no_key=True).filter(pk=plan_id).first()
    if plan is None or not plan.under_way:
        return None
    plan.state, plan.progress, plan.step = State.RUNNING, 5, "读取工单、班次与预约"
    plan.attempt, plan.moved_at = plan.attempt + 1, at
    plan.save(update_fields=["state", "progress", "step", "attempt", "moved_at"])
    return plan


def _make(plan: DayPlan, now: Now, optimise: bool) -> None:
    begun = time.monotonic()
    problem, later = facts.problem_for(plan.day, list(plan.estates.all()), at=now())
    _move(plan, now(), progress=25, step=f"快速排程：{len(problem.jobs)} 单，{len(problem.workers)} 人")
    plain = greedy.greedy(problem)
    measured: dict[str, Any] = {"greedy": figures(problem, plain)}
    chosen, method = plain, Method.GREEDY
    if optimise and problem.jobs and problem.workers:
        _move(plan, now(), progress=40, step="优化路线")
        try:
            solved = solver.solve(problem)
        except solver.SolverFailed:
            # The greedy plan is there, and sound: a day is not lost over an optional extra.
            logger.exception("day plan %s: the solver failed", plan.pk)
            measured["failed"] = True
        else:
            measured["solver"] = figures(problem, solved)
            chosen = solver.better(problem, solved, plain)
            method = Method.SOLVER if chosen is solved else Method.GREEDY
    _move(plan, now(), progress=90, step="核对每一条规则")
    _must_hold(problem, chosen)
    measured |= {
        "seconds": round(time.monotonic() - begun, 1),
        "later": {str(k): v for k, v in later.items()},
    }
    _move(
        plan,
        now(),
        state=State.DONE,
        progress=100,
        step="已生成",
        error="",
        finished_at=now(),
        method=method,
        problem=problem_json(problem),
        content=plan_json(chosen),
        figures=measured,
    )


def _must_hold(problem: Problem, plan: Plan) -> None:
    broken = [each for each in checker.check(problem, plan) if each.hard]
    if broken:
        raise RuleBroken("；".join(each.words for each in broken[:5]))


def _move(plan: DayPlan, at: datetime, **fields: Any) -> None:
    """Write how far this computation is; raises Overtaken when another began."""
    mine = DayPlan.objects.filter(pk=plan.pk, attempt=plan.attempt, state=State.RUNNING)
    if not mine.update(moved_at=at, **fields):
        raise Overtaken


class _Noted(AbstractContextManager[None]):
    """Notes on the plan why its computation ended badly; the error itself goes on to the queue's record."""

    def __init__(self, plan: DayPlan, now: Now):
        self.plan, self.now = plan, now

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or isinstance(error, Overtaken):
            return
        logger.error("day plan %s failed", self.plan.pk, exc_info=error)
        mine = DayPlan.objects.filter(pk=self.plan.pk, attempt=self.plan.attempt, state=State.RUNNING)
        at = self.now()
        mine.update(state=State.FAILED, step="失败", error=_reason(error), finished_at=at, moved_at=at)


def _reason(error: BaseException) -> str:
    """Why, in words for the person who asked."""
    match error:
        case RuleBroken():
            return f"算出的排程违反规则，已作废：{error}"[:300]
        case SystemExit():
            return "计算时间过长，已停止。请减少项目后重新计算。"
    return f"计算时出错（{type(error).__name__}），可重新计算；仍失败请联系系统管理员。"


def sweep(*, at: datetime) -> int:
    """Queue plans again whose job was lost, give up those that were lost too often; returns how many."""
    stuck = DayPlan.objects.under_way().filter(moved_at__lt=at - STUCK)
    return sum(_rescue(key, at) for key in stuck.values_list("pk", flat=True))


@transaction.atomic
def _rescue(plan_id: int, at: datetime) -> bool:
    stuck = DayPlan.objects.under_way().filter(pk=plan_id, moved_at__lt=at - STUCK)
    plan = stuck.select_for_update(no_key=True, skip_locked=True).first()
    if plan is None:
        return False
    if plan.attempt < ATTEMPTS:
        _queue(plan, at)
        return True
    plan.state, plan.step = State.FAILED, "失败"
    plan.error = f"计算{ATTEMPTS}次均未完成，已停止。请减少项目后重新计算，或联系系统管理员。"
    plan.finished_at = plan.moved_at = at
    plan.save(update_fields=["state", "step", "error", "finished_at", "moved_at"])
    return True
