"""What a worker fills in to be away, and what a supervisor answers (DI-08)."""

from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import localdate

from core.forms import KeyedForm
from core.widgets import DateInput, SegmentedRadio
from dispatch.leaves import PARTS, span_of
from dispatch.models import Leave, Worker

# Nobody asks for leave further away than that.
HORIZON = timedelta(days=730)


def _near(day: date) -> date:
    if abs(day - localdate()) > HORIZON:
        raise ValidationError("日期应在两年以内。")
    return day


class LeaveForm(KeyedForm):
    """From when to when, which half where it is one day, and why."""

    kind = forms.ChoiceField(
        label="类别", choices=Leave.Kind.choices, initial=Leave.Kind.PERSONAL, widget=SegmentedRadio
    )
    first = forms.DateField(label="开始日期", widget=DateInput)
    last = forms.DateField(label="结束日期", widget=DateInput)
    part = forms.ChoiceField(
        label="时段",
        choices=list(PARTS.items()),
        initial="all",
        widget=SegmentedRadio,
        help_text="只请一天时可选半天",
    )
    reason = forms.CharField(label="事由", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))

    def clean_first(self) -> date:
        return _near(self.cleaned_data["first"])

    def clean_last(self) -> date:
        return _near(self.cleaned_data["last"])

    def clean(self) -> dict:
        cleaned = super().clean()
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", "结束日期不能早于开始日期。")
        elif first and last and first != last and cleaned.get("part") != "all":
            self.add_error("part", "跨多天时只能选全天；半天请分开申请。")
        return cleaned

    @property
    def span(self):
        """The time asked for."""
        return span_of(self.cleaned_data["first"], self.cleaned_data["last"], self.cleaned_data["part"])


class LeaveForForm(LeaveForm):
    """The same, written down by a supervisor for somebody who rang."""

    worker = forms.ModelChoiceField(Worker.objects.none(), label="师傅", empty_label="请选择师傅")
    field_order = ["worker"]

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        people = Worker.objects.visible_to(user).filter(user__is_active=True)
        self.fields["worker"].queryset = people.select_related("user").order_by("user__full_name", "pk")


class DecideForm(KeyedForm):
    """Yes, or no with a reason."""

    decision = forms.ChoiceField(
        label="审批",
        choices=[("approve", "批准"), ("refuse", "不批准")],
        widget=SegmentedRadio,
    )
    answer = forms.CharField(label="审批意见", max_length=200, required=False, help_text="师傅会看到")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["answer"].owed = "不批准时必填"

    def clean_answer(self) -> str:
        answer = self.cleaned_data["answer"].strip()
        if self.cleaned_data.get("decision") == "refuse" and not answer:
            raise ValidationError("不批准时请写明原因。")
        return answer
