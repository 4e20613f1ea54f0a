"""What a kind of ticket asks besides: one row, and none for a plain repair (IN-11)."""

from django.db import models


class KindDetails(models.Model):
    """The filled-in sheets of `tickets.kinds` by field name; every change is an event as well."""

    ticket = models.OneToOneField(
        "tickets.Ticket", models.PROTECT, verbose_name="工单", related_name="details", primary_key=True
    )
    # {"about": "safety", "demand": "…"}: names of tickets.kind_sheets.Ask, all values text.
    facts = models.JSONField("内容", default=dict)
    changed_at = models.DateTimeField("更新时间")

    class Meta:
        verbose_name = verbose_name_plural = "类型资料"

    def __str__(self):
        return f"{self.ticket_id} 类型资料"
