"""Who should go: hard filters that say why someone is out, then a score that explains itself (DI-01, DI-02).

Pure: facts in, suggestion out. `dispatch.facts` gathers the facts; the reviewer decides.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple

from dispatch import ladder
from dispatch.candidates import CONTRACTOR, OWN, THIRD_PARTY, Candidate, Crowd, Job, Need, Skill, Weights
from dispatch.capacity import places_for
from dispatch.ladder import FILTERS, LADDER, PLACE_OF, Rung, step_of
from dispatch.scoring import Part, parts_of, points_of

__all__ = [
    "CONTRACTOR",
    "FILTERS",
    "LADDER",
    "OVERRULABLE",
    "OWN",
    "THIRD_PARTY",
    "UNLOCKED",
    "Candidate",
    "Crowd",
    "Excluded",
    "Job",
    "Need",
    "Part",
    "Ranked",
    "Refusal",
    "Rung",
    "Skill",
    "Suggestion",
    "Weights",
    "refusals",
    "suggest",
]

# What a person may overrule at decision time: asked again by phone, one more on top, responsibility judged.
OVERRULABLE = frozenset({"declined", "silent", "full", "standby", "unjudged"})
# What keeps a contractor out until our own people have done their part.
UNLOCKED = frozenset({"unconfirmed", "repeat"})
# The last level that calls out those on standby, and third parties before their papers.
URGENT = 1


@dataclass(frozen=True)
class Refusal:
    """A hard filter that a worker fails: its key in `FILTERS` and the sentence for this worker."""

    code: str
    words: str


@dataclass(frozen=True)
class Ranked:
    """A worker who can go: the sum of the points is the score; `step` is a key of `LADDER`."""

    worker_id: int
    name: str
    score: float
    step: str
    points: tuple[float, ...]
    job: Job = field(repr=False)
    candidate: Candidate = field(repr=False)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The points with the facts behind them; made when asked for, since few of thousands are shown."""
        return parts_of(self.job, self.candidate, self.step, self.points)


class Excluded(NamedTuple):
    """A worker who cannot go: the sentence why, and the key of the filter in `FILTERS`.

    A tuple, since thousands are made for one ticket.
    """

    worker_id: int
    name: str
    reason: str
    code: str


@dataclass(frozen=True)
class Suggestion:
    """Who can go, best first; who cannot; and how the ladder was walked, step by step and in one sentence."""

    ranked: tuple[Ranked, ...]
    excluded: tuple[Excluded, ...]
    walked: str
    counts: Mapping[str, int] = field(default_factory=dict)
    rungs: tuple[Rung, ...] = ()

    @property
    def best(self) -> Ranked | None:
        """The first to ask, if there is anybody."""
        return self.ranked[0] if self.ranked else None

    @property
    def advice(self) -> tuple[str, ...]:
        """What to do about it when nobody can go (DI-02)."""
        return () if self.ranked else ladder.advice(self.counts)


def suggest(
    job: Job,
    candidates: Iterable[Candidate],
    weights: Weights | None = None,
    crowd: Crowd | None = None,
) -> Suggestion:
    """Rank the workers who can go and say of the others why they cannot (DI-01, DI-02).

    `crowd` are workers without the trade who were only counted; they are no candidates.
    """
    weights = weights or Weights()
    found: list[tuple[int, float, int, int, Ranked]] = []
    excluded: list[Excluded] = []
    out: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for candidate in candidates:
        step = step_of(job, candidate)
        refusal = _firmest(refusals(job, candidate))
        if refusal is not None:
            out[step][refusal.code] += 1
            excluded.append(Excluded(candidate.worker_id, candidate.name, refusal.words, refusal.code))
            continue
        points = points_of(job, candidate, step, weights)
        score = round(sum(points), 1)
        ranked = Ranked(candidate.worker_id, candidate.name, score, step, points, job, candidate)
        found.append((PLACE_OF[step], -score, candidate.load, candidate.worker_id, ranked))
    if crowd is not None:
        words = _no_skill(job)
        excluded += [Excluded(key, name, words, "skill") for key, name in crowd.names]
        for step, number in crowd.steps.items():
            out[step]["skill"] += number
    # The worker's key is unlike all others, so the last place is never compared.
    found.sort(key=lambda each: each[:4])
    best_first = tuple(each[4] for each in found)
    counts = sum(out.values(), Counter())
    steps = [each.step for each in best_first]
    rungs = ladder.climb(Counter(steps), out)
    return Suggestion(best_first, tuple(excluded), ladder.walked(steps, counts), dict(counts), rungs)


def _firmest(found: Iterator[Refusal]) -> Refusal | None:
    """The first that nobody may overrule, else the first: a list to choose from offers only who can go."""
    first = next(found, None)
    if first is None or first.code not in OVERRULABLE:
        return first
    return next((each for each in found if each.code not in OVERRULABLE), first)


def refusals(job: Job, candidate: Candidate) -> Iterator[Refusal]:
    """Every hard filter that this worker fails for this job, in the order of `FILTERS`."""
    if candidate.estates is not None and job.estate_id not in candidate.estates:
        yield Refusal("estate", "不负责本项目")
    if job.trades and (refusal := _skill_refusal(job, candidate.skills)):
        yield refusal
    if candidate.employer == CONTRACTOR:
        yield from _contractor_refusals(job, candidate)
    elif candidate.employer == THIRD_PARTY and not candidate.agreement and job.level > URGENT:
        yield Refusal("agreement", "没有本项目该工种的有效第三方合同")
    if candidate.worker_id in job.declined:
        yield Refusal("declined", "本轮已拒单")
    if candidate.worker_id in job.silent:
        yield Refusal("silent", "本轮未应答")
    if not candidate.on_duty:
        yield Refusal("off_duty", candidate.duty or "未当班")
    elif candidate.standby and job.level > URGENT:
        yield Refusal("standby", f"{candidate.duty or '值班备勤'}，只应对紧急工单")
    if full := _full(job, candidate):
        yield Refusal("full", full)


def _contractor_refusals(job: Job, candidate: Candidate) -> Iterator[Refusal]:
    """A contractor mends what it owes: under warranty, by agreement, and not a second time (DI-02, DI-06).

    What it owes the engineer says before it sees the ticket (DI-13); what can be done about comes last.

    A third party owes nothing: it is paid for work that others owe, so no ruling on responsibility decides
    whether it may go (DI-13 speaks of contractors), but its yearly contract does: prices are agreed before
    the work. In an emergency the papers may follow (domain.md §4.2).
    """
    if job.covered == "no":
        yield Refusal("warranty", "已过保修期，不派保修单位")
    if job.liable:
        yield Refusal("liable", f"责任已确认为{job.liable}，不属保修单位")
    if not candidate.agreement:
        yield Refusal("agreement", "没有本项目该工种的有效保修协议")
    if job.repeat:
        yield Refusal("repeat", "二次返修不得直接派施工单位")
    if not job.confirmed:
        yield Refusal("unconfirmed", "待工程师确认工种与责任")
    if job.covered not in ("yes", "no"):
        yield Refusal("unjudged", "是否在保修期内未判定，先由工程师判定")


def _full(job: Job, candidate: Candidate) -> str:
    load, capacity = candidate.load, candidate.capacity
    if load >= capacity:
        return f"已满载 {load}/{capacity}"
    if not candidate.reserve:
        return ""
    if places_for(job.level, capacity=capacity, load=load, reserve=candidate.reserve):
        return ""
    return f"已满载 {load}/{capacity}，余下{capacity - load}单留给1级工单"


def _skill_refusal(job: Job, skills: Sequence[Skill]) -> Refusal | None:
    fault = ""
    for need in job.trades:
        for skill in skills:
            if skill.trade_id != need.trade_id:
                continue
            why_not = _certificate_fault(need, skill, job.today)
            if not why_not:
                return None
            fault = fault or why_not
    if fault:
        return Refusal("certificate", fault)
    return Refusal("skill", _no_skill(job))


def _no_skill(job: Job) -> str:
    return f"无该工种技能：{'、'.join(need.name for need in job.trades)}"


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
