"""The ladder of DI-02: own people near by, then further away, then contractors, then third parties; pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dispatch.candidates import CONTRACTOR, THIRD_PARTY, Candidate, Job

# Best first; a lower step is only a fallback for an empty higher one.
LADDER = {
    "same_estate": "同项目",
    "same_area": "同片区",
    "neighbour": "相邻片区",
    "elsewhere": "跨片区",
    "contractor": "保修单位",
    "third_party": "第三方",
}
PLACE_OF = {step: place for place, step in enumerate(LADDER)}

# The hard filters in the order in which they are asked; a worker is out by the first one that fails.
FILTERS = {
    "estate": "不负责本项目",
    "skill": "无该工种技能",
    "certificate": "证书或考核不符",
    "warranty": "不在施工单位保修责任内",
    "liable": "责任不属保修单位",
    "agreement": "无有效协议或合同",
    "repeat": "二次返修不派施工单位",
    "unconfirmed": "待工程师确认",
    "unjudged": "保修期内外未判定",
    "declined": "本轮已拒单",
    "silent": "本轮未应答",
    "off_duty": "未当班",
    "standby": "备勤只应急",
    "full": "已满载",
}
# What can be done about the filter that keeps most people out.
ADVICE = {
    "estate": "把本项目加到师傅负责的项目里（管理后台 › 用户）。",
    "skill": "为师傅登记该工种的技能，或委托第三方单位。",
    "certificate": "续办证书或补考，更新后重新生成建议。",
    "warranty": "已过保修期，请改派自有班组或第三方，并告知业主收费。",
    "liable": "责任不在保修单位，请派自有班组或第三方。",
    "agreement": "与保修单位补签协议、与第三方补签年度合同，或启用备选单位。",
    "repeat": "二次返修由房修经理亲自上门，再定谁来修。",
    "unconfirmed": "请工程师确认工种与责任，确认后才能派保修单位。",
    "unjudged": "请工程师在责任确认里判定是否在保修期内，再派保修单位。",
    "declined": "与拒单的师傅再谈一次，可在右侧名单里选他。",
    "silent": "电话联系未应答的师傅，可在右侧名单里选他。",
    "off_duty": "调整排班，或请备勤、相邻项目的师傅支援。",
    "standby": "确属紧急时先把级别调到1级，备勤才会出动。",
    "full": "把他们手上不急的单改派或延期，或调高同时在手上限。",
}
EMPTY = "请先在管理后台 › 维修人员里为本项目安排人员。"


@dataclass
class Rung:
    """One step as it was walked: how many can go, how many are out by which filter, and in words why."""

    step: str
    can: int = 0
    out: Counter[str] = field(default_factory=Counter)
    words: str = ""
    chosen: bool = False

    @property
    def label(self) -> str:
        return LADDER[self.step]


def step_of(job: Job, candidate: Candidate) -> str:
    """The step of the ladder on which this worker stands for this job."""
    if candidate.employer in (CONTRACTOR, THIRD_PARTY):
        return candidate.employer
    if job.estate_id in candidate.today_estates or candidate.estates == {job.estate_id}:
        return "same_estate"
    if candidate.area_id == job.area_id:
        return "same_area"
    return "neighbour" if candidate.area_id in job.neighbours else "elsewhere"


def climb(can: Mapping[str, int], out: Mapping[str, Counter[str]]) -> tuple[Rung, ...]:
    """Every step with its reason: nobody of it can go, it is the one, or it was not asked (DI-02)."""
    rungs = tuple(Rung(step, can.get(step, 0), out.get(step, Counter())) for step in LADDER)
    chosen = next((rung for rung in rungs if rung.can), None)
    for rung in rungs:
        if chosen is None or PLACE_OF[rung.step] < PLACE_OF[chosen.step]:
            rung.words = _nobody(rung)
        elif rung is chosen:
            rung.chosen, rung.words = True, f"{rung.can} 人可派，在这一级派"
        else:
            spare = f"，另有 {rung.can} 人备选" if rung.can else ""
            rung.words = f"不必问：{chosen.label}已有 {chosen.can} 人可派{spare}"
    return rungs


def _nobody(rung: Rung) -> str:
    return f"0 人可派：{_counted(rung.out)}" if rung.out else "没有这样的人"


def _counted(out: Mapping[str, int]) -> str:
    return "，".join(f"{words} {out[code]} 人" for code, words in FILTERS.items() if out.get(code))


def advice(counts: Mapping[str, int]) -> tuple[str, ...]:
    """What to do when nobody is found, the filter that keeps most people out first (DI-02)."""
    if not counts:
        return (EMPTY,)
    order = sorted(counts, key=lambda code: (-counts[code], list(FILTERS).index(code)))
    return tuple(ADVICE[code] for code in order[:3])


def walked(steps: Sequence[str], counts: Mapping[str, int]) -> str:
    """One sentence on the ladder: how many stood on each step, or why there is nobody (DI-02)."""
    if not steps:
        return f"没有可派人选：{_counted(counts)}。" if counts else "没有可派人选：本项目还没有维修人员。"
    number = Counter(steps)
    tried = []
    for step, label in LADDER.items():
        tried.append(f"{label} {number[step]} 人")
        if number[step]:
            break
    return " → ".join(tried) + "可派。"
