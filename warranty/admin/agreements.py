"""Agreements in the admin: what a company answers for, how fast, and in which order (WA-06)."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin

from core.scoped_admin import ScopedAdmin, ScopedTabularInline
from estates.models import Batch, Building, Estate
from warranty.models import Agreement


class AgreementForm(forms.ModelForm):
    """Batches and buildings are those of the agreement's estate; others are refused by name."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name in self._places():
            field = self.fields[name]
            field.queryset = field.queryset.select_related("estate").order_by("estate__name", "name")
            # Another estate may be chosen in the form: what does not fit it is refused below with its name.
            if self.instance.pk and not self.is_bound:
                field.queryset = field.queryset.filter(estate=self.instance.estate_id)

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        estate = data.get("estate")
        if estate is None:
            return data
        for name in ("batches", "buildings"):
            if name in self.fields:
                self._refuse(name, data.get(name) or (), estate)
            elif self.instance.pk:
                # A line beside the company names the estate alone; what hangs on it stays as it is.
                self._refuse("estate", getattr(self.instance, name).select_related("estate"), estate)
        return data

    def _places(self) -> list[str]:
        return [name for name in ("batches", "buildings") if name in self.fields]

    def _refuse(self, field: str, places: Iterable[Batch | Building], estate: Estate) -> None:
        if foreign := [str(each) for each in places if each.estate_id != estate.pk]:
            self.add_error(field, f"不属于{estate}：{'、'.join(foreign)}。请改选，或换成对应的项目。")


class AgreementInline(ScopedTabularInline):
    model = Agreement
    form = AgreementForm
    fields = ("number", "estate", "valid_from", "valid_to", "backup_order")
    follow = ("estate",)
    show_change_link = True


@admin.register(Agreement)
class AgreementAdmin(ScopedAdmin):
    """What a company answers for, how fast, and in which order."""

    form = AgreementForm
    list_display = ("number", "contractor", "estate", "valid_from", "valid_to", "backup_order")
    list_filter = ("estate", "contractor__kind")
    search_fields = ("number", "contractor__name")
    autocomplete_fields = ("contractor", "estate")
    filter_horizontal = ("trades", "batches", "buildings")
    follow = ("contractor", "estate")
    fieldsets = (
        (None, {"fields": ("contractor", "number", "estate", "valid_from", "valid_to", "backup_order")}),
        ("范围", {"fields": ("batches", "buildings", "trades")}),
        (
            "时限",
            {"fields": ("accept_hours", "arrive_hours", "complete_days", "grace_hours", "objection_days")},
        ),
        ("考核", {"fields": ("points_start",)}),
    )
