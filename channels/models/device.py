"""Machines that call for help by themselves: the registry, what they said, and storms (IN-07, T40, T41)."""

import base64
import hashlib
import hmac

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from core.models import EstateScoped


class AlarmKind(models.TextChoices):
    """What a machine may say is wrong."""

    LEAK = "leak", "漏水"
    WATER_LEVEL = "water_level", "水位异常"
    POWER = "power", "断电"
    ELEVATOR = "elevator", "电梯故障"
    TRAPPED = "trapped", "电梯困人"
    PUMP = "pump", "水泵故障"
    SMOKE = "smoke", "烟感报警"
    GAS = "gas", "燃气泄漏"
    ACCESS = "access", "门禁故障"
    OTHER = "other", "其他故障"


class Device(models.Model):
    """A machine that may post alarms for one place, about one kind of fault.

    No secret is stored: it is derived from the installation's own key and `salt`,
    so that a copied database forges no alarm. A new salt makes a new secret.
    """

    code = models.CharField(
        "设备编号",
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._-]*$", "只能用字母、数字和 . _ -")],
        help_text="设备签名时使用，例如 BJHY-LEAK-01；建立后不能修改",
    )
    name = models.CharField("名称", max_length=60, help_text="例如 3栋地下室水浸探头")
    estate = models.ForeignKey("estates.Estate", models.PROTECT, verbose_name="项目", related_name="devices")
    place = models.ForeignKey(
        "estates.PublicPlace",
        models.PROTECT,
        verbose_name="公共部位",
        related_name="devices",
        null=True,
        blank=True,
    )
    unit = models.ForeignKey(
        "estates.Unit", models.PROTECT, verbose_name="房屋", related_name="devices", null=True, blank=True
    )
    equipment = models.ForeignKey(
        "estates.Equipment",
        models.PROTECT,
        verbose_name="所监测设备",
        related_name="devices",
        null=True,
        blank=True,
    )
    fault = models.ForeignKey(
        "knowledge.FaultCategory", models.PROTECT, verbose_name="故障分类", related_name="devices"
    )
    quiet_minutes = models.PositiveSmallIntegerField(
        "恢复观察（分钟）",
        default=10,
        help_text="工单结束后这段时间内的同类告警先观察，仍未恢复才另开新单；0 表示立即开单",
    )
    active = models.BooleanField("启用", default=True)
    salt = models.CharField("密钥批次", max_length=32, blank=True, editable=False)
    secret_made_at = models.DateTimeField("密钥生成时间", null=True, blank=True, editable=False)
    last_seen_at = models.DateTimeField("最近上报", null=True, blank=True, editable=False)
    # How many alarms came in the minute that began then; more than a few are counted, not acted on.
    minute_at = models.DateTimeField("计数分钟", null=True, blank=True, editable=False)
    minute_count = models.PositiveIntegerField("本分钟次数", default=0, editable=False)

    objects = EstateScoped.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "智能设备"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="device_stands_somewhere",
                condition=Q(place__isnull=False, unit__isnull=True)
                | Q(place__isnull=True, unit__isnull=False),
                violation_error_message="请选择公共部位或房屋，两者选一个。",
            )
        ]

    def __str__(self):
        return f"{self.code} {self.name}"

    def secrets(self) -> list[str]:
        """The secret that signs for this device, first; then those of older installation keys."""
        if not self.salt:
            return []
        keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        words = f"fangxiu.device:{self.code}:{self.salt}".encode()
        found = (hmac.new(key.encode(), words, hashlib.sha256).digest() for key in keys)
        return [base64.urlsafe_b64encode(each).decode().rstrip("=") for each in found]


class Nonce(models.Model):
    """A word that a device has used; the same one is refused for as long as its timestamp holds."""

    device = models.ForeignKey(Device, models.CASCADE, verbose_name="设备", related_name="nonces")
    word = models.CharField("随机串", max_length=64)
    at = models.DateTimeField("时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "已用随机串"
        constraints = [models.UniqueConstraint(fields=["device", "word"], name="nonce_once_per_device")]

    def __str__(self):
        return self.word


class AlarmQuerySet(EstateScoped):
    estate_path = "device__estate_id"

    def listed(self):
        """For the page of a ticket: those that still call first, with device and place."""
        found = self.select_related("device__place__building", "device__unit__building")
        return found.order_by("-state", "first_at", "pk")


class Alarm(models.Model):
    """One fault of one device from its first alarm until its ticket has ended; later alarms count on it.

    Without a ticket it is watched: the last one of this kind ended minutes ago.
    """

    class State(models.TextChoices):
        ON = "on", "告警"
        OFF = "off", "恢复"

    device = models.ForeignKey(Device, models.PROTECT, verbose_name="设备", related_name="alarms")
    kind = models.CharField("告警类型", max_length=12, choices=AlarmKind)
    ticket = models.ForeignKey(
        "tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="alarms", null=True, blank=True
    )
    # Counted on the one ticket of a storm instead of a ticket of its own.
    in_storm = models.BooleanField("归入群发告警", default=False)
    running = models.BooleanField("未了结", default=True)
    state = models.CharField("当前状态", max_length=3, choices=State, default=State.ON)
    value = models.CharField("最近数值", max_length=60, blank=True)
    # When the device says that it began, which may be before it could reach us.
    said_at = models.DateTimeField("设备时间")
    first_at = models.DateTimeField("首次告警")
    last_at = models.DateTimeField("最近上报")
    counted = models.PositiveIntegerField("上报次数", default=1)
    # What the ticket's history already says of it.
    told = models.PositiveIntegerField("已写入工单的次数", default=0)
    told_state = models.CharField("已写入工单的状态", max_length=3, choices=State, blank=True)
    told_at = models.DateTimeField("写入工单时间", null=True, blank=True)

    objects = AlarmQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "设备告警"
        ordering = ["-last_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["device", "kind"], condition=Q(running=True), name="alarm_runs_once_per_fault"
            )
        ]
        indexes = [
            models.Index(fields=["first_at"], name="alarm_first_at"),
            models.Index(fields=["last_at"], condition=Q(running=True), name="alarm_running"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.get_state_display()}"


class Storm(models.Model):
    """Many devices of an estate at once: one ticket carries them all, each device listed (T41)."""

    estate = models.ForeignKey("estates.Estate", models.PROTECT, verbose_name="项目", related_name="storms")
    ticket = models.OneToOneField("tickets.Ticket", models.PROTECT, verbose_name="总单", related_name="storm")
    began_at = models.DateTimeField("开始")
    last_at = models.DateTimeField("最近归入")
    # How many devices the ticket's history already speaks of, and since when.
    told = models.PositiveIntegerField("已写入工单的台次", default=0)
    told_at = models.DateTimeField("写入工单时间")

    objects = EstateScoped.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "群发告警"
        ordering = ["-began_at"]

    def __str__(self):
        return f"{self.estate} {self.ticket_id}"
