"""The weekly list: making it, deciding, following up, closing."""

from datetime import datetime, time, timedelta

from django import forms
from django.utils.timezone import localdate, now

from accounts.models import User
from accounts.queries import staff_with
from coordination import rules
from coordination.models import Counterpart, WeeklyItem
from coordination.weekly import Decision
from core.forms import KeyedForm
from core.widgets import DateInput
from estates.models import Estate
from tickets.calendars import SHANGHAI


class MakeForm(KeyedForm):
    """Whose list of this week."""

    estate = forms.ModelChoiceField(Estate.objects.none(), label="项目")

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["estate"].queryset = Estate.objects.visible_to(user).order_by("code")


class DecideForm(KeyedForm):
    """Who decides what, until when."""

    decision = forms.CharField(label="决定", max_length=400, widget=forms.Textarea(attrs={"rows": 2}))
    decider = forms.CharField(label="决定人", max_length=40, help_text="部门与姓名")
    until = forms.DateField(label="完成期限", widget=DateInput)

    def clean_until(self):
        until = self.cleaned_data["until"]
        if until < localdate():
            raise forms.ValidationError("请选择今天或以后的日期。")
        return until

    def value(self) -> Decision:
        """For `coordination.weekly.decide`."""
        return Decision(**{name: self.cleaned_data[name] for name in ("decision", "decider", "until")})


class FollowForm(KeyedForm):
    """A request out of a decision: everything is filled in already, one press sends it."""

    counterpart = forms.ModelChoiceField(Counterpart.objects.filter(active=True), label="协作对象")
    owner = forms.ModelChoiceField(User.objects.none(), label="我方负责人")

    def __init__(self, *args, item: WeeklyItem, **kwargs):
        super().__init__(*args, **kwargs)
        self.item = item
        self.fields["owner"].queryset = staff_with(permission=rules.WORK, estate_id=item.weekly.estate_id)

    def due_at(self) -> datetime:
        """The end of the working day that was decided; a day from now where that is over."""
        until = datetime.combine(self.item.until, time(18), SHANGHAI)
        return max(until, now() + timedelta(days=1))


class CloseForm(KeyedForm):
    """The minutes."""

    attendees = forms.CharField(label="参会", max_length=200, help_text="部门与姓名，用顿号分开")
    minutes = forms.CharField(
        label="会议纪要", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
