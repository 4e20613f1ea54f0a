"""A company that does not keep its limits, and what that costs it in points (WA-12)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.models import EstateScoped
from warranty.models import Agreement, Contractor


class Need(models.TextChoices):
    """What the agreement sets a limit for."""

    ACCEPT = "accept", "接单"
    ARRIVE = "arrive", "到场"
    COMPLETE = "complete", "完工"


class LapseQuerySet(EstateScoped):
    estate_path = "ticket__estate_id"

    def live(self):
        """Those that nothing has ended yet."""
        return self.filter(ended_at__isnull=True)


class ScoreQuerySet(EstateScoped):
    estate_path = "agreement__estate_id"


class Lapse(models.Model):
    """One limit that a company missed on a ticket: reminded, ordered, ripe for a backup, or ended.

    The watcher moves `stage` on by time alone; only a person gives the ticket to another company.
    """

    class Stage(models.TextChoices):
        REMINDED = "reminded", "已催办"
        ORDERED = "ordered", "已下整改"
        RIPE = "ripe", "可启用备选"

    class End(models.TextChoices):
        KEPT = "kept", "已办理"
        REPLACED = "replaced", "已启用备选单位"
        MOVED = "moved", "工单已转走"

    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="lapses")
    agreement = models.ForeignKey(Agreement, models.PROTECT, verbose_name="协议", related_name="lapses")
    # When the company got the ticket: the same company again starts afresh.
    since = models.DateTimeField("派单时间")
    need = models.CharField("事项", max_length=10, choices=Need)
    due_at = models.DateTimeField("时限")
    stage = models.CharField("阶段", max_length=10, choices=Stage, default=Stage.REMINDED)
    # When the watcher looks at it again to move it on; None once it is ripe or ended.
    next_at = models.DateTimeField("下次检查", null=True, blank=True, db_index=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    end = models.CharField("结果", max_length=10, choices=End, blank=True)

    objects = LapseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位逾期"
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "agreement", "since", "need"], name="lapse_once"),
            models.CheckConstraint(
                name="lapse_ends_with_a_word", condition=Q(ended_at__isnull=True, end="") | ~Q(end="")
            ),
        ]

    def __str__(self):
        return f"{self.ticket} {self.get_need_display()}逾期"


class ScoreRule(models.Model):
    """How many points an event costs; edited in admin, 0 costs nothing."""

    class Code(models.TextChoices):
        ACCEPT = "accept", "逾期未接单，下达整改"
        ARRIVE = "arrive", "逾期未到场，下达整改"
        COMPLETE = "complete", "逾期未完工，下达整改"
        REPLACED = "replaced", "由备选单位接手"

    code = models.CharField("事项", max_length=10, choices=Code, unique=True)
    points = models.PositiveSmallIntegerField("扣分")
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "单位扣分规则"
        ordering = ["pk"]

    def __str__(self):
        return f"{self.get_code_display()} -{self.points}"


class ScoreEntry(models.Model):
    """A change of a company's points, kept for good: why, on which ticket, by which rule.

    A correction is an entry of its own with its reason.
    """

    agreement = models.ForeignKey(Agreement, models.PROTECT, verbose_name="协议", related_name="scores")
    contractor = models.ForeignKey(Contractor, models.PROTECT, verbose_name="单位", related_name="scores")
    # Negative for a deduction.
    points = models.SmallIntegerField("分值")
    code = models.CharField("规则", max_length=10, blank=True)
    reason = models.CharField("事由", max_length=200)
    lapse = models.ForeignKey(
        Lapse, models.PROTECT, verbose_name="逾期", related_name="scores", null=True, blank=True
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="经办人",
        related_name="+",
        null=True,
        blank=True,
    )
    at = models.DateTimeField("时间")

    objects = ScoreQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位考核记录"
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["lapse", "code"],
                condition=Q(lapse__isnull=False),
                name="score_once_per_lapse_and_rule",
            )
        ]

    def __str__(self):
        return f"{self.contractor} {self.points:+d}"
