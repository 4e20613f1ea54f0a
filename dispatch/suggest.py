"""Who should go: hard filters that say why someone is out, then a score that explains itself (DI-01, DI-02).

Pure: facts in, suggestion out. `dispatch.facts` gathers the facts; the reviewer decides.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from dispatch.capacity import places_for

OWN, CONTRACTOR, THIRD_PARTY = "own", "contractor", "third_party"

# The ladder of DI-02, best first; a lower step is only a fallback for an empty higher one.
LADDER = {
    "same_estate": "同项目",
    "same_area": "同片区",
    "neighbour": "相邻片区",
    "elsewhere": "跨片区",
    "contractor": "保修单位",
    "third_party": "第三方",
}

# The filters in the order in which they are asked; a worker is out by the first one that fails.
FILTERS = {
    "estate": "不负责本项目",
    "skill": "无该工种技能",
    "certificate": "证书或考核不符",
    "warranty": "不在施工单位保修责任内",
    "repeat": "二次返修不派施工单位",
    "declined": "本轮已拒单",
    "off_duty": "未当班",
    "standby": "备勤只应急",
    "full": "已满载",
}
# What a person may overrule at decision time: asked again by phone, one more on top.
OVERRULABLE = frozenset({"declined", "full", "standby"})
# The last level that calls out those on standby.
URGENT = 2


@dataclass(frozen=True)
class Need:
    """A trade that the fault asks for."""

    trade_id: int
    name: str
    needs_certificate: bool = False


@dataclass(frozen=True)
class Skill:
    """A trade that a worker has; `expires_on` is the last valid day of the certificate.

    `exams` names the parts that a new worker has still to pass, "" when nothing is asked.
    """

    trade_id: int
    certificate: str = ""
    expires_on: date | None = None
    exams: str = ""


@dataclass(frozen=True)
class Job:
    """What the ticket asks for; any one of `trades` will do, none means that anybody can.

    `today` is the day in local time on which certificates must be valid. `covered` is the
    warranty verdict ("yes", "no", "unknown"); `declined` are the workers who said no this round.
    """

    trades: tuple[Need, ...]
    estate_id: int
    area_id: int
    neighbours: frozenset[int]
    level: int
    today: date
    covered: str = "unknown"
    repeat: bool = False
    declined: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Candidate:
    """What is known of a worker. `estates` None means all; `today_estates` are those of today's visits.

    `duty` says in words why somebody is on duty or not; who is on `standby` goes to levels 1 and 2 only.
    `load` and `capacity` count tickets in hand, `reserve` of them kept for level 1;
    `visits_here` counts arrivals at this unit or place; `fixed` of `followed_up` repairs were found
    solved at their follow-up.
    """

    worker_id: int
    name: str
    skills: tuple[Skill, ...]
    on_duty: bool
    load: int
    capacity: int
    estates: frozenset[int] | None
    area_id: int
    grade: int = 1
    employer: str = OWN
    today_estates: frozenset[int] = frozenset()
    visits_here: int = 0
    fixed: int = 0
    followed_up: int = 0
    duty: str = ""
    standby: bool = False
    reserve: int = 0


@dataclass(frozen=True)
class Weights:
    """The most points each part of the score can give."""

    nearness: float = 30
    load: float = 30
    level: float = 10
    earlier: float = 10
    quality: float = 20


@dataclass(frozen=True)
class Refusal:
    """A hard filter that a worker fails: its key in `FILTERS` and the sentence for this worker."""

    code: str
    words: str


@dataclass(frozen=True)
class Part:
    """One part of a score: label, points and the fact behind them in words."""

    label: str
    points: float
    words: str


@dataclass(frozen=True)
class Ranked:
    """A worker who can go: the sum of the parts is the score; `step` is a key of `LADDER`."""

    worker_id: int
    name: str
    score: float
    parts: tuple[Part, ...]
    step: str


@dataclass(frozen=True)
class Excluded:
    """A worker who cannot go: the sentence why, and the key of the filter in `FILTERS`."""

    worker_id: int
    name: str
    reason: str
    code: str


@dataclass(frozen=True)
class Suggestion:
    """Who can go, best first; who cannot; and one sentence on how the ladder was walked."""

    ranked: tuple[Ranked, ...]
    excluded: tuple[Excluded, ...]
    walked: str
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def best(self) -> Ranked | None:
        """The first to ask, if there is anybody."""
        return self.ranked[0] if self.ranked else None


def suggest(job: Job, candidates: Iterable[Candidate], weights: Weights | None = None) -> Suggestion:
    """Rank the workers who can go and say of the others why they cannot (DI-01, DI-02)."""
    weights = weights or Weights()
    ranked, excluded, counts = [], [], Counter[str]()
    for candidate in candidates:
        refusal = next(refusals(job, candidate), None)
        if refusal is None:
            ranked.append((candidate.load, _rank(job, candidate, weights)))
        else:
            counts[refusal.code] += 1
            excluded.append(Excluded(candidate.worker_id, candidate.name, refusal.words, refusal.code))
    steps = list(LADDER)
    ranked.sort(key=lambda pair: (steps.index(pair[1].step), -pair[1].score, pair[0], pair[1].worker_id))
    found = tuple(each for _, each in ranked)
    return Suggestion(found, tuple(excluded), walked(found, counts), dict(counts))


def refusals(job: Job, candidate: Candidate) -> Iterator[Refusal]:
    """Every hard filter that this worker fails for this job, in the order of `FILTERS`."""
    if candidate.estates is not None and job.estate_id not in candidate.estates:
        yield Refusal("estate", "不负责本项目")
    if refusal := _skill_refusal(job, candidate.skills):
        yield refusal
    if candidate.employer == CONTRACTOR and job.covered == "no":
        yield Refusal("warranty", "已过保修期，不派保修单位")
    if candidate.employer == CONTRACTOR and job.repeat:
        yield Refusal("repeat", "二次返修不得直接派施工单位")
    if candidate.worker_id in job.declined:
        yield Refusal("declined", "本轮已拒单")
    if not candidate.on_duty:
        yield Refusal("off_duty", candidate.duty or "未当班")
    elif candidate.standby and job.level > URGENT:
        yield Refusal("standby", f"{candidate.duty or '值班备勤'}，只应对紧急工单")
    if full := _full(job, candidate):
        yield Refusal("full", full)


def _full(job: Job, candidate: Candidate) -> str:
    load, capacity = candidate.load, candidate.capacity
    if load >= capacity:
        return f"已满载 {load}/{capacity}"
    if places_for(job.level, capacity=capacity, load=load, reserve=candidate.reserve):
        return ""
    return f"已满载 {load}/{capacity}，余下{capacity - load}单留给1级工单"


def _skill_refusal(job: Job, skills: Sequence[Skill]) -> Refusal | None:
    if not job.trades:
        return None
    held = {skill.trade_id: skill for skill in skills}
    wanted = [(need, held[need.trade_id]) for need in job.trades if need.trade_id in held]
    if not wanted:
        return Refusal("skill", f"无该工种技能：{'、'.join(need.name for need in job.trades)}")
    faults = [_certificate_fault(need, skill, job.today) for need, skill in wanted]
    return None if "" in faults else Refusal("certificate", faults[0])


def _certificate_fault(need: Need, skill: Skill, today: date) -> str:
    if skill.expires_on and skill.expires_on < today:
        return f"{need.name}证书已于{_day(skill.expires_on)}过期"
    if need.needs_certificate and not skill.certificate:
        return f"{need.name}须持证上岗，未登记证书"
    if skill.exams:
        return f"{need.name}考核未通过：{skill.exams}"
    return ""


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def step_of(job: Job, candidate: Candidate) -> str:
    """The step of the ladder on which this worker stands for this job."""
    if candidate.employer in (CONTRACTOR, THIRD_PARTY):
        return candidate.employer
    posted = candidate.estates == frozenset({job.estate_id})
    if posted or job.estate_id in candidate.today_estates:
        return "same_estate"
    if candidate.area_id == job.area_id:
        return "same_area"
    return "neighbour" if candidate.area_id in job.neighbours else "elsewhere"


def _rank(job: Job, candidate: Candidate, weights: Weights) -> Ranked:
    step = step_of(job, candidate)
    parts = (
        _nearness(job, candidate, step, weights.nearness),
        _load(candidate, weights.load),
        _level(job, candidate, weights.level),
        _earlier(candidate, weights.earlier),
        _quality(candidate, weights.quality),
    )
    score = round(sum(part.points for part in parts), 1)
    return Ranked(candidate.worker_id, candidate.name, score, parts, step)


NEARNESS = {"same_estate": 1.0, "same_area": 0.7, "neighbour": 0.4}
GRADES = {1: "初级", 2: "中级", 3: "高级"}


def _nearness(job: Job, candidate: Candidate, step: str, most: float) -> Part:
    words = LADDER[step]
    if step == "same_estate":
        words = "今天在本项目有上门" if job.estate_id in candidate.today_estates else "专驻本项目"
    return Part("远近", round(most * NEARNESS.get(step, 0.0), 1), words)


def _load(candidate: Candidate, most: float) -> Part:
    free = 1 - candidate.load / candidate.capacity
    return Part("负荷", round(most * free, 1), f"手上 {candidate.load}/{candidate.capacity} 单")


def _level(job: Job, candidate: Candidate, most: float) -> Part:
    grade = GRADES[candidate.grade]
    if job.level <= 2:
        return Part("级别", round(most * candidate.grade / 3, 1), f"{job.level}级单优先高等级，{grade}工")
    return Part("级别", round(most * (4 - candidate.grade) / 3, 1), f"{job.level}级单留出高等级，{grade}工")


def _earlier(candidate: Candidate, most: float) -> Part:
    times = candidate.visits_here
    words = f"曾到本处 {times} 次" if times else "未到过本处"
    return Part("熟悉", round(most * min(times, 3) / 3, 1), words)


def _quality(candidate: Candidate, most: float) -> Part:
    # Four of five is assumed before there are figures, so that one lucky or
    # unlucky repair does not decide who goes.
    rate = (candidate.fixed + 4) / (candidate.followed_up + 5)
    words = (
        f"一次修好 {candidate.fixed}/{candidate.followed_up}"
        if candidate.followed_up
        else "暂无回访，按平均计"
    )
    return Part("质量", round(most * rate, 1), words)


def walked(ranked: Sequence[Ranked], counts: Mapping[str, int]) -> str:
    """One sentence on the ladder: how many stood on each step, or why there is nobody (DI-02)."""
    if not ranked:
        out = "，".join(f"{FILTERS[code]} {counts[code]} 人" for code in FILTERS if counts.get(code))
        return f"没有可派人选：{out}。" if out else "没有可派人选：本项目还没有维修人员。"
    steps = Counter(each.step for each in ranked)
    tried = []
    for step, label in LADDER.items():
        tried.append(f"{label} {steps[step]} 人")
        if steps[step]:
            break
    return " → ".join(tried) + "可派。"
