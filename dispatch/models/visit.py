"""Windows agreed with owners."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.timezone import localtime

from core.models import EstateScoped
from dispatch.models.worker import Worker


class VisitQuerySet(EstateScoped):
    estate_path = "ticket__estate_id"


class Visit(models.Model):
    """A window agreed with the owner; the database refuses to book a worker twice (DI-07)."""

    class State(models.TextChoices):
        BOOKED = "booked", "已预约"
        DONE = "done", "已到场"
        NO_ACCESS = "no_access", "上门无人"
        MOVED = "moved", "已改约"
        CANCELLED = "cancelled", "已取消"

    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="visits")
    worker = models.ForeignKey(Worker, models.PROTECT, verbose_name="维修人员", related_name="visits")
    # Half-open [from, to) in absolute time.
    window = DateTimeRangeField("时段")
    state = models.CharField("状态", max_length=10, choices=State, default=State.BOOKED)
    arrived_at = models.DateTimeField("到场时间", null=True, blank=True)
    reason = models.CharField("原因", max_length=300, blank=True)
    created_at = models.DateTimeField("创建时间")

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "上门预约"
        ordering = ["window"]
        # Counts of a month read the visits that began in it.
        indexes = [models.Index(Func(F("window"), function="lower"), name="visit_begins")]
        constraints = [
            # An integer has no GiST operator class without an extension; a
            # one-value range of it has (docs/dependencies.md).
            ExclusionConstraint(
                name="visit_no_double_booking",
                expressions=[
                    (
                        Func(F("worker_id"), F("worker_id"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    ("window", RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=["booked", "done"]),
                violation_error_message="该时段已有其他预约。",
            ),
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(state="booked"), name="visit_one_booked_per_ticket"
            ),
        ]

    def __str__(self):
        return f"{localtime(self.window.lower):%Y-%m-%d %H:%M} {self.get_state_display()}"
