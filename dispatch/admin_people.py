"""Workers and all that is kept of them: skills, rosters, leave, exams, trainings (DI-08)."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.timezone import now

from core.scoped_admin import ScopedAdmin, ScopedTabularInline
from dispatch import certificates
from dispatch.leaves import span_words
from dispatch.models import (
    Attendance,
    Certificate,
    Exam,
    Leave,
    RosterCell,
    ShiftKind,
    Skill,
    TeamReserve,
    TradeRule,
    Training,
    Worker,
)

CERTIFICATE = {"certificate", "issued_on", "expires_on"}


class RecordAdmin(ScopedAdmin):
    """Rows that services write: shown here, never changed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False


class SkillInline(ScopedTabularInline):
    model = Skill
    fields = ("trade", "certificate", "issued_on", "expires_on")
    follow = ("trade",)


def keep_history(request: HttpRequest, form: ModelForm) -> None:
    """A certificate that was typed over in admin is a renewal: the old one stays in the history."""
    skill = form.instance
    if not CERTIFICATE & set(form.changed_data) or not skill.certificate:
        return
    typed = {name: getattr(skill, name) for name in CERTIFICATE}
    if skill.pk:
        for name in CERTIFICATE & set(form.changed_data):
            setattr(skill, name, form.initial.get(name) or ("" if name == "certificate" else None))
        skill.save(update_fields=list(CERTIFICATE))
    else:
        skill.certificate, skill.issued_on, skill.expires_on = "", None, None
        skill.save()
    certificates.record(
        skill=skill,
        number=typed["certificate"],
        issued_on=typed["issued_on"],
        expires_on=typed["expires_on"],
        by=request.user,
        at=now(),
    )
    # What a person types into the skill holds, whichever certificate ends later.
    for name, value in typed.items():
        setattr(skill, name, value)


@admin.register(Worker)
class WorkerAdmin(ScopedAdmin):
    """A worker's area, employer, capacity and duty; the skills stand below."""

    list_display = ("user", "area", "employer", "contractor", "grade", "capacity", "reserve", "on_duty")
    list_filter = ("employer", "on_duty", "area")
    search_fields = ("user__full_name", "user__job_number", "user__phone", "contractor__name")
    autocomplete_fields = ("user", "area", "contractor")
    inlines = (SkillInline,)
    follow = ("user", "area", "contractor")
    ordering = ("area__code", "user__full_name")

    def get_readonly_fields(self, request: HttpRequest, obj: Worker | None = None) -> tuple[str, ...]:
        # The history of tickets and visits belongs to this person.
        return ("user",) if obj else ()

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: Any, change: bool) -> None:
        formset.save(commit=False)
        for each in formset.deleted_objects:
            each.delete()
        for each in formset.forms:
            if each.has_changed() and each not in formset.deleted_forms:
                keep_history(request, each)
                each.instance.save()


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

    def save_model(self, request: HttpRequest, obj: Skill, form: ModelForm, change: bool) -> None:
        keep_history(request, form)
        super().save_model(request, obj, form, change)


@admin.register(Certificate)
class CertificateAdmin(RecordAdmin):
    """Every certificate there was; written on the worker's page."""

    list_display = ("worker", "trade", "number", "issued_on", "expires_on", "recorded_by", "recorded_at")
    search_fields = ("number", "skill__worker__user__full_name")
    fields = ("worker", "trade", "number", "issued_on", "expires_on", "name", "recorded_by", "recorded_at")
    follow = ("skill__worker__user", "skill__trade", "recorded_by")

    @admin.display(description="维修人员")
    def worker(self, row: Certificate) -> str:
        return str(row.skill.worker)

    @admin.display(description="工种")
    def trade(self, row: Certificate) -> str:
        return str(row.skill.trade)


@admin.register(ShiftKind)
class ShiftKindAdmin(ScopedAdmin):
    """The letters of the roster and their hours."""

    list_display = ("letter", "name", "starts_at", "ends_at", "standby", "active")


@admin.register(RosterCell)
class RosterCellAdmin(RecordAdmin):
    """Who was put on which shift, and by whom; planned in 派单 › 排班."""

    list_display = ("day", "worker", "kind", "changed_by", "changed_at")
    list_filter = ("kind",)
    search_fields = ("worker__user__full_name",)
    date_hierarchy = "day"
    follow = ("worker__user", "kind", "changed_by")


@admin.register(Leave)
class LeaveAdmin(RecordAdmin):
    """Leave that was asked for and how it was answered; decided in 派单 › 请假."""

    list_display = ("worker", "when", "kind", "state", "reason", "decided_by", "decided_at")
    list_filter = ("state", "kind")
    search_fields = ("worker__user__full_name", "reason")
    fields = ("worker", "when", "kind", "reason", "state", "asked_at", "decided_by", "decided_at", "answer")
    follow = ("worker__user", "decided_by")

    @admin.display(description="时间", ordering="span")
    def when(self, row: Leave) -> str:
        return span_words(row)


@admin.register(Exam)
class ExamAdmin(ScopedAdmin):
    """Theory and practice, with the score."""

    list_display = ("worker", "trade", "part", "taken_on", "score", "passed", "examiner")
    list_filter = ("part", "passed", "trade")
    search_fields = ("worker__user__full_name",)
    autocomplete_fields = ("worker",)
    date_hierarchy = "taken_on"
    follow = ("worker__user", "trade")


@admin.register(TradeRule)
class TradeRuleAdmin(ScopedAdmin):
    """What a trade asks of new people and of the roster."""

    list_display = ("trade", "exams_from", "day_cover", "night_cover")
    follow = ("trade",)
    ordering = ("trade__code",)


@admin.register(TeamReserve)
class TeamReserveAdmin(ScopedAdmin):
    """What the teams keep free for level 1."""

    list_display = ("area", "employer", "reserve")
    autocomplete_fields = ("area",)
    follow = ("area",)
    ordering = ("area__code", "employer")


class AttendanceInline(ScopedTabularInline):
    model = Attendance
    fields = ("worker", "score")
    autocomplete_fields = ("worker",)
    follow = ("worker__user",)


@admin.register(Training)
class TrainingAdmin(ScopedAdmin):
    """Sessions with who was there."""

    list_display = ("held_on", "topic", "hours", "trainer", "recorded_by")
    search_fields = ("topic", "trainer")
    date_hierarchy = "held_on"
    inlines = (AttendanceInline,)
    follow = ("recorded_by",)

    def save_model(self, request: HttpRequest, obj: Training, form: ModelForm, change: bool) -> None:
        if not change:
            obj.recorded_by = request.user
        super().save_model(request, obj, form, change)
