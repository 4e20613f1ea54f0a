"""The register of tickets and the page of one, with the steps of the machine as buttons (OR-02).

Nothing here writes a row: every step goes through `tickets.workflow`, under the
same rules as the pages. The FSM library's own admin mixin is not used (F7).
"""

from datetime import datetime

from django.contrib import admin, messages
from django.http import HttpRequest
from django.urls import path
from django.utils.html import format_html
from django.utils.timezone import get_current_timezone, localtime, now

from core import phones
from core.admin import ReadOnlyAdmin, ScopedAdmin
from core.admin_lists import PlainList
from core.templatetags.fangxiu import when
from tickets import kinds, queries, workflow
from tickets.actors import Actor
from tickets.admin import steps
from tickets.admin.inlines import INLINES
from tickets.models import Clock, Ticket

MONTHS_BACK = 18
# Named one by one in the answer; beyond it the filter is the better tool.
MOST_AT_ONCE = 200


class MonthFilter(admin.SimpleListFilter):
    """By the month of registration; no query asks which months there are."""

    title = "登记月份"
    parameter_name = "month"

    def lookups(self, request, model_admin):
        year, month = localtime().year, localtime().month
        for _ in range(MONTHS_BACK):
            yield f"{year}-{month:02}", f"{year}年{month}月"
            year, month = (year, month - 1) if month > 1 else (year - 1, 12)

    def queryset(self, request, queryset):
        if self.value() not in dict(self.lookup_choices):
            return queryset
        year, month = map(int, self.value().split("-"))
        following = (year + month // 12, month % 12 + 1)
        start, end = _first_of(year, month), _first_of(*following)
        return queryset.filter(registered_at__gte=start, registered_at__lt=end)


def _first_of(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=get_current_timezone())


class TicketList(PlainList):
    """Reads the next limits of the fifty tickets shown, not of all."""

    def get_results(self, request):
        super().get_results(request)
        rows = list(self.result_list)
        due = queries.next_dues(ticket.pk for ticket in rows)
        for ticket in rows:
            ticket.next_clock, ticket.next_due = due.get(ticket.pk, ("", None))
        self.result_list = rows


@admin.register(Ticket)
class TicketAdmin(ReadOnlyAdmin, ScopedAdmin):
    """Search, filters and history for managers; status and all else move by steps alone."""

    list_display = [
        *["number", "level_short", "status", "where", "fault_name", "handler", "next_limit", "registered"],
    ]
    list_filter = ["status", "kind", "level", "severity", "covered", "rework", MonthFilter, "estate"]
    search_fields = ["number"]
    search_help_text = "工单号、联系电话、报修人或房号（3栋2单元1201）"
    follow = ("estate", "fault", "handler")
    ordering = ["-registered_at", "-pk"]
    show_full_result_count = False
    inlines = INLINES
    actions = ["archive", "undefer", "resume"]
    change_list_template = "admin/tickets/ticket/change_list.html"
    change_form_template = "admin/tickets/ticket/change_form.html"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("number", "status"),
                    ("kind", "severity"),
                    ("level_short", "level_reason"),
                    ("round", "rework"),
                ]
            },
        ),
        ("地点与报修人", {"fields": [("estate", "place_label"), ("reporter_name", "masked_phone")]}),
        ("报修内容", {"fields": ["fault", "description", "wished", "received"]}),
        ("保修判断", {"fields": [("covered", "phase_words"), "reasons"]}),
        (
            "办理",
            {
                "fields": [
                    *[("handler", "policy"), ("registered_at", "dispatched_at")],
                    *[("completed_at", "closed_at"), ("deferred_until", "merged_into")],
                ]
            },
        ),
    ]

    def get_changelist(self, request, **kwargs):
        return TicketList

    def get_search_results(self, request, queryset, search_term):
        """By what the desk searches by, so that the same words find the same tickets."""
        return queries.search(queryset, search_term[:50]), False

    def get_object(self, request, object_id, from_field=None):
        ticket = super().get_object(request, object_id, from_field)
        if ticket is not None:
            # The page names them; the list does not need them.
            related = Ticket.objects.select_related(
                "report__taken_by", "policy__policy", "merged_into", *self.follow
            )
            return related.get(pk=ticket.pk)
        return ticket

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_step"
        view = self.admin_site.admin_view(self.step_view)
        return [path("<int:pk>/step/<slug:name>/", view, name=name), *super().get_urls()]

    def step_view(self, request: HttpRequest, pk: int, name: str):
        """One step of one ticket, on a page of its own."""
        return steps.page(self, request, pk, name)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        ticket = self.get_object(request, object_id)
        if ticket is not None:
            extra_context = (extra_context or {}) | steps.offered(ticket, Actor.staff(request.user))
        return super().change_view(request, object_id, form_url, extra_context)

    # -- several at once ---------------------------------------------------
    def has_archive_permission(self, request):
        """Whether closed tickets may be archived."""
        return request.user.has_perm("tickets.archive_ticket")

    def has_dispatch_permission(self, request):
        """Whether deferred and suspended work may be taken up again."""
        return request.user.has_perm("tickets.dispatch_ticket")

    @admin.action(description="归档所选工单", permissions=["archive"])
    def archive(self, request, queryset):
        self._take_each(request, queryset, "archive", "归档")

    @admin.action(description="恢复办理所选的延期工单", permissions=["dispatch"])
    def undefer(self, request, queryset):
        self._take_each(request, queryset, "undefer", "恢复办理")

    @admin.action(description="恢复所选的挂起工单", permissions=["dispatch"])
    def resume(self, request, queryset):
        self._take_each(request, queryset, "resume", "恢复")

    def _take_each(self, request, queryset, name, label):
        """Take the step for each ticket by itself, and name every one that could not."""
        tickets = list(queryset.order_by("pk")[: MOST_AT_ONCE + 1])
        if len(tickets) > MOST_AT_ONCE:
            self.message_user(request, f"一次最多办理 {MOST_AT_ONCE} 张，请先筛选。", messages.ERROR)
            return
        done = 0
        for ticket in tickets:
            try:
                workflow.step(ticket=ticket, name=name, by=Actor.staff(request.user), at=now())
            except workflow.StepTaken as error:
                state = error.ticket.get_status_display()
                self.message_user(request, f"{ticket.number}：未{label}，现在是“{state}”。", messages.WARNING)
            except (workflow.StepForbidden, workflow.NotReady) as error:
                self.message_user(request, f"{ticket.number}：未{label}，{error}", messages.WARNING)
            else:
                self.log_change(request, ticket, label)
                done += 1
        if done:
            self.message_user(request, f"已{label} {done} 张工单。", messages.SUCCESS)

    # -- columns -----------------------------------------------------------
    @admin.display(description="级别", ordering="level")
    def level_short(self, ticket):
        return ticket.get_level_display()

    @admin.display(description="地点", ordering="place_label")
    def where(self, ticket):
        return f"{ticket.estate} {ticket.place_label}"

    @admin.display(description="登记", ordering="registered_at")
    def registered(self, ticket):
        return when(ticket.registered_at)

    @admin.display(description="故障", ordering="fault__fault")
    def fault_name(self, ticket):
        if ticket.fault:
            return ticket.fault.fault
        # Nothing is mended where words are the answer, so no fault is missing.
        answered = ticket.kind in kinds.ANSWERED
        return f"{ticket.get_kind_display()}：{ticket.problem}" if answered else "待补充"

    @admin.display(description="下一时限")
    def next_limit(self, ticket):
        if ticket.next_due is None:
            return "—"
        words = f"{Clock.Kind(ticket.next_clock).label} {when(ticket.next_due)}"
        if ticket.next_due < now():
            return format_html(
                '<strong class="overdue"><span class="nowrap">{}</span> 已超时</strong>', words
            )
        return words

    @admin.display(description="联系电话")
    def masked_phone(self, ticket):
        return phones.mask(ticket.reporter_phone) or "—"

    @admin.display(description="期望时间")
    def wished(self, ticket):
        return ticket.wish or "—"

    @admin.display(description="受理")
    def received(self, ticket):
        report = ticket.report
        who = report.taken_by or "系统"
        return f"{report.get_channel_display()}，{report.get_port_display()}端口，{who}"

    @admin.display(description="依据")
    def reasons(self, ticket):
        return ticket.verdict.get("reason") or "—"

    @admin.display(description="房修阶段")
    def phase_words(self, ticket):
        return ticket.verdict.get("phase_label") or "—"
