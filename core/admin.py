"""What runs in the background, to see and to restart; nothing here can name a function (OR-07, F6)."""

from django.contrib import admin, messages
from django.db.models import OuterRef, Subquery
from django.utils.timezone import now
from django_q.models import Schedule, Task

from core import schedules
from core.admin_lists import HouseAdmin
from core.models import ServiceRun
from core.queue import wake
from core.scoped_admin import ScopedAdmin, ScopedRelatedFilter, ScopedStackedInline, ScopedTabularInline
from core.templatetags.fangxiu import when

__all__ = [
    "HouseAdmin",
    "ReadOnlyAdmin",
    "ScopedAdmin",
    "ScopedRelatedFilter",
    "ScopedStackedInline",
    "ScopedTabularInline",
]


# Cron counts from Sunday.
WEEKDAYS = "日一二三四五六"


class ReadOnlyAdmin(HouseAdmin):
    """Shows rows; nobody adds, changes or deletes them here."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Schedule)
class ScheduleAdmin(ReadOnlyAdmin):
    """The regular work with its last and next run, and three acts for rows that follow the list."""

    list_display = ["label", "rhythm", "queue", "enabled", "upcoming", "last_run", "succeeded"]
    list_display_links = None
    fields = ["label", "rhythm", "queue", "enabled", "upcoming", "last_run", "succeeded"]
    ordering = ["name"]
    actions = ["run_now", "switch_off", "switch_on"]

    def get_queryset(self, request):
        # Results are pickles: dates and outcome are read, the result never is (T39).
        last = Task.objects.filter(pk=OuterRef("task"))
        return (
            super()
            .get_queryset(request)
            .annotate(
                last_stopped=Subquery(last.values("stopped")[:1]),
                last_success=Subquery(last.values("success")[:1]),
            )
        )

    def has_run_permission(self, request) -> bool:
        """Whether the three acts are offered."""
        return request.user.has_perm("django_q.change_schedule")

    def get_object(self, request, object_id, from_field=None):
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            # The page is called by it; nothing of the row is ever saved from here.
            row.said = row.func = self.label(row)
        return row

    @admin.display(description="任务")
    def label(self, row):
        if said := getattr(row, "said", ""):
            return said
        plan = schedules.plan_of(row)
        return plan.label if plan else f"不在清单内（{row.name or row.pk}）"

    @admin.display(description="周期")
    def rhythm(self, row):
        if row.cron:
            return cron_words(row.cron)
        return f"每 {row.minutes} 分钟" if row.minutes else row.get_schedule_type_display()

    @admin.display(description="队列")
    def queue(self, row):
        return {None: "默认", "long": "长任务"}.get(row.cluster, row.cluster)

    @admin.display(description="启用", boolean=True)
    def enabled(self, row):
        return row.repeats != schedules.PAUSED

    @admin.display(description="下次运行", ordering="next_run")
    def upcoming(self, row):
        return when(row.next_run)

    @admin.display(description="上次运行")
    def last_run(self, row):
        if row.task and row.last_stopped is None:
            return "已排队或记录已清理"
        return when(row.last_stopped)

    @admin.display(description="上次成功", boolean=True)
    def succeeded(self, row):
        return row.last_success

    @admin.action(description="立即运行", permissions=["run"])
    def run_now(self, request, queryset):
        self._act(
            request, queryset, "已排队，稍后运行", lambda row, plan: wake(plan.func, cluster=plan.cluster)
        )

    @admin.action(description="停用", permissions=["run"])
    def switch_off(self, request, queryset):
        self._act(request, queryset, "已停用", lambda row, plan: _set_repeats(row, schedules.PAUSED))

    @admin.action(description="启用", permissions=["run"])
    def switch_on(self, request, queryset):
        self._act(request, queryset, "已启用", lambda row, plan: _set_repeats(row, schedules.FOR_EVER))

    def _act(self, request, queryset, words, act):
        """Do the act on every row that follows the list, and name the rows that do not."""
        for row in queryset:
            plan = schedules.plan_of(row)
            if plan is None:
                self.message_user(request, f"{row.name or row.pk}：不在清单内，未执行", messages.ERROR)
                continue
            act(row, plan)
            self.log_change(request, row, words)
            self.message_user(request, f"{plan.label}：{words}", messages.SUCCESS)


def cron_words(cron: str) -> str:
    """A daily or weekly cron line in words (每天 03:00, 每周一 08:00); any other as it stands."""
    minute, hour, *days = cron.split()
    if not (minute.isdigit() and hour.isdigit() and days[:2] == ["*", "*"]):
        return cron
    at = f"{int(hour):02}:{int(minute):02}"
    if days[2] == "*":
        return f"每天 {at}"
    return f"每周{WEEKDAYS[int(days[2])]} {at}" if days[2] in "0123456" else cron


def _set_repeats(row: Schedule, repeats: int) -> None:
    # Nothing is made up for: a row switched on again waits for its next turn.
    next_run = row.calculate_next_run(now())
    Schedule.objects.filter(pk=row.pk).update(repeats=repeats, next_run=next_run)


@admin.register(ServiceRun)
class ServiceRunAdmin(ReadOnlyAdmin):
    """When each background service last gave a sign of life."""

    list_display = ["service", "beat_at", "note"]
    list_display_links = None
    fields = ["service", "beat_at", "note"]

    @admin.display(description="服务", ordering="name")
    def service(self, row):
        return str(row)
