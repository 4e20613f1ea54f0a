"""A cross-department request 协作单 with its thread (DI-11)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.models import EstateScoped
from tickets.models.files import KeptFile


class RequestQuerySet(EstateScoped):
    """Requests; `visible_to` is where every view starts."""

    def listed(self):
        """With what a line of a list shows, the next deadline first."""
        return self.select_related("counterpart", "owner", "estate", "ticket").order_by("due_at", "pk")

    def waiting(self):
        """Those that nobody has answered."""
        return self.filter(state=Request.State.OPEN)

    def overdue(self, *, at):
        """Those that should have been answered by now."""
        return self.waiting().filter(due_at__lt=at)


class Request(models.Model):
    """Something another department or company owes us: what, by when, and which of us runs after it.

    `promised_at` is the first deadline, which moving `due_at` never changes; `pauses` says that the
    ticket was put aside to wait for the answer. `next_look_at` is when somebody must be told next,
    `escalated` how far up it was told: 1 the supervisor, 2 the manager.
    """

    class State(models.TextChoices):
        OPEN = "open", "待回复"
        ANSWERED = "answered", "已回复待核"
        DONE = "done", "已办结"
        CANCELLED = "cancelled", "已撤销"

    estate = models.ForeignKey(
        "estates.Estate", models.PROTECT, verbose_name="项目", related_name="coordination"
    )
    ticket = models.ForeignKey(
        "tickets.Ticket",
        models.PROTECT,
        verbose_name="工单",
        related_name="coordination",
        null=True,
        blank=True,
    )
    counterpart = models.ForeignKey(
        "coordination.Counterpart", models.PROTECT, verbose_name="协作对象", related_name="requests"
    )
    asked = models.TextField("请对方做什么", max_length=500)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="负责人", related_name="coordination"
    )
    contact_unit = models.CharField("对方单位", max_length=60, blank=True)
    contact_name = models.CharField("对方联系人", max_length=40, blank=True)
    contact_phone = models.CharField("对方电话", max_length=20, blank=True)
    contact_email = models.EmailField("对方邮箱", max_length=120, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="发起人", related_name="+"
    )
    asked_at = models.DateTimeField("发起时间")
    due_at = models.DateTimeField("期限")
    promised_at = models.DateTimeField("最初期限")
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    answered_at = models.DateTimeField("回复时间", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    pauses = models.BooleanField("挂起工单等待", default=False)
    next_look_at = models.DateTimeField("下次提醒", null=True, blank=True, editable=False)
    escalated = models.PositiveSmallIntegerField("已升级", default=0, editable=False)

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "协作单"
        ordering = ["-asked_at", "-pk"]
        permissions = [
            ("coordinate", "发起与办理协作单"),
            ("decide_weekly", "生成周协调清单与记录决定"),
        ]
        indexes = [
            models.Index(fields=["estate", "state", "due_at"], name="coordination_list"),
            models.Index(
                fields=["next_look_at"],
                name="coordination_looks",
                condition=Q(next_look_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="coordination_answered_has_time",
                condition=~Q(state="answered") | Q(answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="coordination_ended_has_time",
                condition=Q(state__in=["done", "cancelled"], ended_at__isnull=False)
                | Q(state__in=["open", "answered"], ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="coordination_only_open_is_watched",
                condition=Q(state="open") | Q(next_look_at__isnull=True),
            ),
            models.CheckConstraint(
                name="coordination_pauses_a_ticket", condition=Q(pauses=False) | Q(ticket__isnull=False)
            ),
        ]

    def __str__(self):
        return f"{self.number} {self.counterpart}"

    @property
    def number(self) -> str:
        """What people call it: XZ000012."""
        return f"XZ{self.pk:06d}"

    @property
    def whom(self) -> str:
        """The counterpart with the company, where it is named."""
        return (
            f"{self.counterpart.name}（{self.contact_unit}）" if self.contact_unit else self.counterpart.name
        )

    @property
    def is_open(self) -> bool:
        """Whether the counterpart still owes an answer."""
        return self.state == self.State.OPEN

    def is_late(self, at) -> bool:
        """Whether the answer came, or is now, later than the deadline."""
        return self.state != self.State.CANCELLED and (self.answered_at or at) > self.due_at


class RequestEvent(models.Model):
    """One line of the thread: written once, which a trigger of the database holds."""

    class Name(models.TextChoices):
        ASKED = "asked", "发起协作"
        REMINDED = "reminded", "催办"
        ANSWERED = "answered", "对方回复"
        # What came in by mail; a person says whether it is the answer.
        MAILED = "mailed", "对方来信"
        CHANGED = "changed", "变更"
        REOPENED = "reopened", "退回继续催办"
        DONE = "done", "办结"
        CANCELLED = "cancelled", "撤销"

    request = models.ForeignKey(Request, models.PROTECT, verbose_name="协作单", related_name="events")
    name = models.CharField("事件", max_length=10, choices=Name)
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="操作人", related_name="+", null=True
    )
    actor_name = models.CharField("操作人姓名", max_length=60)
    words = models.TextField("说明", blank=True)
    # Pairs of name and value as people read them.
    facts = models.JSONField("内容", default=list)

    class Meta:
        verbose_name = verbose_name_plural = "协作记录"
        ordering = ["request_id", "pk"]

    def __str__(self):
        return f"{self.request_id} {self.get_name_display()}"


class RequestFile(KeptFile):
    """A drawing, a quote, a letter that came with a line of the thread, stored privately."""

    event = models.ForeignKey(RequestEvent, models.PROTECT, verbose_name="记录", related_name="files")
    added_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = verbose_name_plural = "协作附件"
        ordering = ["added_at", "pk"]
