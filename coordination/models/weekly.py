"""The weekly coordination list 周协调清单: what hangs, what was decided, whether it happened (DI-11, S4)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.models import EstateScoped


class WeeklyList(models.Model):
    """One estate's list of one week; its facts are those of the moment it was made.

    `review` holds what the list before decided and what came of it, as rows of words:
    {"title", "decision", "decider", "until", "outcome": done/late/open, "words"}.
    """

    estate = models.ForeignKey(
        "estates.Estate", models.PROTECT, verbose_name="项目", related_name="weekly_lists"
    )
    monday = models.DateField("周一")
    made_at = models.DateTimeField("生成时间")
    review = models.JSONField("上周决定", default=list)
    attendees = models.CharField("参会", max_length=200, blank=True)
    minutes = models.TextField("会议纪要", max_length=2000, blank=True)
    closed_at = models.DateTimeField("定稿时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="定稿人",
        related_name="+",
        null=True,
        blank=True,
    )

    objects = EstateScoped.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "周协调清单"
        ordering = ["-monday", "estate_id"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "monday"], name="weekly_list_once"),
            models.CheckConstraint(
                name="weekly_closed_has_who",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.estate} {self.monday:%Y-%m-%d}"


class WeeklyItemQuerySet(EstateScoped):
    """Lines of lists, within the scope of their estates."""

    estate_path = "weekly__estate_id"


class WeeklyItem(models.Model):
    """One thing that hangs: a request, or a ticket that waits for another department without one."""

    weekly = models.ForeignKey(WeeklyList, models.CASCADE, verbose_name="清单", related_name="items")
    place = models.PositiveSmallIntegerField("序号")
    request = models.ForeignKey(
        "coordination.Request",
        models.PROTECT,
        verbose_name="协作单",
        related_name="weekly_items",
        null=True,
        blank=True,
    )
    ticket = models.ForeignKey(
        "tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="+", null=True, blank=True
    )
    # What was known when the list was made, as words: see coordination.hanging.Line.
    facts = models.JSONField("当时情况", default=dict)
    decision = models.TextField("决定", max_length=500, blank=True)
    decider = models.CharField("决定人", max_length=40, blank=True)
    until = models.DateField("完成期限", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="记录人",
        related_name="+",
        null=True,
        blank=True,
    )
    decided_at = models.DateTimeField("记录时间", null=True, blank=True)
    follow_up = models.OneToOneField(
        "coordination.Request",
        models.PROTECT,
        verbose_name="跟进协作单",
        related_name="decided_in",
        null=True,
        blank=True,
    )

    objects = WeeklyItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "周协调事项"
        ordering = ["weekly_id", "place"]
        constraints = [
            models.UniqueConstraint(fields=["weekly", "place"], name="weekly_item_place_once"),
            models.CheckConstraint(
                name="weekly_item_is_about_something",
                condition=Q(request__isnull=False) | Q(ticket__isnull=False),
            ),
            models.CheckConstraint(
                name="weekly_decision_has_who",
                condition=Q(decision="")
                | (
                    ~Q(decider="")
                    & Q(until__isnull=False, decided_by__isnull=False, decided_at__isnull=False)
                ),
            ),
        ]

    def __str__(self):
        return f"{self.weekly_id} {self.place}"
