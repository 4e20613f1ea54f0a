"""Repair workers and the trades they may be sent for."""

from django.conf import settings
from django.db import models
from django.db.models import Q


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
    contractor = models.ForeignKey(
        "warranty.Contractor",
        models.PROTECT,
        verbose_name="所属单位",
        related_name="workers",
        null=True,
        blank=True,
        help_text="保修单位或第三方的人员必填",
    )
    # The name as it stood in an imported sheet; the row of the company is what counts.
    company = models.CharField("单位名称", max_length=80, blank=True, default="", editable=False)
    grade = models.PositiveSmallIntegerField(
        "技能等级", choices=[(1, "初级"), (2, "中级"), (3, "高级")], default=1
    )
    capacity = models.PositiveSmallIntegerField("同时在手上限（单）", default=6)
    on_duty = models.BooleanField(
        "当班", default=True, help_text="没有排班的星期以此为准；有排班时以排班为准"
    )
    reserve = models.PositiveSmallIntegerField(
        "应急预留（单）",
        null=True,
        blank=True,
        help_text="手上名额中只留给1级工单的几单；留空时按班组的预留",
    )
    hired_on = models.DateField(
        "入职日期", null=True, blank=True, help_text="新人须通过工种要求的理论与实操考核；留空视为老员工"
    )

    objects = WorkerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "维修人员"
        permissions = [("import_worker", "可批量导入维修人员")]

    def __str__(self):
        return str(self.user)

    @property
    def firm(self) -> str:
        """Whose worker this is, in words: the company, or the kind of employer."""
        return self.contractor.name if self.contractor else self.get_employer_display()


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


class TeamReserve(models.Model):
    """How many tickets in hand each worker of an area's team keeps free for level 1 (DI-08)."""

    area = models.ForeignKey(
        "estates.Area", models.PROTECT, verbose_name="片区", related_name="team_reserves"
    )
    employer = models.CharField("用工方", max_length=12, choices=Worker.Employer, default=Worker.Employer.OWN)
    reserve = models.PositiveSmallIntegerField("每人应急预留（单）", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "班组应急预留"
        constraints = [models.UniqueConstraint(fields=["area", "employer"], name="reserve_once_per_team")]

    def __str__(self):
        return f"{self.area} {self.get_employer_display()}"


class TrackRecord(models.Model):
    """How a worker did lately, for the score (DI-01); counted by `dispatch.records`."""

    worker = models.OneToOneField(
        Worker, models.CASCADE, verbose_name="维修人员", related_name="record", primary_key=True
    )
    fixed = models.PositiveIntegerField("一次修好", default=0)
    followed_up = models.PositiveIntegerField("回访数", default=0)
    punctual = models.PositiveIntegerField("准时上门", default=0)
    visited = models.PositiveIntegerField("上门数", default=0)
    counted_at = models.DateTimeField("统计时间")

    class Meta:
        verbose_name = verbose_name_plural = "近期表现"

    def __str__(self):
        return str(self.worker)
