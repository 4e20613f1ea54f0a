"""Who receives for which port, in admin (IN-13)."""

from django.contrib import admin
from django.http import HttpRequest

from channels.models import RelayDuty
from core.admin import ScopedAdmin


@admin.register(RelayDuty)
class RelayDutyAdmin(ScopedAdmin):
    """One line for each port of an estate."""

    follow = ("estate",)
    list_display = ("estate", "port", "who")
    list_filter = ("port", "estate")
    autocomplete_fields = ("estate",)
    filter_horizontal = ("receivers",)

    @admin.display(description="接收人")
    def who(self, duty: RelayDuty) -> str:
        return "、".join(user.get_full_name() for user in duty.receivers.all())

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).prefetch_related("receivers")
