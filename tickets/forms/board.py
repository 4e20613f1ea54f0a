"""What the live board shows."""

from django import forms

from accounts.models import User
from core.widgets import PlainSelect
from knowledge.models import Trade
from tickets.board import OPEN, Choice
from tickets.forms.filters import LevelFilter
from tickets.models import Ticket


class BoardFilter(LevelFilter):
    """Estate, level, trade, person, and only what is late (SL-07)."""

    trade = forms.ModelChoiceField(
        Trade.objects.all(), label="工种", required=False, empty_label="全部工种", widget=PlainSelect
    )
    person = forms.ModelChoiceField(
        User.objects.none(), label="人员", required=False, empty_label="全部人员", widget=PlainSelect
    )
    overdue = forms.BooleanField(label="只看超时", required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, user=user, **kwargs)
        at_work = Ticket.objects.visible_to(user).filter(status__in=OPEN, handler__isnull=False)
        people = User.objects.filter(pk__in=at_work.values("handler"))
        people = people.order_by("full_name", "pk")
        trades = Trade.objects.all()
        self._offer("trade", trades, trades.values_list("pk", "name"))
        self._offer("person", people, people.values_list("pk", "full_name"))

    def choice(self) -> Choice:
        """What was chosen; an address that makes no sense chooses nothing."""
        return Choice(**self.cleaned_data) if self.is_valid() else Choice()
