"""What the list of tickets and the board are both filtered by."""

from django import forms

from core.widgets import PlainSelect
from estates.filters import EstateFilter
from tickets.models.ticket import LEVELS


class LevelFilter(EstateFilter):
    """An estate of the user's scope, and a level."""

    level = forms.TypedChoiceField(
        label="级别",
        choices=[("", "全部级别"), *LEVELS],
        coerce=int,
        empty_value=None,
        required=False,
        widget=PlainSelect,
    )
