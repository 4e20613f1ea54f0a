"""One cause, several rooms: a case links their tickets under one responsible person (IN-21)."""

from django.conf import settings
from django.db import models

from core.models import EstateScoped


class Case(models.Model):
    """A leak from upstairs and what it did below: who is responsible, and the tickets of each side."""

    estate = models.ForeignKey("estates.Estate", models.PROTECT, verbose_name="项目", related_name="cases")
    title = models.CharField("案由", max_length=80)
    cause = models.TextField("原因说明", max_length=500, blank=True)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="负责人", related_name="cases"
    )
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="建立人", related_name="+"
    )
    opened_at = models.DateTimeField("建立时间")

    objects = EstateScoped.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "关联案件"
        ordering = ["-opened_at", "-pk"]

    def __str__(self):
        return self.title


class CaseTicket(models.Model):
    """A ticket's place in its case; a ticket belongs to one case at most."""

    class Side(models.TextChoices):
        CAUSE = "cause", "原因方"
        DAMAGE = "damage", "受损方"

    case = models.ForeignKey(Case, models.PROTECT, verbose_name="案件", related_name="links")
    ticket = models.OneToOneField(
        "tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="case_link"
    )
    side = models.CharField("哪一方", max_length=8, choices=Side)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="关联人", related_name="+"
    )
    added_at = models.DateTimeField("关联时间")

    class Meta:
        verbose_name = verbose_name_plural = "案件工单"
        ordering = ["side", "pk"]

    def __str__(self):
        return f"{self.get_side_display()} {self.ticket_id}"
