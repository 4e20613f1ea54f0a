"""A worker was asked to take a ticket: until when an answer is awaited, and what came of it (DI-04)."""

from django.db import models
from django.db.models import Q

from core.models import EstateScoped
from dispatch.models.worker import Worker


class AskQuerySet(EstateScoped):
    estate_path = "ticket__estate_id"


class Ask(models.Model):
    """One asking of one worker in a round; the minutes are those of the rule when it was sent."""

    class Outcome(models.TextChoices):
        WAITING = "", "等待应答"
        ANSWERED = "answered", "已应答"
        NO_ANSWER = "no_answer", "未应答"

    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="asks")
    worker = models.ForeignKey(Worker, models.PROTECT, verbose_name="维修人员", related_name="asks")
    round = models.PositiveSmallIntegerField("轮次")
    # The ticket's version after it was sent: the event of that number is this asking.
    seq = models.PositiveIntegerField("事件")
    asked_at = models.DateTimeField("派出时间")
    next_at = models.DateTimeField("换人时间")
    # The next moment to look: the reminder, then the change; None when nothing is awaited.
    look_at = models.DateTimeField("下次检查", null=True)
    reminded_at = models.DateTimeField("提醒时间", null=True, blank=True)
    outcome = models.CharField("结果", max_length=10, choices=Outcome, blank=True, default=Outcome.WAITING)

    objects = AskQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "派单应答"
        ordering = ["-asked_at"]
        constraints = [models.UniqueConstraint(fields=["ticket", "seq"], name="asked_once")]
        indexes = [
            models.Index(fields=["look_at"], name="ask_look_at", condition=Q(look_at__isnull=False)),
        ]

    def __str__(self):
        return f"{self.ticket_id} {self.worker_id}"
