"""The housekeeper's one-to-one follow-up for owners with a care flag (IN-09)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.models import EstateScoped


class CareTask(models.Model):
    """A ticket of an owner who needs more care: a housekeeper rings or drops by and writes what was said."""

    ticket = models.OneToOneField(
        "tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="care_task"
    )
    estate = models.ForeignKey(
        "estates.Estate", models.PROTECT, verbose_name="项目", related_name="care_tasks"
    )
    flags = models.CharField("关怀标记", max_length=100)
    due_at = models.DateTimeField("到期时间")
    done_at = models.DateTimeField("完成时间", null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="完成人",
        related_name="care_tasks",
        null=True,
        blank=True,
    )
    note = models.CharField("跟进情况", max_length=500, blank=True)
    created_at = models.DateTimeField("创建时间")

    objects = EstateScoped.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "管家跟进任务"
        ordering = ["due_at", "pk"]
        permissions = [("do_care_task", "一对一跟进关怀业主")]
        indexes = [
            models.Index(fields=["estate", "due_at"], name="care_open", condition=Q(done_at__isnull=True))
        ]
        constraints = [
            models.CheckConstraint(
                name="care_done_by_somebody",
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
            )
        ]

    def __str__(self):
        return f"{self.ticket_id} {self.flags}"
