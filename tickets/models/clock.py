"""Policy sets and the clocks they set going (SL-02, SL-03)."""

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from tickets import clocks


class PolicySet(models.Model):
    """A named set of limits for all estates, for an area, or for one estate (domain.md §8.1).

    What several sets in force ask of one ticket is settled by `tickets.settlement`.
    """

    class Nature(models.TextChoices):
        INTERNAL = "internal", "内部目标"
        PROMISE = "promise", "已公开承诺"
        FLOOR = "floor", "法定或合同底线"
        PEAK = "peak", "高峰或灾害模式"

    code = models.CharField("代码", max_length=20, unique=True)
    name = models.CharField("名称", max_length=60)
    nature = models.CharField("性质", max_length=10, choices=Nature, default=Nature.INTERNAL)
    area = models.ForeignKey(
        "estates.Area",
        models.CASCADE,
        verbose_name="片区",
        related_name="policy_sets",
        null=True,
        blank=True,
        help_text="只用于一个片区时选择",
    )
    estate = models.ForeignKey(
        "estates.Estate",
        models.CASCADE,
        verbose_name="项目",
        related_name="policy_sets",
        null=True,
        blank=True,
        help_text="留空适用于全部项目",
    )
    active = models.BooleanField("启用", default=True)
    # Only peak mode has one: somebody answers for longer limits.
    publisher = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="发布人",
        related_name="+",
        null=True,
        blank=True,
        help_text="高峰或灾害模式必填",
    )
    note = models.TextField("来源与补充说明", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "时效策略"
        constraints = [
            models.CheckConstraint(
                name="policy_area_or_estate", condition=Q(area__isnull=True) | Q(estate__isnull=True)
            ),
            models.CheckConstraint(
                name="policy_peak_has_publisher", condition=~Q(nature="peak") | Q(publisher__isnull=False)
            ),
        ]

    def __str__(self):
        return f"{self.code} {self.name}"

    @property
    def scope(self) -> int:
        """How particular it is: 0 for all, 1 for an area, 2 for one estate."""
        return 2 if self.estate_id else 1 if self.area_id else 0


class PolicyVersion(models.Model):
    """One version of a set. Tickets keep the version they were accepted under."""

    policy = models.ForeignKey(PolicySet, models.PROTECT, verbose_name="策略", related_name="versions")
    number = models.PositiveIntegerField("版本号")
    valid_from = models.DateField("生效日期")
    valid_to = models.DateField("失效日期", null=True, blank=True, help_text="含当天；留空长期有效")
    # {"clocks": {"dispatch": {"label", "start": [event names], "stop": [event names],
    #  "calendar": "always"|"working", "limits": {"1": minutes|null|"none", …}, "warn": [50, 80],
    #  "only": {"kind": […]}, "escalate": [{"at", "to"}]}}}; all keys: tickets.policy_check.
    rules = models.JSONField("规则")
    # Empty for what people wrote. What several versions together ask is kept beside the one that
    # leads, under the digest of its rules, so that a ticket can keep it like any version.
    settled = models.CharField("裁决摘要", max_length=32, default="", blank=True, editable=False)
    settlement = models.JSONField("裁决记录", default=dict, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "策略版本"
        ordering = ["policy_id", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "number", "settled"], name="policy_version_settled_once"
            ),
            models.CheckConstraint(
                name="policy_version_ends_after_start",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
            ),
        ]

    def __str__(self):
        return f"{self.policy.code} 第{self.number}版{'（合并裁决）' if self.settled else ''}"

    @property
    def title(self) -> str:
        """The same for people who know the rules by their name, not by their code."""
        return f"{self.policy.name} 第{self.number}版{'（合并裁决）' if self.settled else ''}"

    @cached_property
    def clock_rules(self) -> list[clocks.Rule]:
        """`rules` as the clocks take them, worked out once for this instance."""
        return clocks.parse_rules(self.rules)


class WorkDay(models.Model):
    """A calendar day of China with adjusted working days 调休; the authority for working time."""

    day = models.DateField("日期", primary_key=True)
    working = models.BooleanField("上班")
    note = models.CharField("说明", max_length=60, blank=True)
    confirmed = models.BooleanField("已按国务院通知确认", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "工作日历"
        ordering = ["day"]

    def __str__(self):
        return f"{self.day}"


class Clock(models.Model):
    """The stored result of one clock of one round; recomputing from events gives the same (SL-03)."""

    class Kind(models.TextChoices):
        ACKNOWLEDGE = "acknowledge", "受理确认"
        REGISTER = "register", "登记"
        RELAY = "relay", "转告"
        DISPATCH = "dispatch", "派单"
        CONTACT = "contact", "首联"
        ARRIVE = "arrive", "到场"
        CONTAIN = "contain", "应急止损"
        PLAN = "plan", "方案"
        COMPLETE = "complete", "完成"
        REPORT_BACK = "report_back", "完工反馈"
        INSPECT = "inspect", "验收"
        FOLLOW_UP = "follow_up", "回访"
        REPLY = "reply", "答复"
        ANSWER = "answer", "事故答复"
        SOLVE = "solve", "事故解决"

    # The unique constraint's index begins with it.
    ticket = models.ForeignKey(
        "tickets.Ticket", models.CASCADE, verbose_name="工单", related_name="clocks", db_index=False
    )
    kind = models.CharField("时钟", max_length=12, choices=Kind)
    # Which rule of the policy it follows; its key there (tickets.clocks.Rule.key).
    rule = models.CharField("规则", max_length=40, default="")
    round = models.PositiveSmallIntegerField("轮次")
    started_at = models.DateTimeField("起算")
    due_at = models.DateTimeField("到期", null=True, blank=True)
    stopped_at = models.DateTimeField("完成", null=True, blank=True)
    # Set while the clock is paused; null when it runs or has stopped.
    paused_at = models.DateTimeField("暂停自", null=True, blank=True)
    paused_seconds = models.PositiveIntegerField("累计暂停（秒）", default=0)
    limit_minutes = models.PositiveIntegerField("时限（分钟）", null=True, blank=True)
    # The moments at which somebody is to be told: warnings, the limit, the rungs above (clocks.Rule.points).
    looks = ArrayField(models.DateTimeField(), verbose_name="提醒时刻", default=list, blank=True)
    # Facts of the watcher, not of the computation: when it told somebody, and of how many moments.
    next_look_at = models.DateTimeField("下次提醒", null=True, blank=True)
    told = models.PositiveSmallIntegerField("已提醒次数", default=0)
    warned_at = models.DateTimeField("已预警", null=True, blank=True)
    breached_at = models.DateTimeField("已超时", null=True, blank=True)
    # When the responsible wrote why it was late (SL-05).
    explained_at = models.DateTimeField("已说明原因", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "时钟"
        ordering = ["round", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "kind", "round"], name="clock_once_per_round"),
        ]
        indexes = [
            # One pass of the watcher is one look at this index.
            models.Index(
                fields=["next_look_at"], name="clock_next_look", condition=Q(next_look_at__isnull=False)
            ),
            models.Index(
                fields=["due_at"],
                name="clock_open_due",
                condition=Q(stopped_at__isnull=True, paused_at__isnull=True),
            ),
            models.Index(
                fields=["breached_at"],
                name="clock_unexplained",
                condition=Q(breached_at__isnull=False, explained_at__isnull=True),
            ),
        ]

    def __str__(self):
        return self.get_kind_display()

    @property
    def late(self) -> timedelta | None:
        """By how much it stopped after its limit; None where it has not, or where there is no limit."""
        return self.stopped_at - self.due_at if self.stopped_at and self.due_at else None
