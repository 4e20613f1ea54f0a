"""How tickets reach a worker, and what counts in a score: data of the managers, not code (DI-01, DI-04)."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now

from tickets.models.ticket import LEVELS
from warranty.models import OwnAndDefault

MOST_MINUTES = 7 * 24 * 60
PARTS = ("nearness", "load", "level", "earlier", "quality", "punctuality")
WHOLE = 100


class Mode(models.TextChoices):
    """How a ticket of a level reaches a worker (DI-04)."""

    ASSIGN = "assign", "指派"
    GRAB = "grab", "抢单"
    PICK = "pick", "领单"
    AUTO = "auto", "自动派单"


def _minutes(label: str, default: int, help_text: str = "") -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        label,
        default=default,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)],
        help_text=help_text,
    )


class DispatchRule(models.Model):
    """How tickets of a level are handed out from a moment on; an estate's row before the general one."""

    estate = models.ForeignKey(
        "estates.Estate",
        models.CASCADE,
        verbose_name="项目",
        related_name="dispatch_rules",
        null=True,
        blank=True,
        help_text="留空适用于全部项目",
    )
    level = models.PositiveSmallIntegerField("级别", choices=LEVELS)
    mode = models.CharField(
        "派单方式",
        max_length=10,
        choices=Mode,
        default=Mode.ASSIGN,
        help_text="指派：复核后派给建议的人；抢单：复核后由可派的人抢；领单：不经复核，由本项目的人自己领；"
        "自动派单：系统直接派给首选",
    )
    review_after = models.BooleanField(
        "可先派后审",
        default=False,
        help_text="指派时前台可一键先派；自动派单时派出后都进入事后复核",
    )
    remind_minutes = _minutes("多少分钟未接单提醒", 15)
    next_minutes = _minutes("多少分钟未接单换人", 30, "自派出起算，须晚于提醒")
    next_by_machine = models.BooleanField(
        "换人时系统直接派出", default=False, help_text="不勾选时，换人的建议回到派单复核"
    )
    since = models.DateTimeField("生效时间", default=now)

    objects = OwnAndDefault.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "派单规则"
        ordering = ["estate", "level", "-since"]
        constraints = [
            models.UniqueConstraint(
                fields=["estate", "level", "since"],
                name="dispatch_rule_once",
                nulls_distinct=False,
                violation_error_message="这个级别在该生效时间已有规则。",
            ),
            models.CheckConstraint(
                name="dispatch_rule_reminds_first",
                condition=Q(next_minutes__gt=F("remind_minutes")),
                violation_error_message="换人须晚于提醒。",
            ),
            models.CheckConstraint(
                name="dispatch_rule_pools_wait",
                condition=Q(mode__in=["assign", "auto"]) | Q(review_after=False, next_by_machine=False),
                violation_error_message="抢单、领单由师傅自己取单，不能先派后审，也不能由系统换人派出。",
            ),
        ]

    def __str__(self):
        return f"{self.estate or '全部项目'} {self.level}级 {self.get_mode_display()}"


def _points(label: str, default: int) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(label, default=default, validators=[MaxValueValidator(WHOLE)])


class ScoreWeights(models.Model):
    """The most points of each part of a score; never changed, only replaced by the next version (DI-01)."""

    estate = models.ForeignKey(
        "estates.Estate",
        models.CASCADE,
        verbose_name="项目",
        related_name="score_weights",
        null=True,
        blank=True,
        help_text="留空适用于全部项目",
    )
    version = models.PositiveIntegerField("版本", default=1, editable=False)
    nearness = _points("远近", 30)
    load = _points("负荷", 25)
    level = _points("级别", 10)
    earlier = _points("熟悉", 10)
    quality = _points("质量", 15)
    punctuality = _points("准时", 10)
    active = models.BooleanField("现用", default=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="修改人",
        related_name="+",
        null=True,
        editable=False,
    )
    made_at = models.DateTimeField("修改时间", default=now, editable=False)

    objects = OwnAndDefault.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "评分权重"
        ordering = ["-active", "estate", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["estate", "version"], name="weights_once_a_version", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["estate"],
                name="weights_one_active",
                condition=Q(active=True),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="weights_make_a_hundred",
                condition=Q(
                    nearness=WHOLE - F("load") - F("level") - F("earlier") - F("quality") - F("punctuality")
                ),
            ),
        ]

    def __str__(self):
        return f"{self.estate or '全部项目'} 第{self.version}版"

    @property
    def total(self) -> int:
        """The most points that a score can have."""
        return sum(getattr(self, name) or 0 for name in PARTS)

    def clean(self):
        """All parts together make a hundred, so that scores of all versions can be compared."""
        if self.total != WHOLE:
            raise ValidationError(f"各项合计须为 {WHOLE} 分，现在是 {self.total} 分。")
