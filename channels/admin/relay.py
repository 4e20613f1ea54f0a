"""Who receives for which port, in admin (IN-13)."""

from django.contrib import admin
from django.db.models import ManyToManyField, QuerySet
from django.http import HttpRequest

from accounts.models import User
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

    def get_field_queryset(self, db: str | None, db_field: ManyToManyField, request: HttpRequest) -> QuerySet:
        """People of companies outside and who has left receive nothing for the house."""
        found = super().get_field_queryset(db, db_field, request)
        if db_field.related_model is not User:
            return found
        return found.filter(is_active=True).exclude(groups__role__outside=True).order_by("full_name", "pk")

    @admin.display(description="接收人")
    def who(self, duty: RelayDuty) -> str:
        return "、".join(user.get_full_name() for user in duty.receivers.all())

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).prefetch_related("receivers")
