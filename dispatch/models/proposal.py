"""What the machine suggests, and what a person made of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.models import EstateScoped
from dispatch.models.worker import Worker


class ProposalQuerySet(EstateScoped):
    estate_path = "ticket__estate_id"


class Proposal(models.Model):
    """What the machine suggests for a ticket's round, and what a person made of it (DI-03)."""

    class Decision(models.TextChoices):
        OPEN = "open", "待复核"
        APPROVED = "approved", "采纳建议"
        CHANGED = "changed", "改派他人"
        RETURNED = "returned", "退回补充"
        GRABBED = "grabbed", "师傅抢单"
        PICKED = "picked", "师傅领单"
        AHEAD = "ahead", "系统先派"

    class After(models.TextChoices):
        """What a person found who looked after the machine had sent somebody."""

        NOT_ASKED = "", "—"
        WAITING = "waiting", "待事后复核"
        CONFIRMED = "confirmed", "事后确认"
        CORRECTED = "corrected", "事后改派"
        WRONG = "wrong", "事后标记有误"

    ticket = models.ForeignKey(
        "tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="proposals"
    )
    round = models.PositiveSmallIntegerField("轮次")
    # [{"worker": pk, "name", "score", "step": "same_estate", "reasons": ["…"],
    #   "parts": [{"label", "points", "words"}]}], best first.
    candidates = models.JSONField("候选", default=list)
    # [{"worker": pk, "name", "reason": "证书已过期", "code": "certificate"}]: who is out and why; the oldest
    # rows have no code.
    excluded = models.JSONField("排除", default=list)
    decision = models.CharField("结论", max_length=10, choices=Decision, default=Decision.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="复核人",
        related_name="proposals",
        null=True,
        blank=True,
    )
    decided_at = models.DateTimeField("复核时间", null=True, blank=True)
    worker = models.ForeignKey(
        Worker, models.PROTECT, verbose_name="最终人选", related_name="+", null=True, blank=True
    )
    reason = models.CharField("改派理由", max_length=300, blank=True)
    created_at = models.DateTimeField("生成时间")
    # Which version of the weights the points came from; None before there were any.
    weights = models.ForeignKey(
        "dispatch.ScoreWeights",
        models.PROTECT,
        verbose_name="评分权重",
        related_name="+",
        db_index=False,
        null=True,
        blank=True,
    )
    # Since when workers may take it themselves (抢单, 领单); None while it is a reviewer's.
    offered_at = models.DateTimeField("放出时间", null=True, blank=True)
    after = models.CharField("事后复核", max_length=10, choices=After, blank=True, default=After.NOT_ASKED)
    after_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="事后复核人",
        related_name="+",
        db_index=False,
        null=True,
        blank=True,
    )
    after_at = models.DateTimeField("事后复核时间", null=True, blank=True)
    after_reason = models.CharField("事后复核说明", max_length=300, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "派单建议"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(decision="open"), name="proposal_one_open_per_ticket"
            )
        ]
        indexes = [
            models.Index(fields=["ticket"], name="proposal_after_waiting", condition=Q(after="waiting")),
            models.Index(
                fields=["decided_at"], name="proposal_decided_at", condition=Q(decided_at__isnull=False)
            ),
        ]

    def __str__(self):
        return f"第{self.round}轮建议 {self.get_decision_display()}"
