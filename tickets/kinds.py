"""What the kinds of ticket need: the fields they ask, the steps they may take, the way they end (IN-11).

Pure data. The machine asks `may_take` whether a kind has a step at all; `tickets.requirements` asks
`sheets_before` what must be written down before a step. A new kind is a row of `POLICIES`, not a branch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import models

from tickets.states import Desk, Status


class Kind(models.TextChoices):
    REPAIR = "repair", "维修"
    COMPLAINT = "complaint", "投诉"
    SUGGESTION = "suggestion", "建议"
    CONSULTATION = "consultation", "咨询"
    PLANNED = "planned", "计划性服务"
    MINOR_WORKS = "minor_works", "零星工程"


@dataclass(frozen=True)
class Ask:
    """One field of a sheet. `form` is text, long, choice, money or number; `choices` are (value, words)."""

    name: str
    label: str
    form: str = "text"
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = True
    hint: str = ""
    unit: str = ""

    def words(self, value: str) -> str:
        """The value as people read it."""
        return f"{dict(self.choices).get(value, value)}{self.unit}"


@dataclass(frozen=True)
class Sheet:
    """Fields that belong together and are filled in at once.

    `opening` sheets belong to the registration itself; others are due before `before`. `permissions`
    (of tickets) say who may fill it in, any one is enough. `only` names a property of the fault
    without which the sheet is not asked for; `photos` is how many pictures must be there besides.
    """

    name: str
    label: str
    asks: tuple[Ask, ...]
    opening: bool = False
    before: str = ""
    permissions: tuple[str, ...] = ("register_ticket",)
    only: str = ""
    photos: int = 0
    # Where danger is at hand people go first and the papers follow: the step it may wait for then.
    urgent_before: str = ""

    def due_before(self, level: int) -> str:
        """The step that waits for this sheet at that level; empty when none does."""
        return self.urgent_before if level == 1 and self.urgent_before else self.before

    def missing(self, facts: Mapping[str, str]) -> list[str]:
        """The labels of what is required and not there."""
        return [ask.label for ask in self.asks if ask.required and not facts.get(ask.name)]


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
        "schedule",
        "reschedule",
        "no_access",
    ),
    *("arrive", "submit_plan", "submit_plan_for_review", "approve_plan", "reject_plan", "consent"),
    *("refuse_plan", "finish", "pass_inspection", "fail_inspection", "pass_acceptance"),
    *("refuse_acceptance", "suspend", "resume"),
}
WORK = frozenset(INTAKE | FIELD | ENDING)

DEVICE = Sheet(
    "device",
    "设备资料",
    (
        Ask("device_model", "设备型号", hint="铭牌上的型号，例如“通力 N MonoSpace 2.0”"),
        Ask("device_name", "设备名称与编号", required=False, hint="例如“2号客梯”"),
    ),
    before="dispatch",
    urgent_before="pass_inspection",
    permissions=("register_ticket", "work_ticket"),
    only="needs_device",
    photos=1,
)
COMPLAINT = Sheet(
    "complaint",
    "投诉要点",
    (
        Ask(
            "about",
            "投诉类别",
            "choice",
            (("safety", "安全"), ("service", "服务质量"), ("other", "其他")),
            hint="安全类立即联系并上报房修经理，服务质量12小时内联系核实",
        ),
        Ask("demand", "业主诉求", "long", hint="业主希望怎样处理"),
        Ask("happened", "发生时间与经过人员", required=False, hint="何时、涉及哪些人员，知道多少写多少"),
        Ask(
            "harm",
            "有人受伤或重大损失",
            "choice",
            (("no", "没有"), ("yes", "有")),
            hint="选“有”将按事故办理并立即上报",
        ),
    ),
    opening=True,
)
SUGGESTION = Sheet(
    "suggestion",
    "建议要点",
    (
        Ask(
            "topic",
            "建议方面",
            "choice",
            (
                ("service", "服务"),
                ("facility", "设施"),
                ("order", "秩序"),
                ("green", "环境"),
                ("other", "其他"),
            ),
        ),
    ),
    opening=True,
)
CONSULTATION = Sheet(
    "consultation",
    "咨询要点",
    (
        Ask(
            "topic",
            "咨询事项",
            "choice",
            (
                ("warranty", "保修"),
                ("fitting", "装修"),
                ("fees", "费用"),
                ("steps", "办理流程"),
                ("other", "其他"),
            ),
        ),
    ),
    opening=True,
)
SERVICE = Sheet(
    "service",
    "服务项目",
    (Ask("item", "服务项目", hint="例如“空调清洗 2 台”“代装晾衣架”"),),
    opening=True,
)
QUOTE = Sheet(
    "quote",
    "报价确认",
    (
        Ask("price", "报价（元）", "money", unit="元"),
        Ask("basis", "计价依据", required=False, hint="公示价目、上门费、材料费"),
        Ask("agreed_by", "确认人"),
        Ask(
            "agreed_how",
            "确认方式",
            "choice",
            (("phone", "电话"), ("message", "短信"), ("face", "当面"), ("paper", "书面")),
        ),
    ),
    before="dispatch",
    permissions=("dispatch_ticket", "triage_ticket", "reply_ticket"),
)
WORKS = Sheet(
    "works",
    "工程内容",
    (
        Ask("scope", "工程范围", "long", hint="部位、做法、数量"),
        Ask("source", "费用来源", required=False, hint="维修资金、物业费、申请人自付"),
    ),
    opening=True,
)
ESTIMATE = Sheet(
    "estimate",
    "工程估算",
    (
        Ask("cost", "估算费用（元）", "money", unit="元"),
        Ask("days", "预计工期（天）", "number", unit="天"),
        Ask("approach", "做法与条件", "long"),
    ),
    before="dispatch",
    permissions=("judge_ticket",),
)
ASKER = ("报修人", "联系电话", "故障描述")

POLICIES: dict[str, Policy] = {
    Kind.REPAIR: Policy(EVERYTHING, WORK, (DEVICE,), has_fault=True, classed=True),
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
    ),
    Kind.SUGGESTION: Policy(
        ("报修人", "故障描述"),
        frozenset(INTAKE | REPLY),
        (SUGGESTION,),
        desk=Desk.FRONT,
        level=4,
        words="建议内容",
        labelled=True,
    ),
    Kind.CONSULTATION: Policy(
        ASKER,
        frozenset(INTAKE | REPLY),
        (CONSULTATION,),
        desk=Desk.FRONT,
        level=4,
        words="咨询内容",
    ),
    Kind.PLANNED: Policy(
        ("报修人", "联系电话", "房屋或公共部位", "故障分类", "故障描述", "期望时间"),
        WORK,
        (SERVICE, QUOTE),
        level=4,
        has_fault=True,
        words="服务要求",
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
