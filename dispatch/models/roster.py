"""Who is there and who is away: kinds of shift, the cells of the week grid, leave (DI-08)."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q, Value

from dispatch.models.worker import Worker


class OfWorkers(models.QuerySet):
    """Rows of a worker; seen by whoever may know about the worker (OR-01)."""

    def visible_to(self, user):
        """Rows of the workers this user may know about."""
        if user.is_authenticated and user.is_active and user.sees_all_estates:
            return self
        return self.filter(worker__in=Worker.objects.visible_to(user))


class ShiftKind(models.Model):
    """A kind of shift: its letter in the grid and its hours in local time.

    A shift that ends at or before it begins ends on the next day. A rest has no hours.
    """

    letter = models.CharField(
        "字母",
        max_length=1,
        unique=True,
        validators=[RegexValidator(r"^[A-Z]$", "请填写一个大写字母。")],
        help_text="排班表里按这个键填入",
    )
    name = models.CharField("名称", max_length=20, unique=True)
    starts_at = models.TimeField("开始", null=True, blank=True)
    ends_at = models.TimeField("结束", null=True, blank=True, help_text="不晚于开始时间时，为次日")
    standby = models.BooleanField("值班备勤", default=False, help_text="只应对紧急工单，不排日常预约")
    order = models.PositiveSmallIntegerField("排序", default=0)
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "班次"
        ordering = ["order", "letter"]
        constraints = [
            models.CheckConstraint(
                name="shift_hours_in_pairs",
                condition=Q(starts_at__isnull=True, ends_at__isnull=True, standby=False)
                | Q(starts_at__isnull=False, ends_at__isnull=False),
                violation_error_message="开始与结束要么都填，要么都不填（休息）；值班备勤必须有时间。",
            )
        ]

    def __str__(self):
        return self.name

    @property
    def is_rest(self) -> bool:
        """A day off that was planned."""
        return self.starts_at is None

    @property
    def overnight(self) -> bool:
        """Whether it ends on the next day."""
        return self.starts_at is not None and self.ends_at <= self.starts_at

    @property
    def hours(self) -> str:
        """20:00–08:00, or nothing for a rest."""
        return "" if self.is_rest else f"{self.starts_at:%H:%M}–{self.ends_at:%H:%M}"


class RosterCell(models.Model):
    """One worker's shift on one day; `version` rises with each change, so that nobody overwrites unseen."""

    worker = models.ForeignKey(Worker, models.CASCADE, verbose_name="维修人员", related_name="roster")
    day = models.DateField("日期", db_index=True)
    # None: the cell was emptied again; the row stays for its version.
    kind = models.ForeignKey(
        ShiftKind, models.PROTECT, verbose_name="班次", related_name="+", null=True, blank=True
    )
    version = models.PositiveIntegerField("版本", default=1)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="排班人", related_name="+"
    )
    changed_at = models.DateTimeField("排班时间")

    objects = OfWorkers.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "排班"
        ordering = ["-day", "worker"]
        permissions = [("plan_roster", "可排班")]
        constraints = [models.UniqueConstraint(fields=["worker", "day"], name="roster_once_a_day")]

    def __str__(self):
        return f"{self.worker} {self.day:%Y-%m-%d}"


class Leave(models.Model):
    """A worker asks to be away; counts once it is approved, and no two may overlap."""

    class Kind(models.TextChoices):
        ANNUAL = "annual", "年假"
        PERSONAL = "personal", "事假"
        SICK = "sick", "病假"
        OTHER = "other", "其他"

    class State(models.TextChoices):
        ASKED = "asked", "待审批"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未批准"
        WITHDRAWN = "withdrawn", "已撤回"

    worker = models.ForeignKey(Worker, models.PROTECT, verbose_name="维修人员", related_name="leaves")
    # Half-open [from, to) in absolute time: whole or half days in Shanghai.
    span = DateTimeRangeField("时间")
    kind = models.CharField("类别", max_length=10, choices=Kind, default=Kind.PERSONAL)
    reason = models.CharField("事由", max_length=200)
    state = models.CharField("状态", max_length=10, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="审批人",
        related_name="+",
        null=True,
        blank=True,
    )
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    answer = models.CharField("审批意见", max_length=200, blank=True)

    objects = OfWorkers.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "请假"
        ordering = ["-span"]
        permissions = [("decide_leave", "可审批请假")]
        constraints = [
            # As for visits: a one-value range of the key needs no extension.
            ExclusionConstraint(
                name="leave_no_overlap",
                expressions=[
                    (
                        Func(F("worker_id"), F("worker_id"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    ("span", RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=["asked", "approved"]),
                violation_error_message="这段时间已有其他请假。",
            ),
            models.CheckConstraint(
                name="leave_decided_by_somebody",
                condition=Q(state__in=["asked", "withdrawn"])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.worker} {self.get_state_display()}"
