"""What a worker has shown and learned: certificates, exams, trainings, and what trades ask for (DI-08)."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from dispatch.models.roster import OfWorkers
from dispatch.models.worker import Skill, Worker

SCORE = [MinValueValidator(0), MaxValueValidator(100)]


class CertificateQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Certificates of the workers this user may know about."""
        if user.is_authenticated and user.is_active and user.sees_all_estates:
            return self
        return self.filter(skill__worker__in=Worker.objects.visible_to(user))


class Certificate(models.Model):
    """A certificate as it was issued; the newest of a skill is copied to the skill, older ones stay."""

    skill = models.ForeignKey(Skill, models.CASCADE, verbose_name="技能", related_name="certificates")
    number = models.CharField("证书编号", max_length=60)
    issued_on = models.DateField("发证日期", null=True, blank=True)
    # The last day on which it holds; None means without end.
    expires_on = models.DateField("有效期至", null=True, blank=True)
    # Names in the file store, "" without a scan.
    original = models.CharField("原件", max_length=120, blank=True, editable=False)
    preview = models.CharField("预览", max_length=120, blank=True, editable=False)
    thumbnail = models.CharField("缩略图", max_length=120, blank=True, editable=False)
    content_type = models.CharField("类型", max_length=60, blank=True, editable=False)
    name = models.CharField("文件名", max_length=120, blank=True, editable=False)
    kind = models.CharField("文件种类", max_length=10, blank=True, editable=False)
    sha256 = models.CharField("校验", max_length=64, blank=True, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="登记人",
        related_name="+",
        null=True,
        blank=True,
    )
    recorded_at = models.DateTimeField("登记时间")

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "证书记录"
        ordering = ["-recorded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="certificate_ends_after_it_begins",
                condition=Q(issued_on__isnull=True)
                | Q(expires_on__isnull=True)
                | Q(expires_on__gte=F("issued_on")),
                violation_error_message="有效期不能早于发证日期。",
            )
        ]

    def __str__(self):
        return f"{self.skill} {self.number}"


class Exam(models.Model):
    """A theory or practice exam that a worker took in a trade; the latest of each part counts."""

    class Part(models.TextChoices):
        THEORY = "theory", "理论"
        PRACTICE = "practice", "实操"

    worker = models.ForeignKey(Worker, models.CASCADE, verbose_name="维修人员", related_name="exams")
    trade = models.ForeignKey("knowledge.Trade", models.PROTECT, verbose_name="工种", related_name="+")
    part = models.CharField("科目", max_length=10, choices=Part)
    taken_on = models.DateField("考核日期")
    score = models.DecimalField("成绩", max_digits=4, decimal_places=1, validators=SCORE)
    passed = models.BooleanField("通过")
    examiner = models.CharField("考官", max_length=40, blank=True)

    objects = OfWorkers.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "考核"
        ordering = ["-taken_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["worker", "trade", "part", "taken_on"], name="exam_once_a_day")
        ]

    def __str__(self):
        return f"{self.worker} {self.trade} {self.get_part_display()}"


class TradeRule(models.Model):
    """What a trade asks of its people and of the roster; without a row the usual holds."""

    trade = models.OneToOneField(
        "knowledge.Trade", models.PROTECT, verbose_name="工种", related_name="dispatch_rule"
    )
    exams_from = models.DateField(
        "新人考核起始日",
        null=True,
        blank=True,
        help_text="这一天起入职的人，理论与实操都通过后才会被推荐；留空不要求",
    )
    day_cover = models.BooleanField("每天须有人", default=True)
    night_cover = models.BooleanField("夜间须有人", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "工种上岗规则"

    def __str__(self):
        return str(self.trade)


class TrainingQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Sessions that this user wrote down or that somebody they may know about attended."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.sees_all_estates:
            return self
        seen = Attendance.objects.filter(worker__in=Worker.objects.visible_to(user))
        return self.filter(Q(recorded_by=user) | Q(pk__in=seen.values("training")))


class Training(models.Model):
    """A session of the quarterly training, with who was there."""

    topic = models.CharField("主题", max_length=100)
    held_on = models.DateField("日期", db_index=True)
    hours = models.DecimalField("学时", max_digits=4, decimal_places=1, validators=[MinValueValidator(0)])
    trainer = models.CharField("讲师", max_length=40, blank=True)
    note = models.CharField("内容", max_length=300, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="登记人",
        related_name="+",
        editable=False,
    )

    objects = TrainingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "培训"
        ordering = ["-held_on", "-pk"]

    def __str__(self):
        return f"{self.held_on:%Y-%m-%d} {self.topic}"


class Attendance(models.Model):
    """A worker who was there, with the score where there was a test."""

    training = models.ForeignKey(Training, models.CASCADE, verbose_name="培训", related_name="attendances")
    worker = models.ForeignKey(Worker, models.CASCADE, verbose_name="维修人员", related_name="trainings")
    score = models.DecimalField(
        "成绩", max_digits=4, decimal_places=1, null=True, blank=True, validators=SCORE
    )

    objects = OfWorkers.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "参训记录"
        constraints = [models.UniqueConstraint(fields=["training", "worker"], name="attended_once")]

    def __str__(self):
        return f"{self.worker}"
