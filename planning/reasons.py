"""Why a ticket found no place in the plan, in words: pure (DI-10)."""

from planning.problem import Fitness, Job, Problem


def why_left(problem: Problem, fitness: Fitness, job: Job) -> str:
    """The first thing that keeps everybody from this job, in the order in which a reviewer would ask."""
    trades = "、".join(need.name for need in job.needs)
    allowed = fitness.allowed(job.place)
    if job.only is not None and job.only not in {each.key for each in problem.workers}:
        return "承接的师傅当日不当班"
    if not allowed:
        return "当日没有负责本项目的师傅当班"
    if not (fit := allowed & fitness.skilled(job.needs)):
        named = {need.trade for need in job.needs}
        holders = sum(
            worker.key in allowed and any(skill.trade in named for skill in worker.skills)
            for worker in problem.workers
        )
        if holders:
            return f"当班的{trades} {holders} 人证书或考核不符"
        return f"当日没有会{trades}的师傅当班"
    if not fit - job.barred:
        return f"会{trades or '此工种'}的 {len(fit)} 人本单都不能派（已拒单、不在保修责任内或待工程师确认）"
    if not fitness.workers_for(job):
        return "承接的师傅当日不能做这一单"
    return f"能做的 {len(fitness.workers_for(job))} 人当日已排满，或在业主方便的时间赶不到"
