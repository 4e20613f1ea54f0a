"""What a company has agreed to answer for, how fast, and in which order (WA-06)."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from core.models import EstateScoped
from warranty.models.contractor import Contractor
from warranty.models.coverage import OwnAndDefault


class AgreementQuerySet(EstateScoped):
    def in_force(self, on):
        """Agreements of active companies that hold on this day."""
        return self.filter(contractor__active=True, valid_from__lte=on, valid_to__gte=on)

    def for_trades(self, trade_ids):
        """Those for any of these trades; an agreement that names none is for all, as is a fault."""
        if not trade_ids:
            return self
        return self.filter(Q(trades__isnull=True) | Q(trades__in=trade_ids)).distinct()

    def for_building(self, building_id, batch_id):
        """Those that cover a building; one that names neither batches nor buildings covers the estate."""
        whole = Q(batches__isnull=True, buildings__isnull=True)
        if building_id is None:
            return self.filter(whole)
        return self.filter(whole | Q(buildings=building_id) | Q(batches=batch_id)).distinct()


class Agreement(models.Model):
    """保修协议 or yearly 第三方合同: buildings × trades, days in force, and response limits (WA-06).

    `backup_order` 0 is the company that answers first; 1, 2… stand in for it.
    """

    contractor = models.ForeignKey(Contractor, models.PROTECT, verbose_name="单位", related_name="agreements")
    number = models.CharField("协议编号", max_length=60)
    estate = models.ForeignKey(
        "estates.Estate", models.PROTECT, verbose_name="项目", related_name="agreements"
    )
    batches = models.ManyToManyField(
        "estates.Batch", verbose_name="批次", blank=True, help_text="批次与楼栋都留空：整个项目"
    )
    buildings = models.ManyToManyField("estates.Building", verbose_name="楼栋", blank=True)
    trades = models.ManyToManyField(
        "knowledge.Trade", verbose_name="工种", blank=True, help_text="留空：全部工种"
    )
    valid_from = models.DateField("生效日期")
    valid_to = models.DateField("有效期至")
    accept_hours = models.PositiveSmallIntegerField(
        "接单时限（小时）", default=4, validators=[MinValueValidator(1)], help_text="自派单起"
    )
    arrive_hours = models.PositiveSmallIntegerField(
        "到场时限（小时）",
        default=24,
        validators=[MinValueValidator(1)],
        help_text="自派单起；有预约的，以预约时段为准",
    )
    grace_hours = models.PositiveSmallIntegerField(
        "催办宽限（小时）",
        default=24,
        validators=[MinValueValidator(1)],
        help_text="催办后仍未办理，下达整改通知；再过同样时间，可启用备选单位",
    )
    complete_days = models.PositiveSmallIntegerField(
        "完工时限（天）",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="留空按各工种的完工时限",
    )
    objection_days = models.PositiveSmallIntegerField("异议期（工作日）", default=3)
    backup_order = models.PositiveSmallIntegerField(
        "备选次序", default=0, help_text="0 为首选单位，1 起依次为备选"
    )
    points_start = models.PositiveSmallIntegerField("考核起始分", default=100)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "保修协议"
        ordering = ["estate_id", "backup_order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "number"], name="agreement_number_once_per_estate"),
            models.CheckConstraint(
                name="agreement_ends_after_it_begins",
                condition=Q(valid_to__gte=F("valid_from")),
                violation_error_message="有效期不能早于生效日期。",
            ),
        ]

    def __str__(self):
        return f"{self.number} {self.contractor}"


class CompletionLimit(models.Model):
    """How many calendar days a trade has until the work is done (domain.md §2.1).

    A row without an estate holds everywhere; an estate's own goes before it.
    """

    estate = models.ForeignKey(
        "estates.Estate",
        models.CASCADE,
        verbose_name="项目",
        related_name="+",
        null=True,
        blank=True,
        help_text="留空为集团默认",
    )
    trade = models.ForeignKey("knowledge.Trade", models.CASCADE, verbose_name="工种", related_name="+")
    days = models.PositiveSmallIntegerField("完工时限（自然日）", validators=[MinValueValidator(1)])

    objects = OwnAndDefault.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "工种完工时限"
        ordering = ["trade"]
        constraints = [
            models.UniqueConstraint(
                fields=["estate", "trade"], nulls_distinct=False, name="completion_limit_once"
            )
        ]

    def __str__(self):
        return f"{self.trade} {self.days}天"
