"""What happened to a ticket and who held it: written once, never changed."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from tickets.states import Desk, Status


class TicketEvent(models.Model):
    """One thing that happened, chained by hash to the one before.

    `seq` counts from 1 without a gap within a ticket; a database trigger fills
    `prev_hash` and `hash`, refuses a `from_status` that is not where the ticket
    stood, and refuses every update and delete (T55).
    """

    # The unique constraint's index begins with it.
    ticket = models.ForeignKey(
        "tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="events", db_index=False
    )
    seq = models.PositiveIntegerField("序号")
    name = models.CharField("事件", max_length=30)
    label = models.CharField("名称", max_length=30)
    from_status = models.CharField("原状态", max_length=20, choices=Status, blank=True)
    to_status = models.CharField("新状态", max_length=20, choices=Status)
    round = models.PositiveSmallIntegerField("轮次")
    actor_kind = models.CharField("操作方", max_length=8)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="操作人",
        related_name="ticket_events",
        null=True,
        blank=True,
    )
    actor_name = models.CharField("操作人姓名", max_length=60)
    at = models.DateTimeField("时间")
    reason = models.CharField("原因", max_length=500, blank=True)
    payload = models.JSONField("内容", default=dict)
    prev_hash = models.CharField("前一哈希", max_length=64, editable=False, default="")
    hash = models.CharField("哈希", max_length=64, editable=False, default="")

    class Meta:
        verbose_name = verbose_name_plural = "工单事件"
        ordering = ["ticket_id", "seq"]
        constraints = [models.UniqueConstraint(fields=["ticket", "seq"], name="event_seq_once")]
        indexes = [models.Index(fields=["name", "at"], name="event_name_at")]

    def __str__(self):
        return f"{self.seq} {self.label}"


class Holder(models.Model):
    """Who held the ticket from when to when: a queue or a person; waiting times read from here."""

    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="holders")
    desk = models.CharField("环节", max_length=10, choices=Desk)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="持有人",
        related_name="held_tickets",
        null=True,
        blank=True,
    )
    since = models.DateTimeField("开始")
    until = models.DateTimeField("结束", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "工单持有"
        ordering = ["since", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(until__isnull=True), name="holder_one_at_a_time"
            )
        ]

    def __str__(self):
        return f"{self.get_desk_display()} {self.user or ''}"
