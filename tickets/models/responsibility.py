"""Whose fault it is: the engineer's rulings, and joint visits where nobody can say (DI-13)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.models import EstateScoped


class Party(models.TextChoices):
    """Who answers for a fault (domain.md §1.3)."""

    CONTRACTOR = "contractor", "施工质量缺陷（保修单位）"
    DESIGN = "design", "设计缺陷"
    SUPPLIER = "supplier", "材料设备缺陷（供应商）"
    OWNER_USE = "owner_use", "业主使用不当"
    OWNER_DECO = "owner_deco", "业主装修所致"
    THIRD_PARTY = "third_party", "他人损坏"
    FORCE_MAJEURE = "force_majeure", "不可抗力"
    OVERDUE = "overdue", "已过保修期"
    PM = "pm", "物业维护不当"


# Where the builder or supplier mends: a contractor may be sent.
CONTRACTORS_MEND = (Party.CONTRACTOR, Party.DESIGN, Party.SUPPLIER)


class Ruling(models.Model):
    """An engineer's word on trade, responsibility and cover; the newest holds until it is disputed (DI-13).

    `covered` is the engineer's override of the machine's verdict, "" where they agree; the machine's
    own stays in the ticket untouched (WA-02).
    """

    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="rulings")
    party = models.CharField("责任", max_length=16, choices=Party)
    trade = models.ForeignKey("knowledge.Trade", models.PROTECT, verbose_name="专业", related_name="rulings")
    covered = models.CharField(
        "改判保修", max_length=8, choices=[("yes", "保修期内"), ("no", "已过保修期")], blank=True
    )
    reason = models.CharField("依据", max_length=500)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="工程师", related_name="rulings"
    )
    made_at = models.DateTimeField("确认时间")
    disputed_at = models.DateTimeField("异议时间", null=True, blank=True)
    disputed_by = models.CharField("异议人", max_length=80, blank=True)
    dispute = models.CharField("异议理由", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "责任确认"
        ordering = ["pk"]

    def __str__(self):
        return f"{self.ticket_id} {self.get_party_display()}"


class JointVisitQuerySet(EstateScoped):
    estate_path = "ticket__estate_id"


class JointVisit(models.Model):
    """联合踏勘: housekeeper and engineer look together at what nobody can say from a desk (DI-13)."""

    class State(models.TextChoices):
        PLANNED = "planned", "已约定"
        HELD = "held", "已踏勘"
        CANCELLED = "cancelled", "已取消"

    ticket = models.ForeignKey(
        "tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="joint_visits"
    )
    starts_at = models.DateTimeField("时间")
    housekeeper = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="管家", related_name="+"
    )
    engineer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="工程师", related_name="+"
    )
    why = models.CharField("不清楚之处", max_length=300)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PLANNED)
    protocol = models.TextField("踏勘记录", blank=True)
    party = models.CharField("踏勘结论", max_length=16, choices=Party, blank=True)
    arranged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="约定人", related_name="+"
    )
    arranged_at = models.DateTimeField("约定时间")
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="记录人",
        related_name="+",
        null=True,
        blank=True,
    )
    ended_at = models.DateTimeField("记录时间", null=True, blank=True)

    objects = JointVisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "联合踏勘"
        ordering = ["starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(state="planned"), name="joint_visit_one_planned"
            ),
            models.CheckConstraint(
                name="joint_visit_held_has_protocol", condition=~Q(state="held") | ~Q(protocol="")
            ),
        ]

    def __str__(self):
        return f"{self.ticket_id} {self.starts_at}"
