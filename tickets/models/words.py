"""The words of a ticket cut into pieces, for the desk's search."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class TicketWords(models.Model):
    """What a ticket can be found by: see `tickets.words`, which alone writes here (IN-03).

    A table of its own: an index on the ticket itself would be written anew with every step.
    """

    ticket = models.OneToOneField(
        "tickets.Ticket", models.CASCADE, verbose_name="工单", primary_key=True, related_name="words"
    )
    estate = models.ForeignKey(
        "estates.Estate", models.PROTECT, verbose_name="项目", related_name="+", db_index=False
    )
    # "17:漏水": the estate's key and two characters, a word, or # and the number's last digits.
    pieces = ArrayField(models.TextField(), verbose_name="检索片段")

    class Meta:
        verbose_name = verbose_name_plural = "工单检索片段"
        indexes = [GinIndex(fields=["pieces"], name="ticket_words")]

    def __str__(self):
        return f"{self.ticket_id}"
