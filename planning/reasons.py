"""Why a ticket found no place in the plan, in words: pure (DI-10)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from planning.problem import Fitness, Job, Problem, Why


@dataclass(frozen=True)
class Remedy:
    """What a reviewer does about a reason of `why_left`, and where.

    `mark` is a piece of the words by which plans from before there were codes are recognised.
    """

    mark: str
    head: str
    words: str
    page: str
    label: str


REMEDIES = {
    "holder": Remedy("承接的师傅", "承接的师傅来不了", "在工单里改派，或等他当班", "desk_tickets", "工单"),
    "certificate": Remedy(
        "证书或考核不符", "证书或考核不符", "续期或补考核后重新排程", "dispatch_certificates", "证书"
    ),
    "off_duty": Remedy("师傅当班", "没有对口的师傅当班", "补排班后重新排程", "dispatch_roster", "排班"),
    "barred": Remedy(
        "本单都不能派",
        "会做的人都不能派",
        "逐单看每人的原因；等工程师确认的，确认后重新排程",
        "dispatch_queue",
        "派单复核",
    ),
    "full": Remedy(
        "已排满", "人手已排满", "急的挤进时间轴或另派，其余下一天再排", "dispatch_queue", "派单复核"
    ),
}


def remedies(whys: Iterable[Why]) -> list[tuple[int, Remedy]]:
    """How many tickets were left for a reason that something can be done about, the most frequent first.

    What a reviewer took out by hand needs no advice.
    """
    return [(count, row) for row, count in Counter(filter(None, map(_remedy, whys))).most_common()]


def _remedy(why: Why) -> Remedy | None:
    if why.code:
        return REMEDIES.get(why.code)
    return next((row for row in REMEDIES.values() if row.mark in why.words), None)


def why_left(problem: Problem, fitness: Fitness, job: Job) -> Why:
    """The first thing that keeps everybody from this job, in the order in which a reviewer would ask."""
    trades = "、".join(need.name for need in job.needs)
    allowed = fitness.allowed(job.place)
    if job.only is not None and job.only not in {each.key for each in problem.workers}:
        return Why("承接的师傅当日不当班", "holder")
    if not allowed:
        return Why("当日没有负责本项目的师傅当班", "off_duty")
    if not (fit := allowed & fitness.skilled(job.needs)):
        named = {need.trade for need in job.needs}
        holders = sum(
            worker.key in allowed and any(skill.trade in named for skill in worker.skills)
            for worker in problem.workers
        )
        if holders:
            return Why(f"当班的{trades} {holders} 人证书或考核不符", "certificate")
        return Why(f"当日没有会{trades}的师傅当班", "off_duty")
    if not fit - job.barred:
        words = f"会{trades or '此工种'}的 {len(fit)} 人本单都不能派（已拒单、不在保修责任内或待工程师确认）"
        return Why(words, "barred")
    if not fitness.workers_for(job):
        return Why("承接的师傅当日不能做这一单", "holder")
    able = len(fitness.workers_for(job))
    return Why(f"能做的 {able} 人当日已排满（时间或手上名额），或在业主方便的时间赶不到", "full")
