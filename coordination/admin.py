"""The counterparts in admin: names, usual words and deadlines are data."""

from django.contrib import admin

from coordination.models import Counterpart
from core.admin import HouseAdmin


@admin.register(Counterpart)
class CounterpartAdmin(HouseAdmin):
    """Whom we ask, and by when they usually answer."""

    list_display = ("name", "limit_words", "asks", "active", "order")
    list_filter = ("active",)
    search_fields = ("name", "code")

    @admin.display(description="默认时限")
    def limit_words(self, counterpart: Counterpart) -> str:
        return counterpart.limit_words
