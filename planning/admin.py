"""Plans to look into; they are made and confirmed on their own pages."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from planning.models import DayPlan


@admin.register(DayPlan)
class DayPlanAdmin(ReadOnlyAdmin):
    """Every plan within the reader's sight, read-only."""

    list_display = ["__str__", "requested_by", "requested_at", "state", "method", "version"]
    list_filter = ["state", "method"]
    date_hierarchy = "requested_at"
    list_select_related = ["requested_by"]
    fields = [
        *["day", "estate_names", "requested_by", "requested_at", "state", "progress", "step"],
        *["attempt", "finished_at", "error", "method", "figures", "version"],
    ]

    def get_queryset(self, request):
        """As on the pages of the plan."""
        return super().get_queryset(request).visible_to(request.user)

    @admin.display(description="项目")
    def estate_names(self, plan):
        return "、".join(estate.name for estate in plan.estates.order_by("code"))
