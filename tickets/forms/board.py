"""What the live board shows."""

from django import forms

from accounts.models import User
from core.forms import PlainForm
from core.widgets import PlainSelect
from estates.models import Estate
from knowledge.models import Trade
from tickets.board import OPEN, Choice
from tickets.models import Ticket
from tickets.models.ticket import LEVELS


class BoardFilter(PlainForm):
    """Estate, level, trade, person, and only what is late (SL-07)."""

    estate = forms.ModelChoiceField(
        Estate.objects.none(), label="项目", required=False, empty_label="全部项目", widget=PlainSelect
    )
    level = forms.TypedChoiceField(
        label="级别",
        choices=[("", "全部级别"), *LEVELS],
        coerce=int,
        empty_value=None,
        required=False,
        widget=PlainSelect,
    )
    trade = forms.ModelChoiceField(
        Trade.objects.all(), label="工种", required=False, empty_label="全部工种", widget=PlainSelect
    )
    person = forms.ModelChoiceField(
        User.objects.none(), label="人员", required=False, empty_label="全部人员", widget=PlainSelect
    )
    overdue = forms.BooleanField(label="只看超时", required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["estate"].queryset = Estate.objects.visible_to(user)
        at_work = Ticket.objects.visible_to(user).filter(status__in=OPEN, handler__isnull=False)
        self.fields["person"].queryset = User.objects.filter(pk__in=at_work.values("handler")).order_by(
            "full_name", "pk"
        )

    def choice(self) -> Choice:
        """What was chosen; an address that makes no sense chooses nothing."""
        return Choice(**self.cleaned_data) if self.is_valid() else Choice()
