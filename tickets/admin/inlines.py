"""What stands beneath a ticket in the admin: its history and all that is kept with it, read-only."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from core.templatetags.fangxiu import when
from tickets import pages, told
from tickets.models import Acceptance, Clock, Evidence, FollowUp, Holder, PlanCard, TicketEvent


class Shown(admin.TabularInline):
    """Rows that services wrote: shown, never added, changed or deleted."""

    extra = 0

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class EventInline(Shown):
    """The history, the newest first."""

    model = TicketEvent
    verbose_name_plural = "经过"
    fields = ["at", "moved", "actor_name", "round", "reason", "details"]
    readonly_fields = ["moved", "details"]
    ordering = ["-seq"]

    @admin.display(description="状态")
    def moved(self, event):
        if event.from_status == event.to_status:
            return event.get_to_status_display()
        before = event.get_from_status_display() if event.from_status else "新单"
        return f"{before} → {event.get_to_status_display()}"

    @admin.display(description="内容")
    def details(self, event):
        return "；".join(f"{name}：{value}" for name, value in told.changes(event)) or "—"


class ClockInline(Shown):
    """Every clock of every round."""

    model = Clock
    fields = [
        "round",
        "started_at",
        "limit_minutes",
        "due_at",
        "stopped_at",
        "paused_at",
        "paused",
        "outcome",
    ]
    readonly_fields = ["paused", "outcome"]

    @admin.display(description="累计暂停")
    def paused(self, clock):
        return pages.duration(clock.paused_seconds // 60) if clock.paused_seconds else "—"

    @admin.display(description="结果")
    def outcome(self, clock):
        if clock.due_at is None:
            return "按约定时间"
        if clock.stopped_at:
            return "按时完成" if clock.stopped_at <= clock.due_at else "超时完成"
        return f"{when(clock.breached_at)}超时" if clock.breached_at else "进行中"


class HolderInline(Shown):
    """Who held the ticket from when to when."""

    model = Holder
    verbose_name_plural = "持有经过"
    fields = ["desk", "user", "since", "until"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("user")


class EvidenceInline(Shown):
    """Photos, recordings and signatures, small."""

    model = Evidence
    fields = ["picture", "stage", "kind", "name", "added_by_name", "added_at", "owner_may_see", "sha256"]
    readonly_fields = ["picture"]

    @admin.display(description="预览")
    def picture(self, row):
        url = reverse("evidence", args=[row.pk])
        if not row.thumbnail:
            return format_html('<a href="{}">打开</a>', url)
        thumb = reverse("evidence_thumb", args=[row.pk])
        alt = f"{row.get_stage_display()}{row.get_kind_display()}"
        return format_html(
            '<a href="{}"><img src="{}" alt="{}" width="72" loading="lazy"></a>', url, thumb, alt
        )


class PlanInline(Shown):
    """The plan cards, each with the owner's signature."""

    model = PlanCard
    fields = [
        "cause",
        "method",
        "materials",
        "duration",
        "cost",
        "important",
        "made_by",
        "made_at",
        "signed_at",
    ]
    readonly_fields = ["duration"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("made_by")

    @admin.display(description="预计工期")
    def duration(self, card):
        return pages.duration(card.duration_minutes)


class AcceptanceInline(Shown):
    """The acceptance sheet of each round."""

    model = Acceptance
    fields = ["work_done", "materials", "inspected_by", "inspected_at", "stars", "remark", "signed_at"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("inspected_by")


class FollowUpInline(Shown):
    """The follow-up calls."""

    model = FollowUp
    fields = [
        "result",
        "means",
        "speed",
        "attitude",
        "quality",
        "cleanness",
        "note",
        "called_by",
        "called_at",
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("called_by")


INLINES = [
    EventInline,
    ClockInline,
    EvidenceInline,
    PlanInline,
    AcceptanceInline,
    FollowUpInline,
    HolderInline,
]
