"""Runs of reports to look into; files are downloaded on the reports pages, under their rules."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from reports.models import ReportRun


@admin.register(ReportRun)
class ReportRunAdmin(ReadOnlyAdmin):
    """Every run within the reader's sight, read-only."""

    list_display = ["__str__", "requested_by", "requested_at", "state", "progress", "finished_at", "size"]
    list_filter = ["state", "month"]
    search_fields = ["requested_by__full_name", "=requested_by__username", "=sha256"]
    search_help_text = "申请人姓名、登录名，或文件的 SHA-256"
    date_hierarchy = "requested_at"
    list_select_related = ["requested_by"]
    fields = [
        *["month", "estate_names", "requested_by", "requested_at", "state", "progress", "step"],
        *["attempt", "moved_at", "finished_at", "size", "sha256", "error"],
    ]

    def get_queryset(self, request):
        """As on the reports pages: one's own, all of them for group-level staff."""
        return super().get_queryset(request).visible_to(request.user)

    @admin.display(description="项目")
    def estate_names(self, run):
        return "、".join(estate.name for estate in run.estates.order_by("code"))
