"""Workers, their skills, and what was proposed and agreed, in Django admin within the user's scope."""

from django.contrib import admin
from django.http import HttpRequest

from core.scoped_admin import ScopedAdmin, ScopedTabularInline
from dispatch.models import (
    EmergencyPlan,
    PlanCheck,
    PlanRole,
    PlanSupply,
    Proposal,
    Skill,
    Visit,
    Worker,
)
from dispatch.suggest import LADDER
from dispatch.visits import punctuality, window_words


class SkillInline(ScopedTabularInline):
    model = Skill
    fields = ("trade", "certificate", "issued_on", "expires_on")
    follow = ("trade",)


@admin.register(Worker)
class WorkerAdmin(ScopedAdmin):
    """A worker's area, employer, capacity and duty; the skills stand below."""

    list_display = ("user", "area", "employer", "company", "grade", "capacity", "on_duty")
    list_filter = ("employer", "on_duty", "area")
    search_fields = ("user__full_name", "user__job_number", "user__phone", "company")
    autocomplete_fields = ("user", "area")
    inlines = (SkillInline,)
    follow = ("user", "area")
    ordering = ("area__code", "user__full_name")

    def get_readonly_fields(self, request: HttpRequest, obj: Worker | None = None) -> tuple[str, ...]:
        # The history of tickets and visits belongs to this person.
        return ("user",) if obj else ()


@admin.register(Skill)
class SkillAdmin(ScopedAdmin):
    """Certificates by expiry (DI-08)."""

    list_display = ("worker", "trade", "certificate", "issued_on", "expires_on")
    list_filter = ("trade",)
    search_fields = ("worker__user__full_name", "certificate")
    autocomplete_fields = ("worker",)
    date_hierarchy = "expires_on"
    follow = ("worker__user", "trade")
    ordering = ("expires_on", "pk")


class RecordAdmin(ScopedAdmin):
    """Rows that services write: shown here, never changed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False


@admin.register(Proposal)
class ProposalAdmin(RecordAdmin):
    """What the machine proposed and what a person decided (DI-03)."""

    list_display = ("ticket", "round", "first", "decision", "worker", "decided_by", "decided_at", "reason")
    list_filter = ("decision",)
    search_fields = ("ticket__number", "worker__user__full_name", "reason")
    date_hierarchy = "created_at"
    fields = (
        "ticket",
        "round",
        "created_at",
        "candidate_list",
        "excluded_list",
        "decision",
        "worker",
        "reason",
        "decided_by",
        "decided_at",
    )
    follow = ("ticket", "worker__user", "decided_by")

    @admin.display(description="首选")
    def first(self, row: Proposal) -> str:
        return row.candidates[0]["name"] if row.candidates else "没有可派人选"

    @admin.display(description="候选与理由")
    def candidate_list(self, row: Proposal) -> str:
        lines = [
            f"{each['name']}（{LADDER[each['step']]}，{each['score']:g} 分）：{'；'.join(each['reasons'])}"
            for each in row.candidates
        ]
        return "\n".join(lines) or "没有可派人选"

    @admin.display(description="排除与原因")
    def excluded_list(self, row: Proposal) -> str:
        return "\n".join(f"{each['name']}：{each['reason']}" for each in row.excluded) or "无"


@admin.register(Visit)
class VisitAdmin(RecordAdmin):
    """Agreed windows and how punctual they were (DI-07)."""

    list_display = ("ticket", "worker", "when", "state", "arrived_at", "punctual", "reason")
    list_filter = ("state",)
    search_fields = ("ticket__number", "worker__user__full_name")
    fields = ("ticket", "worker", "when", "state", "arrived_at", "punctual", "reason", "created_at")
    follow = ("ticket", "worker__user")
    ordering = ("-window",)

    @admin.display(description="时段", ordering="window")
    def when(self, row: Visit) -> str:
        return window_words(row.window.lower, row.window.upper)

    @admin.display(description="准时")
    def punctual(self, row: Visit) -> str:
        return punctuality(row) or "—"


class PlanRoleInline(ScopedTabularInline):
    model = PlanRole
    fields = ("name", "duty", "people")


class PlanSupplyInline(ScopedTabularInline):
    model = PlanSupply
    fields = ("name", "unit", "needed")


class PlanCheckInline(ScopedTabularInline):
    model = PlanCheck
    fields = ("phase", "text")


@admin.register(EmergencyPlan)
class EmergencyPlanAdmin(ScopedAdmin):
    """The plans: disaster faults, words, pace; squad, supplies and checks stand below (DI-09)."""

    list_display = ("code", "name", "hours", "per_minute", "active")
    list_filter = ("active",)
    search_fields = ("code", "name")
    filter_horizontal = ("faults",)
    inlines = (PlanRoleInline, PlanSupplyInline, PlanCheckInline)
    ordering = ("code",)
