"""Which month, which estates."""

from datetime import datetime

from django import forms

from core.forms import KeyedForm, PlainForm
from core.widgets import PlainSelect
from estates.models import Estate
from reports.periods import Month
from tickets.models import Channel, Port

MONTHS = 36


def months(at: datetime) -> list[tuple[str, str]]:
    """This month and those before it, as choices, the newest first."""
    current = Month.of(at)
    found = [current.later(-back) for back in range(MONTHS)]
    return [(str(month), month.label) for month in found]


class EstatePicker(forms.CheckboxSelectMultiple):
    """Checkboxes folded away behind one line, for bars of filters."""

    template_name = "reports/widgets/estates.html"


class _Choice(forms.Form):
    """A month of the list and estates of the user's scope; none chosen means all of them."""

    month = forms.TypedChoiceField(label="月份", coerce=Month.parse)
    estates = forms.ModelMultipleChoiceField(Estate.objects.none(), label="项目", required=False)

    def __init__(self, *args, user, at: datetime, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["month"].choices = months(at)
        self.fields["estates"].queryset = Estate.objects.visible_to(user).order_by("code")

    @property
    def names_foreign_estate(self) -> bool:
        """Whether an estate was asked for that is not there for this user."""
        return "estates" in self.errors

    def chosen_estates(self) -> list[Estate]:
        """The estates to report on."""
        return list(self.cleaned_data["estates"] or self.fields["estates"].queryset)


class MonthFilter(_Choice, PlainForm):
    """The bar above the figures."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["estates"].widget = EstatePicker(choices=self.fields["estates"].choices)


class BehindFilter(_Choice, PlainForm):
    """What a figure's link carries: the month, the estates, which of the rows; and the door they came by."""

    only = forms.ChoiceField(
        choices=[("", "全部"), ("hit", "达到"), ("miss", "未达到")], required=False, widget=forms.HiddenInput
    )
    channel = forms.ChoiceField(
        label="渠道", choices=[("", "全部渠道"), *Channel.choices], required=False, widget=PlainSelect
    )
    port = forms.ChoiceField(
        label="来源", choices=[("", "全部来源"), *Port.choices], required=False, widget=PlainSelect
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["month"].widget = forms.HiddenInput()
        self.fields["estates"].widget = forms.MultipleHiddenInput()

    @property
    def door(self) -> dict[str, str]:
        """Channel and port, where one is chosen."""
        return {name: self.cleaned_data[name] for name in ("channel", "port") if self.cleaned_data[name]}


class RunForm(_Choice, KeyedForm):
    """Asks for the workbook of what stands on the screen."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["month"].widget = forms.HiddenInput()
        self.fields["estates"].widget = forms.MultipleHiddenInput()


class RestartForm(KeyedForm):
    """Nothing but its button."""
