"""Who goes, and when: workers, skills, proposals and visits."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from core.models import EstateScoped


class WorkerQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Workers who may serve one of the user's estates."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.sees_all_estates:
            return self
        return self.filter(Q(user=user) | Q(user__estates__in=user.estate_ids())).distinct()


class Worker(models.Model):
    """A repair worker: a user with trades, a home area and a capacity (DI-01).

    The estates a worker may serve are the user's estates.
    """

    class Employer(models.TextChoices):
        OWN = "own", "自有班组"
        CONTRACTOR = "contractor", "保修单位"
        THIRD_PARTY = "third_party", "第三方"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="用户", related_name="worker"
    )
    area = models.ForeignKey("estates.Area", models.PROTECT, verbose_name="所属片区", related_name="workers")
    employer = models.CharField("用工方", max_length=12, choices=Employer, default=Employer.OWN)
    company = models.CharField("单位名称", max_length=80, blank=True)
    grade = models.PositiveSmallIntegerField(
        "技能等级", choices=[(1, "初级"), (2, "中级"), (3, "高级")], default=1
    )
    capacity = models.PositiveSmallIntegerField("同时在手上限（单）", default=6)
    on_duty = models.BooleanField("当班", default=True)

    objects = WorkerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "维修人员"

    def __str__(self):
        return str(self.user)


class SkillQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Skills of the workers this user may know about."""
        return self.filter(worker__in=Worker.objects.visible_to(user))


class Skill(models.Model):
    """A worker's trade with its certificate; an expired one is not suggested (DI-08)."""

    worker = models.ForeignKey(Worker, models.CASCADE, verbose_name="维修人员", related_name="skills")
    trade = models.ForeignKey("knowledge.Trade", models.PROTECT, verbose_name="工种", related_name="skills")
    certificate = models.CharField("证书编号", max_length=60, blank=True)
    issued_on = models.DateField("发证日期", null=True, blank=True)
    expires_on = models.DateField("有效期至", null=True, blank=True)

    objects = SkillQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "技能与证书"
        constraints = [models.UniqueConstraint(fields=["worker", "trade"], name="skill_once_per_worker")]

    def __str__(self):
        return str(self.trade)


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


class VisitQuerySet(EstateScoped):
    estate_path = "ticket__estate_id"


class Visit(models.Model):
    """A window agreed with the owner; the database refuses to book a worker twice (DI-07)."""

    class State(models.TextChoices):
        BOOKED = "booked", "已预约"
        DONE = "done", "已到场"
        NO_ACCESS = "no_access", "上门无人"
        MOVED = "moved", "已改约"
        CANCELLED = "cancelled", "已取消"

    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="visits")
    worker = models.ForeignKey(Worker, models.PROTECT, verbose_name="维修人员", related_name="visits")
    # Half-open [from, to) in absolute time.
    window = DateTimeRangeField("时段")
    state = models.CharField("状态", max_length=10, choices=State, default=State.BOOKED)
    arrived_at = models.DateTimeField("到场时间", null=True, blank=True)
    reason = models.CharField("原因", max_length=300, blank=True)
    created_at = models.DateTimeField("创建时间")

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "上门预约"
        ordering = ["window"]
        constraints = [
            # An integer has no GiST operator class without an extension; a
            # one-value range of it has (docs/dependencies.md).
            ExclusionConstraint(
                name="visit_no_double_booking",
                expressions=[
                    (
                        Func(F("worker_id"), F("worker_id"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    ("window", RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=["booked", "done"]),
                violation_error_message="该时段已有其他预约。",
            ),
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(state="booked"), name="visit_one_booked_per_ticket"
            ),
        ]

    def __str__(self):
        return f"{self.ticket_id} {self.window}"
