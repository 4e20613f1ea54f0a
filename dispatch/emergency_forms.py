"""What the commander of an emergency fills in (DI-09)."""

from collections.abc import Sequence
from datetime import timedelta

from django import forms
from django.db.models import Case, When
from django.utils.timezone import localtime

from accounts.models import User
from accounts.queries import everyone_with
from core.forms import KeyedForm, PhoneField, PlainForm, SearchField
from core.widgets import DateTimeInput
from dispatch.emergency.activation import COMMAND, Start
from dispatch.models import AfterAction, Check, EmergencyPlan, SquadMember, Supply, Worker
from estates.models import Estate

Presence = SquadMember.Presence


def _text(rows: int = 2) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class PlanField(forms.ModelChoiceField):
    """A plan, with its usual length."""

    def label_from_instance(self, plan: EmergencyPlan) -> str:
        return f"{plan.name}（默认{plan.hours}小时）"


class PersonField(forms.ModelChoiceField):
    """A user by name and phone."""

    def label_from_instance(self, user: User) -> str:
        return f"{user.full_name} {user.phone or ''}".strip()


class SquadField(forms.ModelMultipleChoiceField):
    """Workers by name and team."""

    def label_from_instance(self, worker: Worker) -> str:
        return f"{worker.user.full_name} · {worker.get_employer_display()}"


# Whom an emergency can call on before anybody else.
OWN_FIRST = Case(When(employer=Worker.Employer.OWN, then=0), default=1)


class StartForm(KeyedForm):
    """Which plan, where, until when, why, under whom; started only after its effect was shown."""

    plan = PlanField(EmergencyPlan.objects.none(), label="预案", empty_label="请选择预案")
    estates = forms.ModelMultipleChoiceField(
        Estate.objects.none(),
        label="项目",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "请只选择您负责的项目。"},
    )
    until = forms.DateTimeField(
        label="计划结束", widget=DateTimeInput, required=False, help_text="不填按预案的默认时长"
    )
    commander = PersonField(User.objects.none(), label="指挥人", empty_label="请选择指挥人")
    reason = forms.CharField(label="启动原因", max_length=200, widget=_text())
    words = forms.CharField(
        label="对业主的话", max_length=200, required=False, widget=_text(), help_text="不填用预案里的话"
    )
    squad = SquadField(
        Worker.objects.none(),
        label="应急小组",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="按预案岗位依次编入；启动后还可以增减",
    )
    drill = forms.BooleanField(
        label="这是演练", required=False, help_text="演练不暂停工单，不通知业主，只走流程、留记录"
    )
    # The choice whose effect was shown; another choice must be looked at first.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        estates = Estate.objects.visible_to(user)
        workers = Worker.objects.visible_to(user).filter(user__is_active=True).select_related("user")
        self.fields["plan"].queryset = EmergencyPlan.objects.filter(active=True)
        self.fields["estates"].queryset = estates
        self.fields["squad"].queryset = workers.order_by(OWN_FIRST, "employer", "user__full_name")
        commanders = everyone_with(permission=COMMAND)
        if not user.sees_all_estates:
            commanders = commanders.filter(all_estates=True) | commanders.filter(estates__in=estates)
        self.fields["commander"].queryset = commanders.distinct()

    @property
    def choice(self) -> str:
        """What the shown effect depends on, in one word; for a valid form."""
        data = self.cleaned_data
        keys = "-".join(str(each.pk) for each in sorted(data["estates"], key=lambda each: each.pk))
        return f"{data['plan'].pk}:{keys}:{int(data['drill'])}"

    @property
    def was_seen(self) -> bool:
        """Whether the effect of this very choice was shown."""
        return self.cleaned_data["seen"] == self.choice

    def facts(self, at) -> Start:
        """For `activation.start`; without an end the plan's usual length counts from `at`."""
        data = self.cleaned_data
        names = ("plan", "reason", "commander", "words", "drill")
        until = data["until"] or at + timedelta(hours=data["plan"].hours)
        facts = {name: data[name] for name in names}
        return Start(estates=list(data["estates"]), squad=list(data["squad"]), until=until, **facts)


class OrderForm(KeyedForm):
    """One order, for the log."""

    words = forms.CharField(
        label="下达指令",
        max_length=300,
        widget=forms.TextInput(attrs={"placeholder": "例如：1号车库加派两台潜污泵", "autocomplete": "off"}),
    )


class MoveEndForm(KeyedForm):
    """Another end, and why."""

    until = forms.DateTimeField(label="新的结束时间", widget=DateTimeInput)
    reason = forms.CharField(label="原因", max_length=200, widget=_text())


class EndForm(KeyedForm):
    """Why it can end now."""

    reason = forms.CharField(label="结束说明", max_length=200, widget=_text())


class ExceptForm(KeyedForm):
    """Why this ticket goes on."""

    reason = forms.CharField(label="例外原因", max_length=200, widget=_text())


class MemberForm(KeyedForm):
    """Somebody more for the squad: a worker of ours, or a name with a phone."""

    worker = forms.ModelChoiceField(
        Worker.objects.none(), label="本公司人员", required=False, empty_label="外部人员，填写姓名"
    )
    name = forms.CharField(label="姓名", max_length=40, required=False)
    phone = PhoneField(label="电话", required=False)
    role = forms.CharField(label="岗位", max_length=30)
    place = forms.CharField(label="位置", max_length=60, required=False)

    def __init__(self, *args, user: User, members: Sequence[SquadMember], **kwargs):
        super().__init__(*args, **kwargs)
        self.there = {member.user_id for member in members}
        workers = Worker.objects.visible_to(user).filter(user__is_active=True).select_related("user")
        self.fields["worker"].queryset = workers.order_by("user__full_name")

    def clean_worker(self):
        worker = self.cleaned_data["worker"]
        if worker and worker.user_id in self.there:
            raise forms.ValidationError("这位同事已在应急小组里。")
        return worker

    def clean(self):
        data = super().clean()
        if not data.get("worker") and not data.get("name") and "worker" not in self.errors:
            self.add_error("name", "请选择本公司人员，或填写姓名。")
        return data

    def member(self, activation) -> SquadMember:
        """The new member, not written yet."""
        data, worker = self.cleaned_data, self.cleaned_data["worker"]
        return SquadMember(
            activation=activation,
            user=worker.user if worker else None,
            name=worker.user.full_name if worker else data["name"],
            phone=data["phone"] or (worker.user.phone or "" if worker else ""),
            role=data["role"],
            place=data["place"],
        )


class PresenceForm(KeyedForm):
    """Who of the squad is there, and where: a pair of fields for each."""

    def __init__(self, *args, members: Sequence[SquadMember], **kwargs):
        super().__init__(*args, **kwargs)
        self.members = members
        for each in members:
            self.fields[f"presence_{each.pk}"] = forms.ChoiceField(
                label=f"{each.name}到岗", choices=Presence.choices, initial=each.presence
            )
            self.fields[f"place_{each.pk}"] = forms.CharField(
                label=f"{each.name}位置", max_length=60, required=False, initial=each.place
            )

    def rows(self):
        """Each member with the two bound fields."""
        return [(each, self[f"presence_{each.pk}"], self[f"place_{each.pk}"]) for each in self.members]

    def changed(self) -> list[SquadMember]:
        """The members whose presence or place is another one now, with the new values."""
        found = []
        for each in self.members:
            new = (self.cleaned_data[f"presence_{each.pk}"], self.cleaned_data[f"place_{each.pk}"])
            if new != (each.presence, each.place):
                each.presence, each.place = new
                found.append(each)
        return found


class SuppliesForm(KeyedForm):
    """What is on site and what was used: a pair of numbers for each."""

    def __init__(self, *args, supplies: Sequence[Supply], **kwargs):
        super().__init__(*args, **kwargs)
        self.supplies = supplies
        for each in supplies:
            for name, label in (("on_site", "到位"), ("used", "已用")):
                self.fields[f"{name}_{each.pk}"] = forms.IntegerField(
                    label=f"{each.name}{label}",
                    min_value=0,
                    max_value=1_000_000,
                    initial=getattr(each, name),
                    widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
                )

    def clean(self):
        data = super().clean()
        for each in self.supplies:
            there, used = data.get(f"on_site_{each.pk}"), data.get(f"used_{each.pk}")
            if there is not None and used is not None and used > there:
                self.add_error(f"used_{each.pk}", f"已用不能多于到位的{there}{each.unit}。")
        return data

    def rows(self):
        """Each supply with the two bound fields."""
        return [(each, self[f"on_site_{each.pk}"], self[f"used_{each.pk}"]) for each in self.supplies]

    def changed(self) -> list[Supply]:
        """The supplies whose numbers are others now, with the new ones."""
        found = []
        for each in self.supplies:
            new = (self.cleaned_data[f"on_site_{each.pk}"], self.cleaned_data[f"used_{each.pk}"])
            if new != (each.on_site, each.used):
                each.on_site, each.used = new
                found.append(each)
        return found


class ChecksForm(KeyedForm):
    """The lines of the checklist that are done."""

    done = forms.MultipleChoiceField(label="检查项", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, checks: Sequence[Check], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["done"].choices = [
            (str(each.pk), f"{each.get_phase_display()} · {each.text}{_ticked(each)}") for each in checks
        ]
        self.fields["done"].owed = "做完的打勾"
        self.fields["done"].initial = [str(each.pk) for each in checks if each.done_at]


def _ticked(check: Check) -> str:
    if not check.done_at:
        return ""
    return f"（{localtime(check.done_at):%m-%d %H:%M} {check.done_by.full_name}）"


def _owed(label: str, rows: int) -> forms.CharField:
    """Words that may wait until the record goes to the manager; the field says so in place of 选填."""
    field = forms.CharField(label=label, required=False, widget=_text(rows), max_length=4000)
    field.owed = "提交审批前须填"
    return field


class RecordForm(KeyedForm):
    """The words of the after-action record; all of them before it goes to the manager."""

    course = _owed("经过", 5)
    good = forms.CharField(label="做得好的", required=False, widget=_text(3), max_length=4000)
    poor = _owed("暴露的问题", 3)
    measures = _owed("改进措施", 4)
    act = forms.ChoiceField(choices=[("save", "保存"), ("submit", "提交审批")], widget=forms.HiddenInput)

    @classmethod
    def of(cls, row: AfterAction) -> "RecordForm":
        """The form with what was written so far."""
        return cls(initial={name: getattr(row, name) for name in ("course", "good", "poor", "measures")})

    def clean(self):
        data = super().clean()
        if data.get("act") == "submit":
            for name in ("course", "poor", "measures"):
                if not data.get(name):
                    self.add_error(name, f"提交前请填写{self.fields[name].label}。")
        return data


class DecideForm(KeyedForm):
    """Yes or back, with words."""

    approved = forms.ChoiceField(label="结论", choices=[("yes", "批准"), ("no", "退回修改")])
    answer = forms.CharField(label="意见", max_length=200, required=False, widget=_text())

    def clean(self):
        data = super().clean()
        if data.get("approved") == "no" and not data.get("answer"):
            self.add_error("answer", "退回时请写明要改什么。")
        return data


class HeldFilter(PlainForm):
    """Which of the held tickets to show."""

    q = SearchField(label="单号、位置或电话", max_length=60)
    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[("", "全部"), ("paused", "暂停中"), ("excepted", "例外办理"), ("resumed", "已恢复")],
    )
