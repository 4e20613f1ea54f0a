"""Forms of the classes: changing them, approvals, the accident's answer and statement (SL-06)."""

from datetime import timedelta

from django import forms
from django.utils.timezone import now

from core.forms import KeyedForm
from core.widgets import DateTimeInput, SegmentedRadio
from tickets.classes import Words
from tickets.forms.steps import ReasonForm
from tickets.models import Class

LONGEST_GRANT = timedelta(days=90)


def words(label: str, hint: str = "", *, rows: int = 3, longest: int = 1000) -> forms.CharField:
    """A field for a few sentences."""
    return forms.CharField(
        label=label, max_length=longest, help_text=hint, widget=forms.Textarea(attrs={"rows": rows})
    )


class ClassForm(ReasonForm):
    """Another class, and why; offers only what this person may choose."""

    severity = forms.ChoiceField(label="类别", widget=SegmentedRadio)
    field_order = ["severity", "reason"]

    def __init__(self, *args, offered: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["severity"].choices = [(each.value, each.label) for each in Class if each in offered]


class OverrunForm(ReasonForm):
    """Whether a 重要 ticket gets more time, until when, and why."""

    decision = forms.ChoiceField(
        label="审批", choices=[("grant", "同意延期"), ("refuse", "不同意，限期督办")], widget=SegmentedRadio
    )
    until = forms.DateTimeField(
        label="延至", required=False, widget=DateTimeInput, help_text="同意延期时填写，将告知业主"
    )
    field_order = ["decision", "until", "reason"]

    def clean(self):
        data = super().clean()
        if data.get("decision") != "grant":
            data["until"] = None
        elif "until" not in self.errors:
            self._check(data.get("until"))
        return data

    def _check(self, until) -> None:
        if until is None:
            self.add_error("until", "请填写延至的时间。")
        elif not now() < until <= now() + LONGEST_GRANT:
            self.add_error("until", "请填写今后90天以内的时间。")


class AnswerForm(KeyedForm):
    """The director's answer to the owner."""

    answer = words(
        "给业主的答复", "业主可以在自己的进度页看到这段话：经过、处理办法、完成时间", rows=6, longest=500
    )


class StatementForm(KeyedForm):
    """事故说明."""

    happened = words("事故经过", "时间、地点、人员、经过")
    harm = words("人员伤害与损失", "没有请写“无”")
    cause = words("原因分析")
    responsible = forms.CharField(label="责任认定", max_length=200, help_text="责任人或单位与依据")
    measures = words("处理措施与结果")
    prevention = words("防范与整改", "怎样避免再次发生，谁负责，何时完成")

    def words(self) -> Words:
        """For `tickets.classes.submit_statement`."""
        return Words(**{name: value for name, value in self.cleaned_data.items() if name != "form_key"})


class DecideForm(KeyedForm):
    """The director's decision on a statement."""

    decision = forms.ChoiceField(
        label="审批", choices=[("approve", "批准"), ("return", "退回重写")], widget=SegmentedRadio
    )
    remark = forms.CharField(
        label="审批意见", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean(self):
        data = super().clean()
        if data.get("decision") == "return" and not data.get("remark", "").strip():
            self.add_error("remark", "请写明退回的原因。")
        return data
