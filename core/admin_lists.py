"""What the admin's lists and pickers take from an address or a form: what they offer, nothing else (T13)."""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import (
    AutocompleteMixin,
    AutocompleteSelect,
    AutocompleteSelectMultiple,
    FilteredSelectMultiple,
)
from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, Field, ForeignKey, JSONField, ManyToManyField
from django.forms import Field as FormField
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext

from core.forms import name_empty_choice, name_in_messages

# What filters put into an address. Patterns and parts of dates are asked for by nobody, cost much and
# end in an error of the database where they are wrong.
OFFERED = {"exact", "isnull", "in", "gt", "gte", "lt", "lte"}
REFUSED = {*Field.get_lookups(), *DateTimeField.get_lookups(), *JSONField.get_lookups()} - OFFERED


class PlainList(ChangeList):
    """A list that refuses filters which none of its links has; Django answers with the list without them."""

    def get_filters_params(self, params: Any = None) -> Any:
        found = super().get_filters_params(params)
        parts = {f"{self.date_hierarchy}__{part}" for part in ("year", "month", "day")}
        for name, values in found.items():
            _, crossed, last = name.rpartition("__")
            if crossed and last in REFUSED and name not in parts:
                raise IncorrectLookupParameters(name)
            # A table holds no such letter; a year of more than nine digits is none.
            if any("\0" in value or (name in parts and len(value) > 9) for value in values):
                raise IncorrectLookupParameters(name)
        return found


class _KnownChoices(AutocompleteMixin):
    """Draws no option for what is no key: Django would ask the database for it and fail."""

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> Any:
        return super().build_attrs(base_attrs, extra_attrs) | {"data-placeholder": "请选择"}

    def optgroups(self, name: str, value: list[str], attr: dict[str, Any] | None = None) -> list[Any]:
        return super().optgroups(name, [each for each in value if self._may_be_key(each)], attr)

    def _may_be_key(self, value: str) -> bool:
        try:
            self.field.remote_field.model._meta.pk.to_python(value or None)
        except ValidationError:
            return False
        return True


class KnownSelect(_KnownChoices, AutocompleteSelect):
    """A picker with a search for one row."""


class KnownSelectMultiple(_KnownChoices, AutocompleteSelectMultiple):
    """A picker with a search for several rows."""


class Pickers:
    """Mixin for admin pages and inlines: their pickers with a search are ours, an empty choice has words."""

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> FormField | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            name_empty_choice(field, db_field.name)
            name_in_messages(db_field.name, field)
        return field

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = KnownSelect(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = KnownSelectMultiple(db_field, self.admin_site, using=kwargs.get("using"))
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        # Two boxes with arrows between them need no Control key, of which Django tells nevertheless.
        if field is not None and isinstance(field.widget, FilteredSelectMultiple):
            field.help_text = kwargs.get("help_text", db_field.help_text)
        return field


def _without_links(lines: list[Any], names: tuple[str, ...]) -> list[Any]:
    """What goes with a row, less the rows that only link two others: they have machine names alone."""
    return [
        _without_links(line, names) if isinstance(line, list) else line
        for line in lines
        if isinstance(line, list) or not str(line).startswith(names)
    ]


class HouseAdmin(Pickers, admin.ModelAdmin):
    """The base of every page of the admin."""

    # To count what each link of a filter would find reads the table once for each of them.
    show_facets = admin.ShowFacets.NEVER

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], **kwargs: Any
    ) -> HttpResponse:
        """Titled as the index words it; Django puts blanks between Chinese words."""
        may_change = self.has_change_permission(request, kwargs.get("obj"))
        verb = "新增" if kwargs["add"] else "修改" if may_change else "查看"
        context["title"] = f"{verb}{self.opts.verbose_name}"
        return super().render_change_form(request, context, **kwargs)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, ...]:
        lines, counts, *rest = super().get_deleted_objects(objs, request)
        links = [
            model._meta for model in apps.get_models(include_auto_created=True) if model._meta.auto_created
        ]
        names = tuple(f"{capfirst(link.verbose_name)}: " for link in links)
        return _without_links(lines, names), counts, *rest

    def message_user(self, request: HttpRequest, message: Any, *args: Any, **kwargs: Any) -> None:
        """As Django's, in better Chinese where nothing was marked."""
        unmarked = gettext(
            "Items must be selected in order to perform actions on them. No items have been changed."
        )
        said = "请先勾选要处理的行。" if message == unmarked else message
        super().message_user(request, said, *args, **kwargs)

    def get_action_choices(
        self, request: HttpRequest, default_choices: Sequence[tuple[str, str]] = (("", "请选择操作"),)
    ) -> list[tuple[str, str]]:
        return super().get_action_choices(request, list(default_choices))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PlainList
