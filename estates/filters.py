"""What most lists are filtered by first."""

from collections.abc import Iterable

from django import forms
from django.db.models import QuerySet

from core.forms import PlainForm
from core.widgets import PlainSelect
from estates.models import Estate
from estates.queries import estate_choices


class EstateFilter(PlainForm):
    """An estate of the user's scope, or all of them; a list adds what else it is filtered by."""

    estate = forms.ModelChoiceField(
        Estate.objects.none(), label="项目", required=False, empty_label="全部项目", widget=PlainSelect
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self._offer("estate", Estate.objects.visible_to(user), estate_choices(user))

    def _offer(self, name: str, rows: QuerySet, choices: Iterable[tuple[int, str]]) -> None:
        """Rows to choose from, and how they are called: the field's own way would make each a model first."""
        field = self.fields[name]
        field.queryset = rows
        field.choices = [("", field.empty_label), *choices]
