"""What is covered until when, per estate and component (WA-02)."""

from django.db import models
from django.db.models import Q

from core.models import EstateScoped


class OwnAndDefault(EstateScoped):
    """Rows of an estate, and the rows without one that hold everywhere."""

    def visible_to(self, user):
        """The defaults, and the rows of the estates in the user's scope."""
        if not user.is_authenticated or not user.is_active or user.sees_all_estates:
            return super().visible_to(user)
        return self.filter(Q(estate=None) | Q(estate_id__in=user.estate_ids()))


class CoverageTerm(models.Model):
    """How long a component is covered: promised to the owner, owed by the contractor, owed by law.

    A row without an estate is the default; an estate's own row, from its
    《住宅质量保证书》, goes before it but never below the statutory floors
    (domain.md §1.1, §1.2).
    """

    class Kind(models.TextChoices):
        MONTHS = "months", "按月"
        DESIGN_LIFE = "design_life", "设计使用年限"
        HEATING = "heating", "采暖期"
        COOLING = "cooling", "供冷期"
        CONTRACT = "contract", "按合同约定"
        MANUFACTURER = "manufacturer", "厂家三包"
        NONE = "none", "不保修"
        BY_CAUSE = "by_cause", "先查原因"

    estate = models.ForeignKey(
        "estates.Estate",
        models.CASCADE,
        verbose_name="项目",
        related_name="coverage_terms",
        null=True,
        blank=True,
        help_text="留空为集团默认",
    )
    # knowledge.FaultCategory.coverage names the same code.
    component = models.CharField("部位编码", max_length=20)
    name = models.CharField("部位", max_length=60)
    kind = models.CharField("计期方式", max_length=14, choices=Kind, default=Kind.MONTHS)
    # All three count months for MONTHS, seasons for HEATING and COOLING; null where nothing is owed.
    promised = models.PositiveSmallIntegerField("对业主承诺（月/季）", null=True, blank=True)
    contractor_months = models.PositiveSmallIntegerField("施工方法定（月/季）", null=True, blank=True)
    owner_floor_months = models.PositiveSmallIntegerField("对业主法定下限（月/季）", null=True, blank=True)
    source = models.CharField("依据", max_length=60, blank=True)

    objects = OwnAndDefault.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "保修期限"
        ordering = ["component"]
        constraints = [
            models.UniqueConstraint(
                fields=["estate", "component"], nulls_distinct=False, name="coverage_once_per_estate"
            ),
            models.CheckConstraint(
                name="coverage_months_given",
                condition=~Q(kind__in=["heating", "cooling"]) | Q(promised__isnull=False),
                violation_error_message="季节型保修请填写季数。",
            ),
        ]

    def __str__(self):
        return f"{self.estate or '集团默认'} {self.name}"


class Season(models.Model):
    """One heating or cooling season of an estate's city, from the local announcement."""

    class Kind(models.TextChoices):
        HEATING = "heating", "采暖期"
        COOLING = "cooling", "供冷期"

    estate = models.ForeignKey(
        "estates.Estate",
        models.CASCADE,
        verbose_name="项目",
        related_name="seasons",
        null=True,
        blank=True,
        help_text="留空为全部项目默认",
    )
    kind = models.CharField("类型", max_length=8, choices=Kind)
    starts_on = models.DateField("开始日")
    ends_on = models.DateField("结束日")

    objects = OwnAndDefault.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "采暖供冷季"
        ordering = ["starts_on"]
        constraints = [
            models.CheckConstraint(
                name="season_in_order",
                condition=Q(starts_on__lt=models.F("ends_on")),
                violation_error_message="结束日必须晚于开始日。",
            )
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.starts_on}–{self.ends_on}"
