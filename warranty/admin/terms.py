"""Coverage terms, seasons and limits in the admin; the defaults belong to the whole group (OR-02)."""

from typing import Any

from django.contrib import admin

from core.admin import ScopedAdmin
from warranty.coverage import SEASONAL
from warranty.forms import CoverageTermForm, SeasonForm
from warranty.models import CoverageTerm, Season
from warranty.queries import forget_rules


class OwnAndDefaultAdmin(ScopedAdmin):
    """Everybody in scope reads the defaults; only group-level staff change them."""

    follow = ("estate",)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field and db_field.name == "estate":
            field.required = not request.user.sees_all_estates
            field.empty_label = "请选择项目" if field.required else "全部项目（默认）"
            # Who answers for some estates cannot leave it empty.
            field.help_text = "" if field.required else field.help_text
        return field

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self._may_touch(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self._may_touch(request, obj)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        forget_rules()

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        forget_rules()

    def delete_queryset(self, request, queryset):
        super().delete_queryset(request, queryset)
        forget_rules()

    def get_deleted_objects(self, objs, request):
        """Count each chosen default as forbidden: the bulk action asks for no single row."""
        to_delete, counts, forbidden, protected = super().get_deleted_objects(objs, request)
        if not all(self._may_touch(request, obj) for obj in objs):
            forbidden.add("集团默认")
        return to_delete, counts, forbidden, protected

    def _may_touch(self, request: Any, obj: CoverageTerm | Season | None) -> bool:
        return obj is None or obj.estate_id is not None or request.user.sees_all_estates

    @admin.display(description="项目", ordering="estate__code", empty_value="全部项目（默认）")
    def where(self, row):
        return row.estate


@admin.register(CoverageTerm)
class CoverageTermAdmin(OwnAndDefaultAdmin):
    form = CoverageTermForm
    list_display = ["component", "name", "where", "kind", "owner_promise", "contractor", "source"]
    list_filter = ["kind", "estate"]
    search_fields = ["component", "name", "estate__name"]
    ordering = ["component", "estate__code"]
    fieldsets = [
        (None, {"fields": ["estate", "component", "name", "kind"]}),
        ("期限", {"fields": ["promised", "contractor_months", "owner_floor_months", "source"]}),
    ]

    @admin.display(description="对业主承诺", ordering="promised")
    def owner_promise(self, row):
        return _amount(row, row.promised)

    @admin.display(description="施工方法定", ordering="contractor_months")
    def contractor(self, row):
        return _amount(row, row.contractor_months)


@admin.register(Season)
class SeasonAdmin(OwnAndDefaultAdmin):
    form = SeasonForm
    list_display = ["kind", "starts_on", "ends_on", "where"]
    list_filter = ["kind", "estate"]
    ordering = ["-starts_on"]
    date_hierarchy = "starts_on"


def _amount(row: CoverageTerm, number: int | None) -> str | None:
    return None if number is None else f"{number}{'季' if row.kind in SEASONAL else '个月'}"
