"""What the list of tickets and the board are both filtered by."""

from django import forms

from core.forms import PlainForm
from core.widgets import PlainSelect
from estates.models import Estate
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
        self._offer("estate", Estate.objects.visible_to(user))

    def _offer(self, name: str, rows) -> None:
        """Rows to choose from, as a list: the field's own choices would open a cursor on the server."""
        field = self.fields[name]
        field.queryset = rows
        field.choices = [("", field.empty_label), *((row.pk, str(row)) for row in rows)]
