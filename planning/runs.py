"""Making a plan in the background: asked for once, with progress, kept with both figures (DI-10)."""

import logging
import time
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied

from accounts.models import User
from core.db import joined
from core.runs import ATTEMPTS, Line, Now, move
from estates.models import Estate
from planning import checker, facts, greedy, solver
from planning.models import DayPlan
from planning.problem import Plan, Problem, figures, plan_json, problem_json

logger = logging.getLogger(__name__)
State, Method = DayPlan.State, DayPlan.Method
AHEAD = timedelta(days=7)


class RuleBroken(RuntimeError):
    """The checker refused a plan of the machine; it is never shown."""


class _Plans(Line[DayPlan]):
    def task(self, run: DayPlan) -> str:
        return "planning.tasks.make_plan"

    def reason(self, error: BaseException) -> str:
        return f"算出的排程违反规则，已作废：{error}" if isinstance(error, RuleBroken) else ""


LINE = _Plans(
    model=DayPlan,
    what="day plan",
    waiting="等待后台计算",
    too_long="计算时间过长，已停止。请减少项目后重新计算。",
    broke="计算时出错（{error}），可重新计算；仍失败请联系系统管理员。",
    given_up=f"计算{ATTEMPTS}次均未完成，已停止。请减少项目后重新计算，或联系系统管理员。",
)
sweep = LINE.sweep


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
    return LINE.ask(by=by, at=at, estates=keys, day=day)


def restart(*, plan: DayPlan, at: datetime) -> DayPlan:
    """Put a failed plan back into the queue; any other state is left as it is."""
    return LINE.restart(plan, at=at)


def make(*, plan_id: int, now: Now, optimise: bool | None = None) -> bool:
    """Compute a plan that waits; False when there was nothing to do.

    `optimise` None asks the solver where it is installed.
    May run twice, even at once: of two computations only the later one writes. No ticket is locked
    meanwhile. A failure is noted on the plan and raised again.
    """
    plan = LINE.claim(plan_id, at=now(), state=State.RUNNING, progress=5, step="读取工单、班次与预约")
    if plan is None:
        return False
    wanted = solver.is_installed() if optimise is None else optimise
    return LINE.work(plan, lambda: _make(plan, now, wanted), now=now)


def _make(plan: DayPlan, now: Now, optimise: bool) -> None:
    begun = time.monotonic()
    problem, later = facts.problem_for(plan.day, list(plan.estates.all()), at=now())
    move(plan, now(), progress=25, step=f"快速排程：{len(problem.jobs)} 单，{len(problem.workers)} 人")
    plain = greedy.greedy(problem)
    measured: dict[str, Any] = {"greedy": figures(problem, plain)}
    chosen, method = plain, Method.GREEDY
    if optimise and problem.jobs and problem.workers:
        move(plan, now(), progress=40, step="优化路线")
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
    move(plan, now(), progress=90, step="核对每一条规则")
    _must_hold(problem, chosen)
    measured |= {
        "seconds": round(time.monotonic() - begun, 1),
        "later": {str(k): v for k, v in later.items()},
    }
    move(
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
