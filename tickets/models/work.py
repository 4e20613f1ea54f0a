"""What is kept with a ticket: evidence, plan cards, acceptance, follow-up, owner links."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q

from tickets.models.history import Holder


class EvidenceQuerySet(models.QuerySet):
    """Pieces of evidence, and which of them a reader of their ticket may know of."""

    def open_to(self, user):
        """What this reader of the tickets may see of them: for people of a company outside not all.

        A company sees the fault and its own work: what was reported, what our people found on the spot, what
        it added itself and what the owner signed or sent while it had the ticket; nothing of another company.
        """
        company = _company_of(user)
        if company is None or user.has_perm("tickets.view_estate_tickets"):
            return self
        has = Holder.objects.filter(ticket=OuterRef("ticket"), user__worker__contractor=company)
        until = Q(until__isnull=True) | Q(until__gte=OuterRef("added_at"))
        ours = Q(added_by__worker__contractor=company)
        found = Q(stage__in=Evidence.OF_THE_FAULT, added_by__worker__contractor__isnull=True)
        owners = Q(Exists(has.filter(until, since__lte=OuterRef("added_at"))), added_by__isnull=True)
        return self.filter(ours | found | owners)


def _company_of(user) -> int | None:
    # The floor above owns the table; a user without a row there has no such attribute.
    return getattr(getattr(user, "worker", None), "contractor_id", None)


class Evidence(models.Model):
    """A photo, video, recording or signature of a ticket, stored privately with its hash (IN-12)."""

    class Stage(models.TextChoices):
        REPORT = "report", "报修"
        ARRIVE = "arrive", "到场"
        BEFORE = "before", "维修前"
        DURING = "during", "维修中"
        AFTER = "after", "维修后"
        PLAN = "plan", "方案确认"
        ACCEPTANCE = "acceptance", "验收"
        REFUSAL = "refusal", "拒绝与改期"
        CALL = "call", "通话录音"
        CHAT = "chat", "线上沟通"
        APPLICATION = "application", "书面申请"
        JOINT = "joint", "联合踏勘"
        MANAGER = "manager", "经理上门"
        OTHER = "other", "其他"

    class Kind(models.TextChoices):
        PHOTO = "photo", "照片"
        VIDEO = "video", "视频"
        AUDIO = "audio", "录音"
        SIGNATURE = "signature", "签名"
        PDF = "pdf", "文件"

    # Stages that show the fault itself.
    OF_THE_FAULT = (Stage.REPORT, Stage.ARRIVE, Stage.BEFORE, Stage.JOINT)

    # A random name in addresses: nobody can count through them (T14).
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="evidence")
    stage = models.CharField("阶段", max_length=12, choices=Stage)
    kind = models.CharField("类型", max_length=10, choices=Kind)
    name = models.CharField("文件名", max_length=120)
    content_type = models.CharField("内容类型", max_length=60)
    size = models.PositiveIntegerField("大小（字节）")
    sha256 = models.CharField("SHA-256", max_length=64)
    # Storage names of the untouched original and of what may be shown.
    original = models.CharField("原件", max_length=120)
    preview = models.CharField("预览", max_length=120, blank=True)
    thumbnail = models.CharField("缩略图", max_length=120, blank=True)
    # Pen points of a signature: [[{"x", "y", "time"}, …], …].
    strokes = models.JSONField("笔迹", null=True, blank=True)
    signer = models.CharField("签字人", max_length=60, blank=True)
    owner_may_see = models.BooleanField("业主可见", default=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="上传人",
        related_name="evidence",
        null=True,
        blank=True,
    )
    added_by_name = models.CharField("上传人姓名", max_length=60)
    added_at = models.DateTimeField("上传时间")
    # The consent to a recording, where `tickets.reads` has read it with the row.
    agreed: "RecordingConsent | None" = None

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "证据附件"
        ordering = ["added_at", "pk"]

    def __str__(self):
        return f"{self.get_stage_display()} {self.name}"


class RecordingConsent(models.Model):
    """The owner agreed that a call recording is kept: without this row there is none (IN-12)."""

    evidence = models.OneToOneField(Evidence, models.PROTECT, verbose_name="录音", related_name="consent")
    given_by = models.CharField("同意人", max_length=60)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="征询人", related_name="+"
    )
    asked_at = models.DateTimeField("征询时间")

    class Meta:
        verbose_name = verbose_name_plural = "录音同意记录"

    def __str__(self):
        return f"{self.given_by} {self.asked_at}"


class PlanCard(models.Model):
    """方案告知卡: cause, method, duration, protection, materials, cost (EX-02, F04)."""

    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="plans")
    number = models.PositiveSmallIntegerField("第几版")
    cause = models.TextField("故障原因")
    method = models.TextField("维修方案与工艺")
    materials = models.CharField("材料", max_length=300, blank=True)
    duration_minutes = models.PositiveIntegerField("预计工期（分钟）", validators=[MinValueValidator(5)])
    protection = models.CharField("影响与防护", max_length=300)
    cost = models.DecimalField("费用（元）", max_digits=10, decimal_places=2, default=0)
    important = models.BooleanField("重要方案", default=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="编制人", related_name="plans"
    )
    made_at = models.DateTimeField("编制时间")
    signature = models.ForeignKey(
        Evidence, models.PROTECT, verbose_name="业主签字", related_name="+", null=True, blank=True
    )
    signed_at = models.DateTimeField("签字时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "方案告知卡"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "number"], name="plan_number_once"),
            models.CheckConstraint(name="plan_cost_not_negative", condition=Q(cost__gte=0)),
            models.CheckConstraint(
                name="plan_signed_has_time",
                condition=Q(signature__isnull=True, signed_at__isnull=True)
                | Q(signature__isnull=False, signed_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"方案第{self.number}版"


def star(label: str) -> models.PositiveSmallIntegerField:
    """A column of one to five stars."""
    return models.PositiveSmallIntegerField(
        label, null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )


class Acceptance(models.Model):
    """验收单 of one round: what was done, the owner's signature and stars (EX-09, F06)."""

    ticket = models.ForeignKey(
        "tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="acceptances"
    )
    round = models.PositiveSmallIntegerField("轮次")
    work_done = models.TextField("维修内容")
    materials = models.CharField("耗材", max_length=300, blank=True)
    inspected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="预验收人",
        related_name="inspections",
        null=True,
        blank=True,
    )
    inspected_at = models.DateTimeField("预验收时间", null=True, blank=True)
    stars = star("总体评价")
    remark = models.CharField("业主意见", max_length=500, blank=True)
    signature = models.ForeignKey(
        Evidence, models.PROTECT, verbose_name="业主签字", related_name="+", null=True, blank=True
    )
    signed_at = models.DateTimeField("签字时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "验收单"
        constraints = [
            models.UniqueConstraint(fields=["ticket", "round"], name="acceptance_once_per_round"),
            models.CheckConstraint(
                name="acceptance_stars_1_to_5",
                condition=Q(stars__isnull=True) | Q(stars__gte=1, stars__lte=5),
            ),
        ]

    def __str__(self):
        return f"第{self.round}轮验收"


class FollowUp(models.Model):
    """One follow-up call 回访: solved? attitude? anything else? (FU-01, F07)."""

    class Result(models.TextChoices):
        SOLVED = "solved", "已解决"
        NOT_SOLVED = "not_solved", "未解决"
        NO_ANSWER = "no_answer", "未接通"

    class Means(models.TextChoices):
        PHONE = "phone", "电话"
        VISIT = "visit", "上门"
        H5 = "h5", "线上"

    ticket = models.ForeignKey(
        "tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="follow_ups"
    )
    round = models.PositiveSmallIntegerField("轮次")
    means = models.CharField("方式", max_length=8, choices=Means, default=Means.PHONE)
    result = models.CharField("结果", max_length=12, choices=Result)
    speed = star("速度")
    attitude = star("态度")
    quality = star("质量")
    cleanness = star("清洁")
    note = models.CharField("其他诉求与说明", max_length=500, blank=True)
    called_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="回访人", related_name="follow_ups"
    )
    called_at = models.DateTimeField("回访时间")

    class Meta:
        verbose_name = verbose_name_plural = "回访记录"
        ordering = ["called_at"]

    def __str__(self):
        return f"{self.get_means_display()}回访 {self.get_result_display()}"


class OwnerLink(models.Model):
    """The owner's way to one ticket: the hash of a 256-bit token and an end (T04)."""

    ticket = models.ForeignKey(
        "tickets.Ticket", models.CASCADE, verbose_name="工单", related_name="owner_links"
    )
    token_sha256 = models.CharField("令牌摘要", max_length=64, unique=True)
    created_at = models.DateTimeField("创建时间")
    # Wrong answers to the phone-digits question; five lock the link for a while.
    misses = models.PositiveSmallIntegerField("验证失败次数", default=0)
    locked_until = models.DateTimeField("锁定至", null=True, blank=True)
    last_seen_at = models.DateTimeField("最近访问", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "业主链接"

    def __str__(self):
        return f"{self.ticket_id}"


class PhoneReveal(models.Model):
    """Somebody looked at a full phone number: written before it is shown (OR-01)."""

    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="reveals")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="查看人", related_name="reveals"
    )
    reason = models.CharField("原因", max_length=60)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "号码查看记录"
        ordering = ["-at"]

    def __str__(self):
        return f"{self.user} {self.at}"
