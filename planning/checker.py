"""An independent look at a plan: every rule asked anew, with nothing taken from those who make plans (DI-10).

Hard findings must not be: no plan of the machine has any, and an edit that would make one is refused.
Soft ones are shown: a person may accept a late visit or a full pair of hands.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from core.templatetags.fangxiu import minutes
from planning.problem import Appointment, Job, Lunch, Plan, Problem, Route, Worker

HARD = {
    "unknown": "不在本计划内",
    "twice": "重复安排",
    "lost": "遗漏",
    "skill": "工种不符",
    "certificate": "证书或考核不符",
    "estate": "不负责本项目",
    "barred": "本单不能派",
    "handler": "已由他人承接",
    "shift": "超出班次",
    "window": "不在业主方便的时间",
    "overlap": "时间重叠",
    "travel": "路上时间不够",
}
SOFT = {"late": "晚于时限", "full": "超出手上名额", "reserve": "占用应急预留", "lunch": "午休不足"}


@dataclass(frozen=True)
class Finding:
    """A rule that is broken: its key in HARD or SOFT, where, and the sentence."""

    code: str
    words: str
    worker: int | None = None
    job: int | None = None

    @property
    def hard(self) -> bool:
        """Whether it must not be."""
        return self.code in HARD


def check(problem: Problem, plan: Plan) -> list[Finding]:
    """Everything that is wrong with a plan, the whole of it."""
    jobs = {each.key: each for each in problem.jobs}
    workers = {each.key: each for each in problem.workers}
    found = list(_counted(jobs, plan))
    for key, route in plan.routes.items():
        if key not in workers or route.worker != key:
            found.append(Finding("unknown", f"计划外的师傅 {key}", worker=key))
        else:
            found += _route(problem, workers[key], route, jobs)
    return found


def check_route(problem: Problem, route: Route) -> list[Finding]:
    """What is wrong with one worker's day."""
    worker = next(each for each in problem.workers if each.key == route.worker)
    return list(_route(problem, worker, route, {each.key: each for each in problem.jobs}))


def _counted(jobs: dict[int, Job], plan: Plan) -> Iterator[Finding]:
    """Each job once: in one route, or among those left over."""
    seen = Counter(stop.job for route in plan.routes.values() for stop in route.stops)
    for key, times in (seen + Counter(plan.left.keys())).items():
        if key not in jobs:
            yield Finding("unknown", f"计划外的工单 {key}", job=key)
        elif times > 1:
            yield Finding("twice", f"{jobs[key].number} 安排了 {times} 次", job=key)
    for key, job in jobs.items():
        if key not in seen and key not in plan.left:
            yield Finding("lost", f"{job.number} 不见了", job=key)


def _route(problem: Problem, worker: Worker, route: Route, jobs: dict[int, Job]) -> Iterator[Finding]:
    known = [(stop, jobs[stop.job]) for stop in route.stops if stop.job in jobs]
    for stop, job in known:
        for code, words in (*_may(problem, worker, job), *_when(worker, job, stop.start)):
            yield Finding(code, words, worker.key, job.key)
    yield from _places(worker, [job for _, job in known])
    yield from _in_order(problem, worker, route, [(stop.start, job) for stop, job in known])


def _may(problem: Problem, worker: Worker, job: Job) -> Iterator[tuple[str, str]]:
    """Whether this worker may be sent to this job at all."""
    if worker.places is not None and job.place not in worker.places:
        yield "estate", f"{worker.name}不负责{problem.places[job.place].name}"
    if job.key and worker.key in job.barred:
        yield "barred", f"{job.number} 不能派给{worker.name}（已拒单、不在保修责任内或待工程师确认）"
    if job.only not in (None, worker.key):
        yield "handler", f"{job.number} 已由其他师傅承接，换人请到改派页"
    if not job.needs:
        return
    held = {skill.trade: skill for skill in worker.skills}
    common = [need for need in job.needs if need.trade in held]
    if not common:
        yield "skill", f"{worker.name}不会{'、'.join(need.name for need in job.needs)}"
        return
    for need in common:
        skill = held[need.trade]
        expired = skill.expires_on is not None and skill.expires_on < problem.day
        if not expired and not skill.lacking and (skill.certificate or not need.certificate):
            return
    yield "certificate", f"{worker.name}的{common[0].name}证书或考核当日不符"


def _when(worker: Worker, job: Job, start: int) -> Iterator[tuple[str, str]]:
    """Whether the time of this visit is allowed."""
    if start < worker.start or start + job.minutes > worker.end:
        yield "shift", f"超出{worker.name}的班次 {clock(worker.start)}–{clock(worker.end)}"
    if not any(opens <= start <= closes for opens, closes in job.windows):
        allowed = "、".join(f"{clock(opens)}–{clock(closes)}" for opens, closes in job.windows)
        yield "window", f"{job.number} 业主方便的时间是 {allowed}"
    if job.due is not None and start > job.due:
        limit = f"时限 {clock(job.due)}，晚{minutes(start - job.due)}" if job.due > 0 else "前一日已超时限"
        yield "late", f"{job.number} {limit}"


def _places(worker: Worker, jobs: list[Job]) -> Iterator[Finding]:
    """Whether the worker's hands have room for what is new."""
    new = [job for job in jobs if job.only is None]
    if len(new) > worker.free:
        yield Finding("full", f"{worker.name}还能接 {worker.free} 单，排了 {len(new)} 单", worker.key)
    elif sum(job.level > 1 for job in new) > worker.ordinary:
        words = f"{worker.name}留给1级工单的名额被占用"
        yield Finding("reserve", words, worker.key)


def _in_order(
    problem: Problem, worker: Worker, route: Route, visits: list[tuple[int, Job]]
) -> Iterator[Finding]:
    """One thing after the other, with the way between them and the break where there is one."""
    day: list[tuple[int, int, Job | Appointment]] = [
        (start, start + job.minutes, job) for start, job in visits
    ]
    day += [(each.start, each.end, each) for each in worker.appointments]
    day.sort(key=lambda each: each[:2])
    breaks = [] if route.lunch is None else [(route.lunch, route.lunch + problem.lunch.minutes)]
    if visits:
        yield from _lunch(problem.lunch, problem.has_lunch(worker), worker, day, breaks)
    place, free_from, before = worker.home, worker.start, None
    for start, end, each in day:
        # Two appointments were agreed with their owners; how to keep them is not the plan's to say.
        agreed = isinstance(each, Appointment) and (before is None or isinstance(before, Appointment))
        # Time at table is no time on the way.
        away = sum(max(0, min(start, to) - max(free_from, since)) for since, to in breaks)
        need = problem.travel[place][each.place]
        key = each.key if isinstance(each, Job) else getattr(before, "key", None)
        if not agreed and start < free_from:
            words = f"{each.number} {clock(start)} 开始，上一单 {clock(free_from)} 才结束"
            yield Finding("overlap", words, worker.key, key)
        elif not agreed and start - free_from - away < need:
            words = f"到 {each.number} 路上要 {need} 分钟，只留了 {max(0, start - free_from - away)} 分钟"
            yield Finding("travel", words, worker.key, key)
        place, free_from, before = each.place, max(free_from, end), each


def _lunch(rule: Lunch, has_lunch: bool, worker: Worker, day: list, breaks: list) -> Iterator[Finding]:
    if not has_lunch:
        return
    if not breaks:
        # Appointments that leave no room for it are nobody's mistake here.
        if _gap_exists(rule, worker, day):
            yield Finding("lunch", f"{worker.name}没有午休", worker.key)
        return
    start, end = breaks[0]
    if not rule.earliest <= start <= rule.latest or end > worker.end:
        yield Finding("lunch", f"{worker.name}的午休 {clock(start)} 不在规定时间", worker.key)
    elif any(since < end and start < to for since, to, _ in day):
        yield Finding("lunch", f"{worker.name}的午休与工单重叠", worker.key)


def _gap_exists(rule: Lunch, worker: Worker, day: list) -> bool:
    """Whether appointments alone would leave room for the break."""
    booked = [(since, to) for since, to, each in day if isinstance(each, Appointment)]
    starts = [rule.earliest, *(to for _, to in booked if rule.earliest <= to <= rule.latest)]
    return any(not any(s < at + rule.minutes + 60 and at < to for s, to in booked) for at in starts)


def clock(minute: int) -> str:
    """09:05"""
    return f"{minute // 60:02}:{minute % 60:02}"
