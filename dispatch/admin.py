"""What was proposed and agreed, in Django admin within the user's scope; people are in `admin_people`."""

from django.contrib import admin

from core.scoped_admin import ScopedAdmin, ScopedTabularInline
from dispatch import admin_people, admin_policy, punctuality
from dispatch.models import EmergencyPlan, PlanCheck, PlanRole, PlanSupply, Proposal, Visit
from dispatch.suggest import LADDER
from dispatch.visits import window_words

__all__ = ["ProposalAdmin", "VisitAdmin", "admin_people", "admin_policy"]


@admin.register(Proposal)
class ProposalAdmin(admin_people.RecordAdmin):
    """What the machine proposed and what a person decided (DI-03)."""

    list_display = ("ticket", "round", "first", "decision", "worker", "decided_by", "decided_at", "reason")
    list_filter = ("decision", "after")
    search_fields = ("ticket__number", "worker__user__full_name", "reason")
    date_hierarchy = "created_at"
    fields = (
        "ticket",
        "round",
        "created_at",
        "weights",
        "candidate_list",
        "excluded_list",
        "offered_at",
        "decision",
        "worker",
        "reason",
        "decided_by",
        "decided_at",
        "after",
        "after_by",
        "after_at",
        "after_reason",
    )
    follow = ("ticket", "worker__user", "decided_by", "after_by", "weights__estate")

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
class VisitAdmin(admin_people.RecordAdmin):
    """Agreed windows and how punctual they were (DI-07)."""

    list_display = ("ticket", "worker", "when", "state", "arrived_at", "punctual", "reason")
    list_filter = ("state",)
    search_fields = ("ticket__number", "worker__user__full_name")
    fields = ("ticket", "worker", "when", "state", "arrived_at", "punctual", "reason", "created_at")
    follow = ("ticket__policy", "worker__user")
    ordering = ("-window",)

    @admin.display(description="时段", ordering="window")
    def when(self, row: Visit) -> str:
        return window_words(row.window.lower, row.window.upper)

    @admin.display(description="准时")
    def punctual(self, row: Visit) -> str:
        return punctuality.words(row) or "—"


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

    list_display = ("name", "hours", "per_minute", "active", "code")
    list_filter = ("active",)
    search_fields = ("code", "name")
    filter_horizontal = ("faults",)
    inlines = (PlanRoleInline, PlanSupplyInline, PlanCheckInline)
    ordering = ("code",)
