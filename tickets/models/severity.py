"""The classes: their rules, what is decided about them, and the accident statement (SL-06)."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from warranty.models import OwnAndDefault


def count(label: str, default: int, most: int, help_text: str = "") -> models.PositiveSmallIntegerField:
    """A limit that a manager may change, from 1 to `most`."""
    return models.PositiveSmallIntegerField(
        label,
        default=default,
        validators=[MinValueValidator(1), MaxValueValidator(most)],
        help_text=help_text,
    )


class LevelRule(models.Model):
    """A rule that raises the level of some faults, always or in a season (SL-01, domain.md §2.2)."""

    class Season(models.TextChoices):
        ALWAYS = "", "全年"
        HEATING = "heating", "采暖期内"
        COOLING = "cooling", "供冷期内"

    name = models.CharField(
        "名称", max_length=40, unique=True, help_text="写进定级理由，例如“供暖季内采暖故障”"
    )
    fault_prefixes = models.CharField(
        "故障代码前缀", max_length=200, help_text="用空格分开，例如 HV01 HV02；HV 表示全部暖通"
    )
    season = models.CharField("何时适用", max_length=8, choices=Season, default=Season.ALWAYS, blank=True)
    raise_by = count("升几级", 1, 3)
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "升级规则"
        ordering = ["name"]

    def __str__(self):
        return self.name


class ClassRule(models.Model):
    """When a class is raised and by when it must be answered; an estate's row before the general one."""

    estate = models.ForeignKey(
        "estates.Estate",
        models.CASCADE,
        verbose_name="项目",
        related_name="class_rules",
        null=True,
        blank=True,
        help_text="留空适用于全部项目",
    )
    important_hours = count("多少小时未解决转为重要", 24, 720)
    approval_hours = count("重要超过多少小时须审批", 48, 720, "自转为重要起算")
    on_site_minutes = count("日常现场超过多少分钟报告", 30, 600)
    broken_promises = count("承诺未落实几次转为事故", 2, 20)
    accident_days = count("多少天无合理解决转为事故", 14, 90)
    answer_days = count("事故答复期限（天）", 2, 30)
    solve_days = count("事故解决期限（天）", 10, 90)

    objects = OwnAndDefault.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "类别规则"
        constraints = [
            # One row may be without an estate, and no more.
            models.UniqueConstraint(
                fields=["estate"],
                name="class_rule_once",
                nulls_distinct=False,
                violation_error_message="已有这条规则。",
            )
        ]

    def __str__(self):
        return f"{self.estate or '全部项目'} 类别规则"


class ClassCase(models.Model):
    """How a ticket of class 重要 or 事故 stands: since when, what was decided, by when it is promised."""

    ticket = models.OneToOneField(
        "tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="class_case", primary_key=True
    )
    since = models.DateTimeField("转为该类别")
    reason = models.CharField("原因", max_length=300)
    # 重要 beyond its two days: asked once, decided by a manager, asked again when the new date has passed.
    asked_at = models.DateTimeField("提请审批", null=True, blank=True)
    allowed_until = models.DateTimeField("批准延至", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="审批人",
        related_name="+",
        null=True,
        blank=True,
    )
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    # 事故: the director's answer to the owner.
    answer_due = models.DateTimeField("答复期限", null=True, blank=True)
    solve_due = models.DateTimeField("解决期限", null=True, blank=True)
    answered_at = models.DateTimeField("已答复", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "类别办理"
        indexes = [
            models.Index(fields=["asked_at"], name="case_asked", condition=Q(asked_at__isnull=False)),
        ]

    def __str__(self):
        return f"{self.ticket_id} 自{self.since:%Y-%m-%d}"


class Statement(models.Model):
    """事故说明: what happened, why, who answers for it, and what is done so that it does not happen again."""

    ticket = models.ForeignKey(
        "tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="statements"
    )
    number = models.PositiveSmallIntegerField("第几版")
    happened = models.TextField("事故经过")
    harm = models.TextField("人员伤害与损失")
    cause = models.TextField("原因分析")
    responsible = models.CharField("责任认定", max_length=200)
    measures = models.TextField("处理措施与结果")
    prevention = models.TextField("防范与整改")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="编写人", related_name="statements"
    )
    made_at = models.DateTimeField("提交时间")
    # Null while it waits for the director.
    approved = models.BooleanField("批准", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="审批人",
        related_name="+",
        null=True,
        blank=True,
    )
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    remark = models.CharField("审批意见", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "事故说明"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "number"], name="statement_number_once"),
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(approved__isnull=True), name="statement_one_waiting"
            ),
            models.CheckConstraint(
                name="statement_decided_has_person",
                condition=Q(approved__isnull=True, decided_by__isnull=True)
                | Q(approved__isnull=False, decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="statement_maker_is_not_judge",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("made_by")),
            ),
        ]

    def __str__(self):
        return f"{self.ticket_id} 事故说明第{self.number}版"
