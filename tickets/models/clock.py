"""Policy sets and the clocks they set going (SL-02, SL-03)."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class PolicySet(models.Model):
    """A named set of limits; without an estate it is for all (domain.md §8.1)."""

    code = models.CharField("代码", max_length=20, unique=True)
    name = models.CharField("名称", max_length=60)
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

    class Meta:
        verbose_name = verbose_name_plural = "时效策略"

    def __str__(self):
        return f"{self.code} {self.name}"


class PolicyVersion(models.Model):
    """One version of a set. Tickets keep the version they were accepted under."""

    policy = models.ForeignKey(PolicySet, models.PROTECT, verbose_name="策略", related_name="versions")
    number = models.PositiveIntegerField("版本号")
    valid_from = models.DateField("生效日期")
    # {"clocks": {"dispatch": {"label", "start": [event names], "stop": [event names],
    #  "calendar": "always"|"working", "limits": {"1": minutes|null, …}, "warn": [50, 80]}}}
    rules = models.JSONField("规则")

    class Meta:
        verbose_name = verbose_name_plural = "策略版本"
        ordering = ["policy_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_version_once"),
        ]

    def __str__(self):
        return f"{self.policy.code} 第{self.number}版"


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

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, verbose_name="工单", related_name="clocks")
    kind = models.CharField("时钟", max_length=12, choices=Kind)
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
