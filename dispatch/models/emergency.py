"""Emergency mode 应急预案: the plans as data, and what came of each activation (DI-09)."""

from datetime import datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from core.models import EstateScoped

USER = settings.AUTH_USER_MODEL


class EmergencyPlan(models.Model):
    """A plan 应急预案: what counts as disaster, who and what is needed, what owners are told."""

    code = models.CharField("代码", max_length=20, unique=True)
    name = models.CharField("名称", max_length=40, unique=True)
    faults = models.ManyToManyField(
        "knowledge.FaultCategory",
        verbose_name="灾害类故障",
        related_name="+",
        blank=True,
        help_text="启动后这些故障插队优先，不论级别都不暂停",
    )
    hours = models.PositiveSmallIntegerField(
        "默认时长（小时）", default=24, validators=[MinValueValidator(1), MaxValueValidator(720)]
    )
    words = models.TextField("对业主的话", max_length=200, help_text="写进通知短信，启动时可以改")
    # The senders of messages are many owners' only door: a gateway that is flooded drops some.
    per_minute = models.PositiveSmallIntegerField(
        "每分钟通知条数", default=300, validators=[MinValueValidator(1)]
    )
    quiet_from = models.TimeField(
        "免打扰开始", null=True, blank=True, help_text="这段时间内的暂停与恢复通知留到免打扰结束再发"
    )
    quiet_until = models.TimeField("免打扰结束", null=True, blank=True)
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "应急预案"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="plan_quiet_in_pairs",
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                violation_error_message="免打扰的开始与结束要么都填，要么都不填。",
            )
        ]

    def __str__(self):
        return self.name


class PlanRole(models.Model):
    """A role of the squad, and how many people it needs."""

    plan = models.ForeignKey(EmergencyPlan, models.CASCADE, verbose_name="预案", related_name="roles")
    name = models.CharField("岗位", max_length=30)
    duty = models.CharField("职责", max_length=100, blank=True)
    people = models.PositiveSmallIntegerField("人数", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "应急小组岗位"
        ordering = ["pk"]

    def __str__(self):
        return self.name


class PlanSupply(models.Model):
    """Something that must be on site, and how much of it."""

    plan = models.ForeignKey(EmergencyPlan, models.CASCADE, verbose_name="预案", related_name="supplies")
    name = models.CharField("物资", max_length=40)
    unit = models.CharField("单位", max_length=10, default="件")
    needed = models.PositiveIntegerField("应备数量")

    class Meta:
        verbose_name = verbose_name_plural = "应急物资"
        ordering = ["pk"]

    def __str__(self):
        return self.name


class Phase(models.TextChoices):
    BEFORE = "before", "事前"
    DURING = "during", "事中"
    AFTER = "after", "事后"


class PlanCheck(models.Model):
    """One line of the checklist."""

    plan = models.ForeignKey(EmergencyPlan, models.CASCADE, verbose_name="预案", related_name="checks")
    phase = models.CharField("阶段", max_length=6, choices=Phase, default=Phase.BEFORE)
    text = models.CharField("检查项", max_length=120)

    class Meta:
        verbose_name = verbose_name_plural = "应急检查项"
        ordering = ["pk"]

    def __str__(self):
        return self.text


class ActivationQuerySet(EstateScoped):
    estate_path = "estates"

    def visible_to(self, user):
        """Activations that touch one of the user's estates."""
        return super().visible_to(user).distinct()

    def in_force(self, at: datetime):
        """Those that pause and give precedence at this moment; drills do neither."""
        return self.filter(
            Q(ended_at__isnull=True, ends_at__gt=at) | Q(ended_at__gt=at), drill=False, started_at__lte=at
        )


class Activation(models.Model):
    """A plan put into force for some estates by a named person until a set time.

    What it holds is let go at `ended_at`, whenever the machine gets to it.
    """

    class State(models.TextChoices):
        ACTIVE = "active", "进行中"
        ENDING = "ending", "恢复工单中"
        ENDED = "ended", "已结束"

    plan = models.ForeignKey(EmergencyPlan, models.PROTECT, verbose_name="预案", related_name="activations")
    estates = models.ManyToManyField("estates.Estate", verbose_name="项目", related_name="activations")
    drill = models.BooleanField("演练", default=False)
    reason = models.CharField("启动原因", max_length=200)
    words = models.TextField("对业主的话", max_length=200)
    commander = models.ForeignKey(USER, models.PROTECT, verbose_name="指挥人", related_name="+")
    started_by = models.ForeignKey(USER, models.PROTECT, verbose_name="启动人", related_name="+")
    started_at = models.DateTimeField("启动时间")
    ends_at = models.DateTimeField("计划结束")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="结束人", related_name="+", null=True, blank=True
    )
    end_reason = models.CharField("结束说明", max_length=200, blank=True)
    state = models.CharField("状态", max_length=8, choices=State, default=State.ACTIVE)
    # How many tickets the start found to pause: the end of the bar on the page.
    planned = models.PositiveIntegerField("应暂停单数", default=0)
    # Rises with each announcement to the owners, the first at the start, one more for each new end.
    announced = models.PositiveSmallIntegerField("告知次数", default=1)

    objects = ActivationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "应急启动"
        ordering = ["-started_at", "-pk"]
        permissions = [("command_emergency", "可启动与指挥应急"), ("approve_emergency", "可审批应急总结")]
        constraints = [
            models.CheckConstraint(
                name="activation_ends_after_start", condition=Q(ends_at__gt=F("started_at"))
            ),
            models.CheckConstraint(
                name="activation_open_has_no_end",
                condition=Q(state="active", ended_at__isnull=True) | Q(ended_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["ends_at"], name="activation_open", condition=~Q(state="ended"))]

    def __str__(self):
        return f"{self.plan.name}{'演练' if self.drill else ''} {self.started_at:%Y-%m-%d}"

    @property
    def until(self) -> datetime:
        """When it ended, or is to end."""
        return self.ended_at or self.ends_at

    @property
    def is_open(self) -> bool:
        """Whether it may still be commanded."""
        return self.state == self.State.ACTIVE


class OfActivation(models.QuerySet):
    def visible_to(self, user):
        """Rows of the activations this user may know about."""
        return self.filter(activation__in=Activation.objects.visible_to(user))


class SquadMember(models.Model):
    """Somebody of the squad: named, with a phone, there or not."""

    class Presence(models.TextChoices):
        CALLED = "called", "已通知"
        PRESENT = "present", "到岗"
        ABSENT = "absent", "缺勤"

    activation = models.ForeignKey(Activation, models.CASCADE, verbose_name="应急", related_name="squad")
    user = models.ForeignKey(
        USER, models.PROTECT, verbose_name="员工", related_name="+", null=True, blank=True
    )
    name = models.CharField("姓名", max_length=40)
    phone = models.CharField("电话", max_length=20, blank=True)
    role = models.CharField("岗位", max_length=30)
    presence = models.CharField("到岗", max_length=8, choices=Presence, default=Presence.CALLED)
    place = models.CharField("所在位置", max_length=60, blank=True)
    changed_at = models.DateTimeField("更新时间")

    objects = OfActivation.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "应急小组成员"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["activation", "user"], name="squad_once", condition=Q(user__isnull=False)
            )
        ]

    def __str__(self):
        return f"{self.role} {self.name}"


class Supply(models.Model):
    """What an activation needs, what is on site and what was used, in `unit`."""

    activation = models.ForeignKey(Activation, models.CASCADE, verbose_name="应急", related_name="supplies")
    name = models.CharField("物资", max_length=40)
    unit = models.CharField("单位", max_length=10)
    needed = models.PositiveIntegerField("应备", default=0)
    on_site = models.PositiveIntegerField("到位", default=0)
    used = models.PositiveIntegerField("已用", default=0)

    objects = OfActivation.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "应急物资台账"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="supply_used_was_on_site",
                condition=Q(used__lte=F("on_site")),
                violation_error_message="已用不能多于到位。",
            )
        ]

    def __str__(self):
        return self.name

    @property
    def left(self) -> int:
        """What is still there."""
        return self.on_site - self.used

    @property
    def short(self) -> int:
        """How much was never brought."""
        return max(self.needed - self.on_site, 0)


class Check(models.Model):
    """One line of the checklist, ticked off by somebody."""

    activation = models.ForeignKey(Activation, models.CASCADE, verbose_name="应急", related_name="checks")
    phase = models.CharField("阶段", max_length=6, choices=Phase)
    text = models.CharField("检查项", max_length=120)
    done_at = models.DateTimeField("完成时间", null=True, blank=True)
    done_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="完成人", related_name="+", null=True, blank=True
    )

    objects = OfActivation.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "应急检查记录"
        ordering = ["pk"]

    def __str__(self):
        return self.text


class Order(models.Model):
    """One line of the log 指令: who, when, what; written once."""

    # The label of what the commander says, among those of squad, supplies and the rest.
    COMMAND = "指令"

    activation = models.ForeignKey(Activation, models.CASCADE, verbose_name="应急", related_name="orders")
    at = models.DateTimeField("时间")
    by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="发令人", related_name="+", null=True, blank=True
    )
    label = models.CharField("类别", max_length=20, default=COMMAND)
    words = models.CharField("内容", max_length=300)

    objects = OfActivation.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "应急指令"
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.label} {self.words}"


class Held(models.Model):
    """A ticket that an activation paused, or that a person excepted from it; once for each."""

    class State(models.TextChoices):
        PAUSED = "paused", "暂停中"
        RESUMED = "resumed", "已恢复"
        EXCEPTED = "excepted", "例外办理"

    activation = models.ForeignKey(Activation, models.PROTECT, verbose_name="应急", related_name="held")
    ticket = models.ForeignKey(
        "tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="emergency_holds"
    )
    state = models.CharField("状态", max_length=8, choices=State, default=State.PAUSED)
    paused_at = models.DateTimeField("暂停时间", null=True, blank=True)
    resumed_at = models.DateTimeField("恢复时间", null=True, blank=True)
    # Which announcement the owner was told of last; 0 for none.
    told = models.PositiveSmallIntegerField("已告知", default=0)
    excepted_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="例外批准人", related_name="+", null=True, blank=True
    )
    reason = models.CharField("例外原因", max_length=200, blank=True)

    objects = OfActivation.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "应急暂停"
        constraints = [models.UniqueConstraint(fields=["activation", "ticket"], name="held_once")]
        indexes = [models.Index(fields=["activation", "told"], name="held_open", condition=Q(state="paused"))]

    def __str__(self):
        return f"{self.ticket_id} {self.get_state_display()}"


class AfterAction(models.Model):
    """The after-action record 应急总结: figures frozen at the end, words by the commander, approved."""

    class State(models.TextChoices):
        DRAFT = "draft", "待填写"
        SUBMITTED = "submitted", "待审批"
        APPROVED = "approved", "已批准"

    activation = models.OneToOneField(Activation, models.PROTECT, verbose_name="应急", related_name="record")
    # dispatch.emergency.record.figures: counts, minutes and lists as they stood at the end.
    figures = models.JSONField("数据", default=dict)
    course = models.TextField("经过", blank=True)
    good = models.TextField("做得好的", blank=True)
    poor = models.TextField("暴露的问题", blank=True)
    measures = models.TextField("改进措施", blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    frozen_at = models.DateTimeField("数据截止")
    written_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="填写人", related_name="+", null=True, blank=True
    )
    written_at = models.DateTimeField("填写时间", null=True, blank=True)
    approved_by = models.ForeignKey(
        USER, models.PROTECT, verbose_name="审批人", related_name="+", null=True, blank=True
    )
    approved_at = models.DateTimeField("审批时间", null=True, blank=True)
    answer = models.CharField("审批意见", max_length=200, blank=True)

    objects = OfActivation.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "应急总结"
        constraints = [
            models.CheckConstraint(
                name="after_action_approved_by_somebody",
                condition=~Q(state="approved") | Q(approved_by__isnull=False),
            )
        ]

    def __str__(self):
        return f"{self.activation} 总结"
