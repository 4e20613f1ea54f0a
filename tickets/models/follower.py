"""Who follows a ticket that somebody else reported (IN-18)."""

from django.conf import settings
from django.db import models

from tickets.models.report import Channel


class Follower(models.Model):
    """A second caller about the same place and fault: told how it goes on, once per phone and ticket."""

    ticket = models.ForeignKey(
        "tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="followers"
    )
    name = models.CharField("跟进人", max_length=60, blank=True)
    phone = models.CharField("联系电话", max_length=20)
    via = models.CharField("渠道", max_length=12, choices=Channel, default=Channel.PHONE)
    unit = models.ForeignKey(
        "estates.Unit", models.PROTECT, verbose_name="房屋", related_name="+", null=True, blank=True
    )
    note = models.CharField("补充说明", max_length=300, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="受理人",
        related_name="+",
        null=True,
        blank=True,
    )
    added_at = models.DateTimeField("开始跟进")

    class Meta:
        verbose_name = verbose_name_plural = "工单跟进人"
        ordering = ["added_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["ticket", "phone"], name="follower_once_per_phone")]

    def __str__(self):
        return f"{self.ticket_id} {self.name}"
