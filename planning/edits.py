"""What people change in a plan: each edit checked, kept, undone one by one (DI-10).

`version` is the plan's version that the person saw; what somebody else changed since makes it Overtaken.
"""

from datetime import datetime
from typing import Any

from accounts.models import User
from core.db import joined
from planning import moves
from planning.checker import Finding, check_route, clock
from planning.models import DayPlan, Placement, PlanEdit
from planning.problem import Plan, Problem, plan_json, plan_of, problem_of

# What is on its way or done is no longer a matter of the plan.
FIRM = (Placement.State.WAITING, Placement.State.SENT, Placement.State.BOOKED)


class Overtaken(Exception):
    """Somebody else has changed the plan since this person saw it; the message says who and what."""


class Refused(ValueError):
    """The move breaks a rule that nobody may break; the message says which, in Chinese."""


@joined
def move(
    *, plan: DayPlan, job: int, worker: int | None, start: int, version: int, by: User, at: datetime
) -> tuple[DayPlan, tuple[Finding, ...]]:
    """Put a ticket to another worker or time, or out of the plan (`worker` None).

    Gives back what is soft about it, and about others what was not so before. Raises Overtaken or Refused.
    """
    plan = locked(plan, version)
    problem, before = problem_of(plan.problem), plan_of(plan.content)
    if Placement.objects.filter(plan=plan, ticket=job, state__in=FIRM).exists():
        raise Refused("该单已确认，不能再在排程里调整；需要改动请到改派或预约页。")
    try:
        moved = moves.move(problem, before, job=job, worker=worker, start=start)
    except KeyError as error:
        raise Refused("工单或师傅不在本排程内。") from error
    if moved.refusals:
        raise Refused("；".join(dict.fromkeys(each.words for each in moved.refusals)))
    _must_keep_firm(plan, before, moved.plan)
    words = _words(problem, moved.plan, job, worker)
    _save(plan, before, moved.plan, words, by, at)
    known = _known(problem, before, job, worker)
    return plan, tuple(each for each in moved.findings if each.job == job or each.words not in known)


def _known(problem: Problem, before: Plan, job: int, worker: int | None) -> set[str]:
    """What the checker said of the two days already: who moves one ticket need not hear it of all others."""
    touched = [
        route
        for route in before.routes.values()
        if route.worker == worker or any(stop.job == job for stop in route.stops)
    ]
    return {each.words for route in touched for each in check_route(problem, route)}


@joined
def undo(*, plan: DayPlan, version: int, by: User, at: datetime) -> PlanEdit:
    """Take back the latest edit that still stands. Raises Overtaken or Refused."""
    plan = locked(plan, version)
    edit = plan.edits.filter(undone=False).first()
    if edit is None:
        raise Refused("没有可以撤销的改动。")
    before, now = plan_of(edit.before), plan_of(plan.content)
    restored = Plan({**now.routes, **before.routes}, before.left)
    _must_keep_firm(plan, now, restored)
    plan.content, plan.version = plan_json(restored), plan.version + 1
    plan.save(update_fields=["content", "version"])
    edit.undone = True
    edit.save(update_fields=["undone"])
    return edit


def locked(plan: DayPlan, version: int) -> DayPlan:
    """The plan's row, locked, if nobody changed it since. Raises Overtaken."""
    plan = DayPlan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    if plan.state != DayPlan.State.DONE:
        raise Overtaken("排程还没有算好，请稍候。")
    if plan.version != version:
        last = plan.edits.select_related("by").first()
        who = f"{last.by.full_name}刚刚改过（{last.words}）" if last else "有人刚刚改过"
        raise Overtaken(f"{who}，页面已换成最新的排程，请看过再改。")
    return plan


def _must_keep_firm(plan: DayPlan, before: Plan, after: Plan) -> None:
    """What was confirmed stays where it is: somebody has been told."""
    firm = set(Placement.objects.filter(plan=plan, state__in=FIRM).values_list("ticket", flat=True))
    old, new = _times(before), _times(after)
    if any(old.get(key) != new.get(key) for key in firm):
        raise Refused("这样会推迟已经确认的工单，请换一个时间。")


def _times(plan: Plan) -> dict[int, tuple[int, int]]:
    return {stop.job: (key, stop.start) for key, route in plan.routes.items() for stop in route.stops}


def _words(problem: Problem, plan: Plan, job: int, worker: int | None) -> str:
    number = next(each.number for each in problem.jobs if each.key == job)
    if worker is None:
        return f"{number} 移出计划"
    name = next(each.name for each in problem.workers if each.key == worker)
    start = next(stop.start for stop in plan.routes[worker].stops if stop.job == job)
    return f"{number} 改为 {name} {clock(start)}"


def _save(plan: DayPlan, before: Plan, after: Plan, words: str, by: User, at: datetime) -> None:
    touched = {key: route for key, route in before.routes.items() if after.routes.get(key) != route}
    kept: dict[str, Any] = plan_json(Plan(touched, before.left))
    plan.content, plan.version = plan_json(after), plan.version + 1
    plan.save(update_fields=["content", "version"])
    PlanEdit.objects.create(plan=plan, version=plan.version, words=words, before=kept, by=by, at=at)
