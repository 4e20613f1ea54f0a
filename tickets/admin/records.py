"""Reports as they came in, and who looked at which phone number: read-only (IN-01, OR-01)."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin, ScopedAdmin
from tickets.admin.inlines import Shown
from tickets.forms.steps import RevealForm
from tickets.models import PhoneReveal, Report, Ticket

WORDS = dict(RevealForm.REASONS)


class TicketsOfReport(Shown):
    """The tickets that one report became."""

    model = Ticket
    fields = readonly_fields = ["number", "status", "place_label", "registered_at"]
    show_change_link = True


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin, ScopedAdmin):
    """Which channel and port reports came through, and how long each call took (IN-03)."""

    list_display = ["started_at", "channel", "port", "estate", "taken_by", "took"]
    list_filter = ["channel", "port", "estate"]
    search_fields = ["tickets__number__iexact"]
    search_help_text = "工单号"
    fields = ["estate", "channel", "port", "taken_by", "started_at", "saved_at", "took"]
    follow = ("estate", "taken_by")
    ordering = ["-started_at", "-pk"]
    show_full_result_count = False
    inlines = [TicketsOfReport]

    @admin.display(description="登记用时")
    def took(self, report):
        seconds = round((report.saved_at - report.started_at).total_seconds())
        if not seconds:
            # Nobody typed while somebody waited: owners, machines and imports begin when they are done.
            return "—"
        return f"{seconds // 60}分{seconds % 60:02}秒"


@admin.register(PhoneReveal)
class PhoneRevealAdmin(ReadOnlyAdmin, ScopedAdmin):
    """Every full number somebody looked at; the number itself is not repeated here."""

    list_display = ["at", "user", "ticket", "why"]
    search_fields = ["ticket__number__iexact", "user__username__iexact", "user__full_name__startswith"]
    search_help_text = "工单号、用户名或姓名"
    fields = ["at", "user", "ticket", "why"]
    follow = ("user", "ticket")
    ordering = ["-at", "-pk"]
    show_full_result_count = False

    def get_queryset(self, request):
        found = super().get_queryset(request)
        if request.user.sees_all_estates:
            return found
        return found.filter(ticket__estate__in=request.user.estate_ids())

    def has_view_permission(self, request, obj=None):
        mine = obj is None or request.user.may_see_estate(obj.ticket.estate_id)
        return super().has_view_permission(request, obj) and mine

    @admin.display(description="原因")
    def why(self, reveal):
        return WORDS.get(reveal.reason, reveal.reason)
