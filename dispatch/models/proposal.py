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

    ticket = models.ForeignKey(
        "tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="proposals"
    )
    round = models.PositiveSmallIntegerField("轮次")
    # [{"worker": pk, "name", "score", "step": "same_estate", "reasons": ["…"],
    #   "parts": [{"label", "points", "words"}]}], best first.
    candidates = models.JSONField("候选", default=list)
    # [{"worker": pk, "name", "reason": "证书已过期"}]: who is out and why.
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

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "派单建议"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(decision="open"), name="proposal_one_open_per_ticket"
            )
        ]

    def __str__(self):
        return f"{self.ticket_id} 建议"
