"""The sheets of the kinds: which questions are asked together, when, and by whom they are answered (IN-11).

Pure data. `tickets.kinds` says which kind has which sheets.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Plain:
    """A question of a sheet as owners are asked it on their own phone; `choices` reword the same values.

    `advice` is what to do now when the answer is yes.
    """

    label: str
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    advice: str = ""


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
    plain: Plain | None = None

    @property
    def as_asked(self) -> "Ask":
        """The same question as owners are asked it."""
        if self.plain is None:
            return self
        plain = self.plain
        return replace(self, label=plain.label, choices=plain.choices or self.choices, hint=plain.hint)

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
            plain=Plain(
                "最接近哪一种？",
                (
                    ("safety", "安全隐患：已经或可能伤到人"),
                    ("service", "服务不好：态度差、拖延、没人管、没修好"),
                    ("other", "其他：噪音、卫生、停车、收费等"),
                ),
            ),
        ),
        Ask("demand", "业主诉求", "long", hint="业主希望怎样处理", plain=Plain("您希望怎么处理？")),
        Ask(
            "happened",
            "发生时间与经过人员",
            required=False,
            hint="何时、涉及哪些人员，知道多少写多少",
            plain=Plain("什么时候的事，和谁有关？", hint="知道多少写多少，不清楚可以不写。"),
        ),
        Ask(
            "harm",
            "有无人员受伤或重大损失",
            "choice",
            (("no", "没有"), ("yes", "有")),
            hint="选“有”将按事故办理并立即上报",
            plain=Plain(
                "有没有人受伤，或者损失很大？",
                hint="选“有”，我们会立即上报负责人。",
                advice="有人受伤请先拨打120；还有危险的，请先让人离开，不要自己去处理。",
            ),
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
            plain=Plain(
                "关于哪方面？",
                (
                    ("service", "服务：接待、维修、上门"),
                    ("facility", "设施：电梯、路灯、门禁、健身器材"),
                    ("order", "秩序：停车、访客、噪音"),
                    ("green", "环境：保洁、绿化"),
                    ("other", "其他"),
                ),
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
            plain=Plain(
                "想问哪方面？",
                (
                    ("warranty", "保修：还保不保、收不收费"),
                    ("fitting", "装修：申请、押金、施工时间"),
                    ("fees", "费用：物业费、维修资金等"),
                    ("steps", "办理流程：怎么办、带什么"),
                    ("other", "其他"),
                ),
            ),
        ),
    ),
    opening=True,
)
SERVICE = Sheet(
    "service",
    "服务要点",
    (
        Ask(
            "item",
            "服务项目",
            hint="例如“空调清洗 2 台”“代装晾衣架”",
            plain=Plain("需要什么服务？", hint="例如“清洗两台空调”“装一副晾衣架”"),
        ),
    ),
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
