"""The front desk's form for a call: what was typed stays, what is missing is named (IN-03, IN-04)."""

from datetime import timedelta
from functools import partial

from django import forms
from django.urls import reverse_lazy
from django.utils.timezone import now

from core import phones
from core.forms import FixedChoiceField, FixedMultipleChoiceField, FoundField, KeyedForm, PhoneField
from estates.models import Estate, Owner, PublicPlace, Unit
from knowledge.models import Department, FaultCategory
from knowledge.queries import find_department
from tickets import kinds, repeats
from tickets.forms.kinds import suit
from tickets.intake import Intake
from tickets.levels import Danger
from tickets.models import CaseTicket, Channel, Kind, Port, Report, Ticket
from tickets.named import Named

WANTED = ["尽快", "今天上午", "今天下午", "今天晚上", "明天上午", "明天下午", "本周末", "由师傅电话约定"]
# Sensors and inspections have doors of their own.
DESK_CHANNELS = [
    Channel.PHONE,
    Channel.FRONT_DESK,
    Channel.WECHAT,
    Channel.EMAIL,
    Channel.LETTER,
    Channel.PATROL,
]
LONGEST_CALL = timedelta(hours=2)
# A draft keeps what was chosen, too (static/js/drafts.js).
KEPT = {"data-draft-keep": ""}


class IntakeForm(KeyedForm):
    """One call, one fault. With `save=incomplete` only the estate is needed."""

    unit = FoundField(Unit.objects.none(), required=False, widget=forms.HiddenInput(KEPT))
    place = FoundField(
        PublicPlace.objects.none(),
        required=False,
        label="公共部位",
        widget=forms.Select(
            attrs={"hx-get": reverse_lazy("intake_place"), "hx-target": "#unit-panel", "hx-trigger": "change"}
        ),
    )
    owner = FoundField(Owner.objects.none(), required=False, widget=forms.HiddenInput(KEPT))
    estate = FoundField(Estate.objects.none(), required=False, label="项目")
    reporter_name = forms.CharField(label="报修人", max_length=60)
    reporter_phone = PhoneField(label="联系电话")
    fault = FoundField(
        FaultCategory.objects.none(),
        label="故障分类",
        widget=forms.HiddenInput(KEPT),
        error_messages={"required": "请选择故障分类：输入业主的说法，例如“漏水”。"},
    )
    dangers = FixedMultipleChoiceField(
        label="紧急情况", choices=Danger, required=False, widget=forms.CheckboxSelectMultiple
    )
    description = forms.CharField(
        label="故障描述",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="哪里、什么问题、何时开始、影响到谁、做过什么处理",
    )
    # Numbered, so that one key chooses.
    wanted = FixedChoiceField(
        label="期望时间",
        choices=[("", "请选择")] + [(word, f"{number} {word}") for number, word in enumerate(WANTED, 1)],
    )
    channel = FixedChoiceField(label="渠道", choices=[(each.value, each.label) for each in DESK_CHANNELS])
    port = FixedChoiceField(label="受理端口", choices=Port, initial=Port.PROPERTY)
    started_at = forms.DateTimeField(widget=forms.HiddenInput(KEPT), required=False)
    # The message that is being registered (tickets.views.incoming.named_by finds it).
    incoming = forms.UUIDField(widget=forms.HiddenInput, required=False)
    # Offered beside the chosen fault, never asked for (IN-08).
    attach_to = FoundField(
        Ticket.objects.none(),
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": "这张工单已经办结或不在您负责的项目内，请重新选择，或登记新工单。"},
    )
    repeat_of = FoundField(
        Ticket.objects.none(),
        required=False,
        label="二次返修原单",
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": "没有找到这张原单，请重新选择，或选“不是返修”。"},
    )
    said_repaired = forms.BooleanField(label="业主说这里已经修过", required=False)
    # The ticket of another dwelling with the same cause, and which side this one is (IN-21).
    same_cause = FoundField(
        Ticket.objects.none(),
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": "同一原因的那张工单已经办结，请重新选择，或作为单独的报修登记。"},
    )
    case_side = FixedChoiceField(
        choices=CaseTicket.Side, required=False, initial=CaseTicket.Side.DAMAGE, widget=forms.HiddenInput
    )
    # The call that this fault is a further one of (IN-10).
    report = FoundField(
        Report.objects.none(),
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": "没有找到这通来电，请作为新的来电登记。"},
    )
    # The kind's own part is a form of its own inside this one (IN-11).
    kind = FixedChoiceField(choices=Kind, required=False, widget=forms.HiddenInput)
    department = FoundField(Department.objects.none(), required=False, label="部门标签", empty_label="请选择")

    # What a caller who hangs up may not have said yet.
    CAN_WAIT = ("reporter_name", "reporter_phone", "fault", "description", "wanted")

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        named = Named(user, self.data)
        self.fields["unit"].find = named.home
        self.fields["owner"].find = named.owner
        self.fields["fault"].find = named.fault
        self.fields["place"].find = self._find_place
        self.fields["estate"].find = self._find_estate
        self.fields["attach_to"].find = partial(repeats.find_open, user)
        self.fields["same_cause"].find = partial(repeats.find_open, user)
        self.fields["repeat_of"].find = partial(repeats.find_earlier, user)
        self.fields["report"].find = self._find_report
        self.fields["department"].find = find_department
        suit(self)
        if self.saves_incomplete or self.attaches:
            for name in self.CAN_WAIT:
                self.fields[name].required = False

    @property
    def kind_buttons(self) -> list[tuple[str, str, int]]:
        """Value, label and digit of every kind that may be chosen here."""
        return [(kind.value, kind.label, digit) for digit, kind in enumerate(Kind, start=1)]

    @property
    def save_label(self) -> str:
        """The words on the button: what happens next depends on the kind."""
        return "登记并提交派单" if self.of_kind in kinds.SENT else "登记"

    def is_valid(self) -> bool:
        """Whether this form and the kind's own part can be kept."""
        whole = super().is_valid()
        return self.opening.is_valid() and whole

    @property
    def saves_incomplete(self) -> bool:
        """Whether the caller hung up before everything was said."""
        return self.data.get("save") == "incomplete"

    @property
    def attaches(self) -> bool:
        """Whether the call is about an open ticket and makes no new one (IN-08)."""
        return bool(self.data.get("attach_to"))

    @property
    def goes_on(self) -> bool:
        """Whether the caller has a further fault to report (IN-10)."""
        return self.data.get("save") == "another"

    def offer_places(self) -> None:
        """Fill the lists to choose from, for a form that is shown."""
        self.fields["place"].queryset = self._places()
        self.fields["estate"].queryset = Estate.objects.visible_to(self.user)
        if self.policy.labelled:
            self.fields["department"].queryset = Department.objects.filter(active=True)

    def _places(self):
        return PublicPlace.objects.visible_to(self.user).select_related("building", "estate")

    def _find_place(self, pk: int) -> PublicPlace | None:
        return self._places().filter(pk=pk).first()

    def _find_estate(self, pk: int) -> Estate | None:
        return Estate.objects.visible_to(self.user).filter(pk=pk).first()

    def _find_report(self, pk: int) -> Report | None:
        return Report.objects.visible_to(self.user).select_related("estate").filter(pk=pk).first()

    def clean(self):
        data = super().clean()
        if self.attaches:
            self._clean_attached(data)
            return data
        self._clean_where(data)
        self._clean_same(data)
        self._clean_cause(data)
        return data

    def _clean_attached(self, data) -> None:
        ticket, report = data.get("attach_to"), data.get("report")
        if ticket:
            data["estate"] = ticket.estate
        if ticket and report and ticket.estate_id != report.estate_id:
            data["report"] = None

    def _clean_cause(self, data) -> None:
        """One cause within one estate; whoever says it without a side was damaged."""
        same, estate = data.get("same_cause"), data.get("estate")
        if same and estate and same.estate_id != estate.pk:
            self.add_error("same_cause", "同一原因的工单须在同一项目，请重新选择。")
        data["case_side"] = data.get("case_side") or CaseTicket.Side.DAMAGE

    def _clean_same(self, data) -> None:
        """A 二次返修 is one of the same dwelling, a further fault one of the same estate."""
        unit, earlier, report = data.get("unit"), data.get("repeat_of"), data.get("report")
        estate = data.get("estate")
        if earlier and estate and not repeats.may_follow(earlier, unit):
            self.add_error("repeat_of", "二次返修的原单须是这一户已修好的工单，请重新选择。")
        if report and estate and estate.pk != report.estate_id:
            self.add_error("report", f"同一来电的工单须在同一项目（{report.estate}）；请作为新的来电登记。")
        elif report and estate and now() - report.saved_at > LONGEST_CALL:
            self.add_error("report", "这通来电登记已超过两小时，请作为新的来电登记。")

    def _clean_where(self, data) -> None:
        unit, place, owner = data.get("unit"), data.get("place"), data.get("owner")
        if unit and place:
            self.add_error("place", "已选择房屋，请不要同时选择公共部位。")
        if owner and not (unit and unit.pk in owner.unit_ids):
            data["owner"] = None
        where = unit or place
        if where:
            data["estate"] = where.estate
        elif not self.saves_incomplete and "房屋或公共部位" in self.policy.needs:
            self.add_error("unit", "请先在上方检索并选择房屋，或选择公共部位。")
        elif not data.get("estate"):
            self.add_error("estate", "请至少选择项目。")

    def clean_reporter_phone(self):
        """The number as the house book writes it, so that a search finds it."""
        typed = self.cleaned_data["reporter_phone"]
        return phones.normalise(typed) or typed

    def clean_started_at(self):
        """When the call began; a clock that went wrong in the browser must not spoil the figures."""
        started, at = self.cleaned_data.get("started_at"), now()
        if started is None or started > at or at - started > LONGEST_CALL:
            return at
        return started

    def intake(self) -> Intake:
        """What was taken down, for `tickets.intake.register`."""
        data = self.cleaned_data
        return Intake(
            estate=data["estate"],
            started_at=data["started_at"],
            channel=data["channel"],
            port=data["port"],
            kind=self.of_kind,
            details=self.opening.facts(),
            department=data["department"] if self.policy.labelled else None,
            unit=data["unit"],
            place=data["place"],
            owner=data["owner"],
            reporter_name=data["reporter_name"],
            reporter_phone=data["reporter_phone"],
            fault=data["fault"] if self.policy.has_fault else None,
            description=data["description"],
            wanted=data["wanted"],
            dangers=tuple(data["dangers"]) if self.policy.has_fault else (),
            repeat_of=data["repeat_of"],
            said_repaired=data["said_repaired"],
        )


class CompleteForm(IntakeForm):
    """The same for a ticket that waits in 待补充: nothing may be missing now, and it stays in its estate."""

    saves_incomplete = attaches = goes_on = False
    # A ticket keeps its kind.
    kind_buttons = ()

    @property
    def save_label(self) -> str:
        return "补全并提交派单" if self.of_kind in kinds.SENT else "补全登记"

    def __init__(self, *args, ticket: Ticket, **kwargs):
        # Of what kind a ticket is was said when it was opened.
        self.fixed_kind = ticket.kind
        super().__init__(*args, **kwargs)
        self.ticket = ticket

    def _clean_where(self, data) -> None:
        super()._clean_where(data)
        where = data.get("unit") or data.get("place")
        # The number carries the estate's code and is never changed.
        if where and where.estate_id != self.ticket.estate_id:
            name = "unit" if data.get("unit") else "place"
            self.add_error(
                name, f"这张工单登记在{self.ticket.estate}，请选择该项目内的位置；登记错了请作废后重新登记。"
            )
