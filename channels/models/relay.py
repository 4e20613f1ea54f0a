"""Who receives what the other ports pass on (IN-13)."""

from django.conf import settings
from django.db import models

from core.models import EstateScoped
from tickets.models import Port


class RelayDuty(models.Model):
    """For one port of one estate: the people of the repair department who are rung."""

    estate = models.ForeignKey(
        "estates.Estate",
        models.CASCADE,
        verbose_name="项目",
        related_name="relay_duties",
    )
    port = models.CharField(
        "受理端口", max_length=12, choices=[(port.value, port.label) for port in Port if port != Port.REPAIR]
    )
    receivers = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        verbose_name="房修接收人",
        related_name="relay_duties",
        help_text="收到转单提醒的人；没有设置时提醒该项目全部派单人员",
    )

    objects = EstateScoped.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "转房修接收人"
        ordering = ["estate_id", "port"]
        constraints = [
            models.UniqueConstraint(
                fields=["estate", "port"],
                name="relay_duty_once",
                violation_error_message="这个项目的这个端口已有设置，请直接修改。",
            )
        ]

    def __str__(self):
        return f"{self.estate} {self.get_port_display()}"
