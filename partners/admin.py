"""What lapses cost, and what they have cost, in the admin (WA-12)."""

from django.contrib import admin

from core.scoped_admin import ScopedAdmin
from partners.models import ScoreEntry, ScoreRule


@admin.register(ScoreRule)
class ScoreRuleAdmin(ScopedAdmin):
    list_display = ("code", "points", "active")

    def has_add_permission(self, request):
        """The events are those the watcher knows."""
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_readonly_fields(self, request, obj=None):
        return ("code",)


@admin.register(ScoreEntry)
class ScoreEntryAdmin(ScopedAdmin):
    """The history of points: written by services, never changed."""

    list_display = ("contractor", "agreement", "points", "reason", "at", "by")
    list_filter = ("contractor",)
    search_fields = ("contractor__name", "reason")
    date_hierarchy = "at"
    fields = ("contractor", "agreement", "points", "reason", "at", "by")
    follow = ("contractor", "agreement__contractor", "by")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
