"""The score of a worker who can go: six parts, each with its points and the fact behind; pure (DI-01)."""

from dataclasses import dataclass

from dispatch.candidates import Candidate, Job, Weights
from dispatch.ladder import LADDER

LABELS = ("远近", "负荷", "级别", "熟悉", "质量", "准时")
NEARNESS = {"same_estate": 1.0, "same_area": 0.7, "neighbour": 0.4}
GRADES = {1: "初级", 2: "中级", 3: "高级"}


@dataclass(frozen=True)
class Part:
    """One part of a score: label, points and the fact behind them in words."""

    label: str
    points: float
    words: str


def points_of(job: Job, candidate: Candidate, step: str, weights: Weights) -> tuple[float, ...]:
    """The points of each part, in the order of `LABELS`, to one decimal."""
    grade = candidate.grade if job.level <= 2 else 4 - candidate.grade
    return (
        round(weights.nearness * NEARNESS.get(step, 0.0), 1),
        round(weights.load * (1 - candidate.load / candidate.capacity), 1),
        round(weights.level * grade / 3, 1),
        round(weights.earlier * min(candidate.visits_here, 3) / 3, 1),
        round(weights.quality * _smooth(candidate.fixed, candidate.followed_up), 1),
        round(weights.punctuality * _smooth(candidate.punctual, candidate.visited), 1),
    )


def parts_of(job: Job, candidate: Candidate, step: str, points: tuple[float, ...]) -> tuple[Part, ...]:
    """The points with their words."""
    grade = GRADES[candidate.grade]
    times = candidate.visits_here
    words = (
        _nearness(job, candidate, step),
        f"手上 {candidate.load}/{candidate.capacity} 单",
        f"{job.level}级单优先高等级，{grade}工"
        if job.level <= 2
        else f"{job.level}级单留出高等级，{grade}工",
        f"曾到本处 {times} 次" if times else "未到过本处",
        _share("一次修好", candidate.fixed, candidate.followed_up, "暂无回访，按平均计"),
        _share("准时上门", candidate.punctual, candidate.visited, "暂无上门记录，按平均计"),
    )
    return tuple(Part(*each) for each in zip(LABELS, points, words, strict=True))


def _smooth(good: int, of: int) -> float:
    # Four of five is assumed before there are figures, so that one lucky or
    # unlucky repair does not decide who goes.
    return (good + 4) / (of + 5)


def _nearness(job: Job, candidate: Candidate, step: str) -> str:
    if step == "same_estate":
        return "今天在本项目有上门" if job.estate_id in candidate.today_estates else "专驻本项目"
    return LADDER[step]


def _share(label: str, good: int, of: int, nothing: str) -> str:
    return f"{label} {good}/{of}" if of else nothing
