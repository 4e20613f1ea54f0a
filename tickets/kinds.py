"""What the kinds of ticket need: the fields they ask, the steps they may take, the way they end (IN-11).

Pure data. The machine asks `may_take` whether a kind has a step at all; `tickets.requirements` asks
`sheets_before` what must be written down before a step. A new kind is a row of `POLICIES`, not a branch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import models

from tickets.kind_sheets import (
    COMPLAINT,
    CONSULTATION,
    DEVICE,
    ESTIMATE,
    QUOTE,
    SERVICE,
    SUGGESTION,
    WORKS,
    Sheet,
)
from tickets.states import Desk, Status


class Kind(models.TextChoices):
    REPAIR = "repair", "维修"
    COMPLAINT = "complaint", "投诉"
    SUGGESTION = "suggestion", "建议"
    CONSULTATION = "consultation", "咨询"
    PLANNED = "planned", "计划性服务"
    MINOR_WORKS = "minor_works", "零星工程"


@dataclass(frozen=True)
class Door:
    """How owners find a kind on their own phone, and what its short form says there.

    `word` is what it is called for them; `fault` is the code of the fault category that stands for
    what no layman would look for among faults.
    """

    word: str
    title: str
    hint: str
    icon: str
    says: str = ""
    example: str = ""
    photos: str = "有照片更清楚，不方便拍可以跳过。最多9张照片和一段视频。"
    fault: str = ""


@dataclass(frozen=True)
class Policy:
    """How tickets of one kind are handled."""

    needs: tuple[str, ...]
    steps: frozenset[str]
    sheets: tuple[Sheet, ...] = ()
    # Where a reply leads: to the follow-up call, or straight to the end.
    replied: Status = Status.CLOSED
    contact_first: bool = False
    desk: Desk | None = None
    level: int = 3
    # The level that an answer of the opening sheet gives instead: (field, value) -> level.
    levels: Mapping[tuple[str, str], int] = field(default_factory=dict)
    has_fault: bool = False
    # Whether 日常/重要/事故 grow with time (SL-06); what has an agreed date of its own does not.
    classed: bool = False
    # What the free words of the registration are called for this kind.
    words: str = "故障描述"
    # Whether the registration asks whose matter it is.
    labelled: bool = False
    # None where it is not for owners to ask for it by themselves.
    door: Door | None = None

    def level_for(self, facts: Mapping[str, str]) -> int:
        """The level before rules raise it, where no fault says it."""
        return next((n for (name, value), n in self.levels.items() if facts.get(name) == value), self.level)


# Labels of what the registration asks; `tickets.intake` knows where each stands.
EVERYTHING = ("报修人", "联系电话", "房屋或公共部位", "故障分类", "故障描述", "期望时间")
ASIDE = {"defer", "undefer", "cancel", "merge", "transfer"}
INTAKE = {"complete_details", "return_for_information", *ASIDE}
ENDING = {"close", "fail_follow_up", "archive"}
REPLY = {"reply", "archive"}
FIELD = {
    *(
        "submit_review",
        "dispatch",
        "reassign",
        "activate_backup",
        "accept",
        "decline",
        "take_back",
        "schedule",
        "reschedule",
        "no_access",
    ),
    *("arrive", "submit_plan", "submit_plan_for_review", "approve_plan", "reject_plan", "consent"),
    *("refuse_plan", "finish", "pass_inspection", "fail_inspection", "pass_acceptance"),
    *("refuse_acceptance", "suspend", "resume"),
}
WORK = frozenset(INTAKE | FIELD | ENDING)

ASKER = ("报修人", "联系电话", "故障描述")

POLICIES: dict[str, Policy] = {
    Kind.REPAIR: Policy(
        EVERYTHING,
        WORK,
        (DEVICE,),
        has_fault=True,
        classed=True,
        door=Door("报修", "我要报修", "东西坏了、漏水、没电：拍照、说明情况，约两分钟", "tools"),
    ),
    Kind.COMPLAINT: Policy(
        ASKER,
        frozenset(INTAKE | ENDING | REPLY),
        (COMPLAINT,),
        replied=Status.COMPLETED,
        contact_first=True,
        desk=Desk.FRONT,
        levels={("about", "safety"): 1},
        classed=True,
        words="投诉经过",
        labelled=True,
        door=Door(
            "投诉",
            "我要投诉",
            "安全隐患、服务不好、没人管",
            "emoji-frown",
            "发生了什么",
            "例如：昨天下午保洁把水洒在楼梯上，没放警示牌，老人差点滑倒",
        ),
    ),
    Kind.SUGGESTION: Policy(
        ("报修人", "故障描述"),
        frozenset(INTAKE | REPLY),
        (SUGGESTION,),
        desk=Desk.FRONT,
        level=4,
        words="建议内容",
        labelled=True,
        door=Door(
            "建议",
            "提个建议",
            "哪里可以做得更好",
            "lightbulb",
            "您的建议",
            "例如：快递柜旁边晚上太暗，希望加一盏灯",
        ),
    ),
    Kind.CONSULTATION: Policy(
        ASKER,
        frozenset(INTAKE | REPLY),
        (CONSULTATION,),
        desk=Desk.FRONT,
        level=4,
        words="咨询内容",
        door=Door(
            "咨询",
            "我想咨询",
            "保修、装修、费用、怎么办手续",
            "question-circle",
            "您想问什么",
            "例如：卫生间漏水还在保修期吗，要不要收费",
            "有单据或现场照片更清楚，没有可以跳过。最多9张照片和一段视频。",
        ),
    ),
    Kind.PLANNED: Policy(
        ("报修人", "联系电话", "房屋或公共部位", "故障分类", "故障描述", "期望时间"),
        WORK,
        (SERVICE, QUOTE),
        level=4,
        has_fault=True,
        words="服务要求",
        door=Door(
            "便民服务",
            "有偿便民服务",
            "清洗、安装、小修，先报价，您同意了再上门",
            "screwdriver",
            "具体要求",
            "例如：客厅柜机一台、卧室挂机一台，两年没洗了",
            "拍一下要清洗或安装的东西，方便报价；不方便拍可以跳过。最多9张照片和一段视频。",
            fault="OT02",
        ),
    ),
    Kind.MINOR_WORKS: Policy(
        ("报修人", "联系电话", "房屋或公共部位", "故障分类", "故障描述"),
        WORK,
        (WORKS, ESTIMATE),
        level=4,
        has_fault=True,
        words="情况说明",
    ),
}
# Kinds that are answered with words instead of being mended.
ANSWERED = tuple(kind for kind, policy in POLICIES.items() if "reply" in policy.steps)
SENT = tuple(kind for kind, policy in POLICIES.items() if "dispatch" in policy.steps)
FOR_OWNERS = tuple(kind for kind, policy in POLICIES.items() if policy.door)
CLASSED = tuple(kind for kind, policy in POLICIES.items() if policy.classed)
# Where tickets that are answered can ever stand; the database holds them to it.
ANSWERED_STATES = (
    *(Status.INCOMPLETE, Status.REGISTERED, Status.COMPLETED, Status.CLOSED, Status.ARCHIVED),
    *(Status.DEFERRED, Status.CANCELLED, Status.MERGED, Status.TRANSFERRED),
)
ACCIDENT = "accident"


def of(kind: str) -> Policy:
    """The policy of a kind."""
    return POLICIES[kind]


def owner_word(kind: str) -> str:
    """What this kind is called towards owners."""
    door = POLICIES[kind].door
    return door.word if door else Kind(kind).label


def may_take(kind: str, step: str) -> bool:
    """Whether tickets of this kind ever take this step."""
    return step in POLICIES[kind].steps


def sheets_before(kind: str, step: str, *, level: int) -> list[Sheet]:
    """The sheets that must be complete before this step, whatever the fault."""
    return [sheet for sheet in POLICIES[kind].sheets if sheet.due_before(level) == step]


def opening_sheet(kind: str) -> Sheet | None:
    """The kind's own part of the registration form, if it has one."""
    return next((sheet for sheet in POLICIES[kind].sheets if sheet.opening), None)


def sheet_named(kind: str, name: str) -> Sheet | None:
    """One sheet of a kind by its name."""
    return next((sheet for sheet in POLICIES[kind].sheets if sheet.name == name), None)
