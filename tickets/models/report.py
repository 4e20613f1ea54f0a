"""A report 报事: one call, scan or mail; it may carry several tickets (IN-10)."""

from django.conf import settings
from django.db import models

from core.models import EstateScoped


class Channel(models.TextChoices):
    PHONE = "phone", "电话"
    FRONT_DESK = "front_desk", "前台"
    OWNER_H5 = "owner_h5", "业主手机端"
    WECHAT = "wechat", "微信"
    EMAIL = "email", "邮件"
    LETTER = "letter", "信函传真"
    PATROL = "patrol", "巡检发现"
    HANDOVER = "handover", "验房"
    SENSOR = "sensor", "智能设备"


class Port(models.TextChoices):
    """S5's four ports through which a report reaches the repair department."""

    REPAIR = "repair", "房修部"
    PROPERTY = "property", "物业"
    SERVICE = "service", "客服部"
    CALL_CENTRE = "call_centre", "集团呼叫中心"


class Report(models.Model):
    """Who reported, through which door, and how long taking it down took (IN-01, IN-03)."""

    estate = models.ForeignKey("estates.Estate", models.PROTECT, verbose_name="项目", related_name="reports")
    channel = models.CharField("渠道", max_length=12, choices=Channel)
    port = models.CharField("受理端口", max_length=12, choices=Port, default=Port.PROPERTY)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="受理人",
        related_name="reports",
        null=True,
        blank=True,
    )
    started_at = models.DateTimeField("来电开始")
    saved_at = models.DateTimeField("登记完成")

    objects = EstateScoped.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "报事"
        constraints = [
            models.CheckConstraint(
                name="report_saved_after_started", condition=models.Q(saved_at__gte=models.F("started_at"))
            )
        ]

    def __str__(self):
        return f"{self.get_channel_display()} {self.pk}"
