"""Plans of a day, what people changed in them, and what became of each confirmed visit (DI-10)."""

from django.conf import settings
from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import Exists, OuterRef

from core.runs import Run, RunQuerySet


class DayPlanQuerySet(RunQuerySet):
    def visible_to(self, user):
        """Plans all of whose estates are in the user's scope: dispatchers of the same estates share them."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.sees_all_estates:
            return self
        links = DayPlan.estates.through.objects.filter(dayplan=OuterRef("pk"))
        own = links.filter(estate__in=user.estate_ids())
        return self.filter(Exists(own), ~Exists(links.exclude(estate__in=user.estate_ids())))

    def light(self):
        """Without the problem and the routes, which may be a megabyte."""
        return self.defer("problem", "content")


class DayPlan(Run):
    """A proposal for one day: it assigns nobody before a person confirms."""

    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "计算中"
        DONE = "done", "已生成"
        FAILED = "failed", "失败"

    UNDER_WAY = (State.QUEUED, State.RUNNING)

    class Method(models.TextChoices):
        GREEDY = "greedy", "快速排程"
        SOLVER = "solver", "优化排程"

    day = models.DateField("日期")
    estates = models.ManyToManyField("estates.Estate", verbose_name="项目", related_name="day_plans")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="申请人", related_name="day_plans"
    )
    requested_at = models.DateTimeField("申请时间")
    state = models.CharField("状态", max_length=8, choices=State, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField("第几次计算", default=0)
    method = models.CharField("算法", max_length=8, choices=Method, default=Method.GREEDY)
    # planning.problem.problem_json and plan_json: what was planned from, and the plan as it stands.
    problem = models.JSONField("题目", default=dict)
    content = models.JSONField("计划", default=dict)
    # {"solver": figures, "greedy": figures, "seconds": 1.2}, as the machine left it.
    figures = models.JSONField("指标", default=dict)
    # Rises with each edit, so that two editors do not overwrite each other.
    version = models.PositiveIntegerField("版本", default=1)

    objects = DayPlanQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "整日排程"
        ordering = ["-requested_at", "-pk"]

    def __str__(self):
        return f"{self.day:%Y年%m月%d日} 排程"


class PlanEdit(models.Model):
    """One change by a person: what the touched part looked like before, so that it can be undone."""

    plan = models.ForeignKey(DayPlan, models.CASCADE, verbose_name="排程", related_name="edits")
    version = models.PositiveIntegerField("版本")
    words = models.CharField("改动", max_length=200)
    # plan_json of the touched routes and of everything left over.
    before = models.JSONField("改动前")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="操作人", related_name="+")
    at = models.DateTimeField("时间")
    undone = models.BooleanField("已撤销", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "排程改动"
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["plan", "version"], name="plan_edit_once")]

    def __str__(self):
        return self.words


class Placement(models.Model):
    """A visit of a plan that a person confirmed, and what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting", "办理中"
        SENT = "sent", "已派单，接单后预约"
        BOOKED = "booked", "已预约"
        SKIPPED = "skipped", "未办理"

    plan = models.ForeignKey(DayPlan, models.PROTECT, verbose_name="排程", related_name="placements")
    ticket = models.ForeignKey(
        "tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="placements"
    )
    worker = models.ForeignKey(
        "dispatch.Worker", models.PROTECT, verbose_name="师傅", related_name="placements"
    )
    # Half-open [from, to) in absolute time.
    window = DateTimeRangeField("时段")
    state = models.CharField("状态", max_length=8, choices=State, default=State.WAITING)
    words = models.CharField("说明", max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="确认人", related_name="+")
    at = models.DateTimeField("确认时间")
    done_at = models.DateTimeField("办理时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "排程落实"
        ordering = ["window"]
        constraints = [models.UniqueConstraint(fields=["plan", "ticket"], name="placement_once_per_plan")]

    def __str__(self):
        return f"{self.ticket_id} {self.get_state_display()}"
