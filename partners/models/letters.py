"""Letters to a company with their receipts, and what the company objects to (DI-12, DI-13)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.models import EstateScoped
from warranty.models import Contractor


class NoticeQuerySet(EstateScoped):
    estate_path = "ticket__estate_id"


class DisputeQuerySet(EstateScoped):
    estate_path = "ticket__estate_id"


class Notice(models.Model):
    """A 催办函 or 整改通知单 on one ticket: what is late, by when it must be done, and what follows (F09)."""

    class Kind(models.TextChoices):
        REMINDER = "reminder", "催办函"
        ORDER = "order", "整改通知单"

    contractor = models.ForeignKey(Contractor, models.PROTECT, verbose_name="单位", related_name="notices")
    ticket = models.ForeignKey(
        "tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="partner_notices"
    )
    kind = models.CharField("类别", max_length=10, choices=Kind)
    words = models.CharField("事由", max_length=500)
    due_at = models.DateTimeField("要求办理时限")
    consequence = models.CharField("逾期后果", max_length=300)
    # None: written by the watcher.
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="发函人",
        related_name="+",
        null=True,
        blank=True,
    )
    sent_at = models.DateTimeField("发函时间")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "催办与整改函"
        ordering = ["-sent_at", "-pk"]

    def __str__(self):
        return f"{self.get_kind_display()} {self.ticket}"


class NoticeRead(models.Model):
    """The receipt of a letter: which contact opened it first when, and from which address."""

    notice = models.ForeignKey(Notice, models.PROTECT, verbose_name="函件", related_name="reads")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="阅读人", related_name="+"
    )
    name = models.CharField("姓名", max_length=40)
    at = models.DateTimeField("阅读时间")
    ip = models.GenericIPAddressField("地址", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "函件回执"
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["notice", "user"], name="notice_read_once_per_person")]

    def __str__(self):
        return f"{self.notice} {self.name}"


class Dispute(models.Model):
    """异议: the company does not agree with what it is asked to do, within its days (domain.md §4.1)."""

    class State(models.TextChoices):
        OPEN = "open", "待处理"
        UPHELD = "upheld", "异议成立"
        REJECTED = "rejected", "异议不成立"

    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="disputes")
    contractor = models.ForeignKey(Contractor, models.PROTECT, verbose_name="单位", related_name="disputes")
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="提出人", related_name="+"
    )
    raised_at = models.DateTimeField("提出时间")
    words = models.CharField("异议内容", max_length=500)
    state = models.CharField("结果", max_length=10, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="处理人",
        related_name="+",
        null=True,
        blank=True,
    )
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)
    answer = models.CharField("处理意见", max_length=500, blank=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位异议"
        ordering = ["-raised_at", "-pk"]
        permissions = [("decide_dispute", "处理单位异议")]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "contractor"],
                condition=Q(state="open"),
                name="dispute_one_open_per_company",
            ),
            models.CheckConstraint(
                name="dispute_decided_by_somebody",
                condition=Q(state="open") | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.ticket} 异议"
