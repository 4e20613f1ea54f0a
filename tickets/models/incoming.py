"""A message that came in by itself 来件: a mail or a WeChat message, until somebody registers it (IN-01)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.models import EstateScoped
from tickets.models.files import KeptFile
from tickets.models.report import Channel


class IncomingQuerySet(EstateScoped):
    def visible_to(self, user):
        """What came in for the user's estates, and what waits because nobody can tell its estate."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.sees_all_estates:
            return self
        return self.filter(Q(estate__isnull=True, ticket__isnull=True) | Q(estate__in=user.estate_ids()))


class Incoming(models.Model):
    """One message of somebody outside; never deleted: it becomes a ticket, or is put aside with a reason.

    `external_id` is the sender's own name of the message, so that one which is
    delivered twice is one row. `text` is plain text, whatever came.
    """

    class State(models.TextChoices):
        NEW = "new", "待处理"
        TAKEN = "taken", "已登记"
        DISMISSED = "dismissed", "已忽略"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    channel = models.CharField("渠道", max_length=12, choices=Channel)
    external_id = models.CharField("来源编号", max_length=80)
    estate = models.ForeignKey(
        "estates.Estate", models.PROTECT, verbose_name="项目", related_name="incoming", null=True, blank=True
    )
    sender_name = models.CharField("发件人", max_length=60, blank=True)
    sender_phone = models.CharField("电话", max_length=20, blank=True)
    sender_address = models.CharField("邮箱", max_length=120, blank=True)
    sender_openid = models.CharField("微信标识", max_length=64, blank=True)
    subject = models.CharField("主题", max_length=200, blank=True)
    text = models.TextField("内容", blank=True)
    # What was refused or cut off, one sentence a line.
    remarks = models.TextField("处理说明", blank=True)
    # The Message-ID that an answer names; empty where no answer may be sent.
    reply_to_id = models.CharField("回复标识", max_length=300, blank=True)
    received_at = models.DateTimeField("收到时间")
    # When the desk was told that it still waits.
    reminded_at = models.DateTimeField("提醒时间", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.NEW)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="处理人",
        related_name="handled_incoming",
        null=True,
        blank=True,
    )
    handled_at = models.DateTimeField("处理时间", null=True, blank=True)
    reason = models.CharField("忽略原因", max_length=200, blank=True)
    ticket = models.ForeignKey(
        "tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="incoming", null=True, blank=True
    )

    objects = IncomingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "来件"
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="incoming_once"),
            models.CheckConstraint(
                name="incoming_taken_has_ticket", condition=~Q(state="taken") | Q(ticket__isnull=False)
            ),
            models.CheckConstraint(
                name="incoming_dismissed_has_reason", condition=~Q(state="dismissed") | ~Q(reason="")
            ),
        ]
        indexes = [
            models.Index(fields=["sender_openid"], name="incoming_openid", condition=~Q(sender_openid="")),
            models.Index(fields=["sender_address"], name="incoming_address", condition=~Q(sender_address="")),
            models.Index(fields=["received_at"], name="incoming_waiting", condition=Q(state="new")),
            models.Index(fields=["-handled_at"], name="incoming_handled", condition=~Q(state="new")),
        ]

    def __str__(self):
        return f"{self.get_channel_display()} {self.sender}"

    @property
    def sender(self) -> str:
        """How to call whoever wrote: by name or address."""
        return self.sender_name or self.sender_address or f"{self.get_channel_display()}用户"


class IncomingFile(KeptFile):
    """What came with a message, stored privately; becomes evidence when the message becomes a ticket."""

    incoming = models.ForeignKey(Incoming, models.PROTECT, verbose_name="来件", related_name="files")
    added_at = models.DateTimeField("收到时间")

    class Meta:
        verbose_name = verbose_name_plural = "来件附件"
        ordering = ["added_at", "pk"]
