"""What the list of tickets and the board are both filtered by."""

from collections.abc import Iterable

from django import forms
from django.db.models import QuerySet

from core.forms import PlainForm
from core.widgets import PlainSelect
from estates.models import Estate
from estates.queries import estate_choices
from tickets.models.ticket import LEVELS


class EstateFilter(PlainForm):
    """An estate of the user's scope, and a level."""

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

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self._offer("estate", Estate.objects.visible_to(user), estate_choices(user))

    def _offer(self, name: str, rows: QuerySet, choices: Iterable[tuple[int, str]]) -> None:
        """Rows to choose from, and how they are called: the field's own way would make each a model first."""
        field = self.fields[name]
        field.queryset = rows
        field.choices = [("", field.empty_label), *choices]
