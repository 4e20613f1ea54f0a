"""Forms for the steps of a ticket that ask for no more than a few words."""

from django import forms
from django.utils.timezone import localdate

from core import store
from core.filefields import PhotosField
from core.forms import KeyedForm, SearchField, StarField
from core.widgets import DateInput, PhotoInput, PlainSelect, SegmentedRadio
from knowledge.models import Department
from knowledge.queries import department_choices
from tickets import pausing
from tickets.forms.filters import LevelFilter
from tickets.models import Channel, Class, FollowUp, Kind, Port, Ticket
from tickets.models.ticket import LEVELS
from tickets.states import Status


class StepForm(KeyedForm):
    """A step without anything but its button."""

    def values(self) -> dict:
        """Arguments of the transition."""
        return {}

    def payload(self) -> dict:
        """What is kept with the event."""
        return {}

    @property
    def reason(self) -> str:
        return self.cleaned_data.get("reason", "")


class ReasonForm(StepForm):
    """A step that asks why."""

    reason = forms.CharField(label="原因", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class EndForm(ReasonForm):
    """Ending a ticket early: the reason goes to whoever reported it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = "会写进发给业主的短信，请用业主听得懂的话"


class CancelForm(EndForm):
    """Why it is cancelled, and whether the owner took it back."""

    withdrawn = forms.BooleanField(
        label="业主自己要求取消", required=False, help_text="业主已经知道，不再发短信"
    )

    def payload(self) -> dict:
        return {"withdrawn": True} if self.cleaned_data["withdrawn"] else {}


class PauseForm(ReasonForm):
    """Putting work aside: one of the allowed reasons, words, and the proof that the reason asks for."""

    pause = forms.ChoiceField(label="挂起类型", widget=SegmentedRadio)
    photos = PhotosField(
        label="证明材料",
        required=False,
        kinds=store.EVERYTHING,
        widget=PhotoInput(tile="拍照或选择文件", camera=False),
    )
    field_order = ["pause", "reason", "photos"]

    def __init__(self, *args, ticket: Ticket | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.allowed = pausing.offered(ticket.policy.rules if ticket else {})
        self.fields["pause"].choices = [(each.code, each.label) for each in self.allowed.values()]
        proved = [f"{each.label}：{each.hint}" for each in self.allowed.values() if each.evidence]
        self.fields["photos"].help_text = f"{'；'.join(proved)}。" if proved else ""
        # Where every reason has to be proved, nothing says 选填.
        self.fields["photos"].required = bool(proved) and len(proved) == len(self.allowed)

    def clean(self):
        data = super().clean()
        reason = self.allowed.get(data.get("pause", ""))
        if reason and self.has_error("photos", code="required"):
            # Said below with what proves this one.
            del self.errors["photos"]
        if reason and reason.evidence and "photos" not in self.errors and not data.get("photos"):
            self.add_error("photos", f"“{reason.label}”须上传证明：{reason.hint}。")
        return data


class DeferForm(ReasonForm):
    """Until when, and why."""

    until = forms.DateField(
        label="延期至", widget=DateInput, error_messages={"required": "请选择延期到哪一天。"}
    )
    field_order = ["until", "reason"]

    def clean_until(self):
        until = self.cleaned_data["until"]
        if until <= localdate():
            raise forms.ValidationError("请选择今天以后的日期。")
        return until

    def values(self) -> dict:
        return {"until": self.cleaned_data["until"]}

    def payload(self) -> dict:
        return {"until": self.cleaned_data["until"].isoformat()}


class MergeForm(ReasonForm):
    """Into which open ticket of the same estate."""

    number = forms.CharField(label="并入的工单号", max_length=40)
    field_order = ["number", "reason"]

    def __init__(self, *args, ticket: Ticket, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.ticket, self.user = ticket, user

    def clean_number(self):
        found = (
            Ticket.objects.visible_to(self.user)
            .open()
            .filter(number=self.cleaned_data["number"].strip().upper(), estate=self.ticket.estate_id)
            .exclude(pk=self.ticket.pk)
            .first()
        )
        if found is None:
            raise forms.ValidationError("没有找到本项目内这个单号的未完工单。")
        return found

    def values(self) -> dict:
        return {"into": self.cleaned_data["number"]}

    def payload(self) -> dict:
        return {"into": self.cleaned_data["number"].number}


class CommentForm(KeyedForm):
    """A remark for the people who work on the ticket."""

    text = forms.CharField(label="备注", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class UrgeForm(KeyedForm):
    """The owner presses 催单; what they said, where they said something (IN-20)."""

    words = forms.CharField(
        label="业主怎么说",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写下业主的原话和着急的原因，随提醒一起发出",
    )


class RevealForm(KeyedForm):
    """Why the full phone number is needed; written down before it is shown (OR-01)."""

    REASONS = [("contact", "联系业主"), ("verify", "核对身份"), ("complaint", "处理投诉")]
    why = forms.ChoiceField(label="查看原因", choices=REASONS, widget=PlainSelect)


class LevelForm(ReasonForm):
    """Another level, and why (SL-01)."""

    level = forms.TypedChoiceField(label="级别", choices=LEVELS, coerce=int, widget=SegmentedRadio)
    field_order = ["level", "reason"]

    def __init__(self, *args, lowest: int = 4, **kwargs):
        super().__init__(*args, **kwargs)
        self.lowest = lowest
        if lowest < 4:
            self.fields["level"].help_text = "降低级别由主管或经理办理"

    def clean_level(self) -> int:
        """The level, if this person may make the ticket that little urgent (SL-01)."""
        level = self.cleaned_data["level"]
        if level > self.lowest:
            raise forms.ValidationError("您只能提高级别；降低级别请由主管或经理办理。")
        return level


class FollowUpForm(KeyedForm):
    """The three questions of a follow-up call, and four kinds of stars (FU-01)."""

    result = forms.ChoiceField(label="问题是否解决", choices=FollowUp.Result, widget=SegmentedRadio)
    means = forms.ChoiceField(label="回访方式", choices=FollowUp.Means, initial=FollowUp.Means.PHONE)
    speed = StarField(label="速度", required=False)
    attitude = StarField(label="态度", required=False)
    quality = StarField(label="质量", required=False)
    cleanness = StarField(label="清洁", required=False)
    note = forms.CharField(
        label="其他诉求与说明", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args, answered: bool = False, **kwargs):
        """`answered` is for what was answered with words: nobody came, so there is no work to judge."""
        super().__init__(*args, **kwargs)
        self.answered = answered
        if answered:
            del self.fields["quality"], self.fields["cleanness"]

    def clean(self):
        data = super().clean()
        result = data.get("result")
        if result == FollowUp.Result.NOT_SOLVED and not data.get("note", "").strip():
            self.add_error("note", self._note_missing())
        must, words = ("attitude", "办理态度") if self.answered else ("quality", "维修质量")
        if result == FollowUp.Result.SOLVED and not data.get(must):
            self.add_error(must, f"请记录业主对{words}的评分。")
        return data

    def _note_missing(self) -> str:
        if self.answered:
            return "请写明没有解决的问题，客服要据此重新答复。"
        return "请写明没有解决的问题，派单员要据此安排回访整改。"


class TicketFilter(LevelFilter):
    """What the list shows."""

    q = SearchField(label="关键词")
    status = forms.ChoiceField(
        label="状态", choices=[("", "全部状态"), *Status.choices], required=False, widget=PlainSelect
    )
    kind = forms.ChoiceField(
        label="类型", choices=[("", "全部类型"), *Kind.choices], required=False, widget=PlainSelect
    )
    severity = forms.ChoiceField(
        label="类别", choices=[("", "全部类别"), *Class.choices], required=False, widget=PlainSelect
    )
    department = forms.ModelChoiceField(
        Department.objects.all(), label="部门", required=False, empty_label="全部部门", widget=PlainSelect
    )
    channel = forms.ChoiceField(
        label="渠道", choices=[("", "全部渠道"), *Channel.choices], required=False, widget=PlainSelect
    )
    port = forms.ChoiceField(
        label="来源", choices=[("", "全部来源"), *Port.choices], required=False, widget=PlainSelect
    )
    answer = forms.BooleanField(label="待答复", required=False)
    open = forms.BooleanField(label="只看未完", required=False)
    field_order = ["q", "estate", "status", "level"]

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, user=user, **kwargs)
        self._offer("department", Department.objects.all(), department_choices())
