"""Which day to plan, and what people change in a plan."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django import forms
from django.utils.timezone import localdate

from core.forms import FixedMultipleChoiceField, KeyedForm
from core.widgets import DateInput
from estates.models import Area, Estate
from planning.problem import Problem
from planning.runs import AHEAD
from tickets.calendars import SHANGHAI


class EstateChecks(forms.CheckboxSelectMultiple):
    """Checkboxes folded away behind one line."""

    template_name = "planning/widgets/estates.html"


class PlanForm(KeyedForm):
    """A day and estates of the user's scope; an area adds its estates, nothing chosen means all of them."""

    day = forms.DateField(label="日期", widget=DateInput)
    area = forms.ModelChoiceField(Area.objects.none(), label="片区", required=False, empty_label="全部片区")
    estates = forms.ModelMultipleChoiceField(
        Estate.objects.none(), label="项目", required=False, widget=EstateChecks
    )

    def __init__(self, *args, user, at: datetime, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = localdate(at, SHANGHAI)
        self.fields["day"].initial = self.today + timedelta(days=1)
        self.fields["day"].widget.attrs |= {"min": self.today, "max": self.today + AHEAD}
        visible = Estate.objects.visible_to(user).order_by("code")
        self.fields["estates"].queryset = visible
        self.fields["area"].queryset = Area.objects.filter(estates__in=visible).distinct()

    @property
    def names_foreign_estate(self) -> bool:
        """Whether an estate was asked for that is not there for this user."""
        return "estates" in self.errors

    def clean_day(self) -> date:
        """Today or one of the days ahead."""
        day = self.cleaned_data["day"]
        if not self.today <= day <= self.today + AHEAD:
            raise forms.ValidationError(f"请选择今天起 {AHEAD.days} 天内的日期。")
        return day

    def chosen_estates(self) -> list[Estate]:
        """The estates to plan for."""
        chosen = list(self.cleaned_data["estates"])
        visible = self.fields["estates"].queryset
        if area := self.cleaned_data["area"]:
            chosen += [each for each in visible.filter(area=area) if each not in chosen]
        return chosen or list(visible)


class VersionForm(KeyedForm):
    """Every change names the version of the plan that the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class MoveForm(VersionForm):
    """A ticket to another worker or time; without a worker it leaves the plan."""

    job = forms.TypedChoiceField(label="工单", coerce=int)
    worker = forms.TypedChoiceField(label="师傅", coerce=int, required=False, empty_value=None)
    start = forms.TimeField(
        label="开始时间",
        widget=forms.TimeInput(attrs={"type": "time", "step": 300}, format="%H:%M"),
        error_messages={"invalid": "请按 09:30 的格式填写时间。"},
    )

    def __init__(self, *args, problem: Problem, offered: Collection[int] | None = None, **kwargs):
        """`offered` are the tickets to choose from, None for all: thousands would make a slow page."""
        super().__init__(*args, **kwargs)
        self.fields["job"].choices = [("", "请选择工单")] + [
            (each.key, f"{each.number} {each.label}")
            for each in problem.jobs
            if offered is None or each.key in offered
        ]
        self.fields["worker"].choices = [("", "不安排（移出计划）")] + [
            (each.key, each.name) for each in problem.workers
        ]

    @property
    def minute(self) -> int:
        """The start as a minute of the day."""
        return self.cleaned_data["start"].hour * 60 + self.cleaned_data["start"].minute


class ConfirmForm(VersionForm):
    """The tickets to be sent and booked: those ticked, or all of them."""

    jobs = FixedMultipleChoiceField(required=False)
    everything = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, problem: Problem, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["jobs"].choices = [(each.key, each.number) for each in problem.jobs]

    @property
    def chosen(self) -> set[int] | None:
        """Keys of the tickets, None for all."""
        if self.cleaned_data["everything"]:
            return None
        return {int(key) for key in self.cleaned_data["jobs"]}
