"""What a named role has to do in person for a ticket (DI-06, EX-11)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.models import EstateScoped


class Errand(models.Model):
    """What a manager or housekeeper has to do in person, once in a round; done with words and photos."""

    class Kind(models.TextChoices):
        MANAGER = "manager", "经理上门"
        CLOSED_DOOR = "closed_door", "多次上门无人"

    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="errands")
    estate = models.ForeignKey("estates.Estate", models.PROTECT, verbose_name="项目", related_name="errands")
    kind = models.CharField("任务", max_length=12, choices=Kind)
    round = models.PositiveSmallIntegerField("轮次")
    why = models.CharField("原因", max_length=200)
    due_at = models.DateTimeField("到期时间")
    done_at = models.DateTimeField("完成时间", null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="完成人",
        related_name="errands",
        null=True,
        blank=True,
    )
    note = models.CharField("情况", max_length=500, blank=True)
    created_at = models.DateTimeField("创建时间")

    objects = EstateScoped.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "上门任务"
        ordering = ["due_at", "pk"]
        permissions = [("visit_in_person", "二次返修亲自上门")]
        indexes = [
            models.Index(fields=["estate", "due_at"], name="errand_open", condition=Q(done_at__isnull=True))
        ]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "round", "kind"], name="errand_once_per_round"),
            models.CheckConstraint(
                name="errand_done_by_somebody",
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.ticket_id} {self.get_kind_display()}"
