"""Four tables of its own to insert into, and views of ours to read."""

from django.db import models


class Ticket(models.Model):
    number = models.CharField(max_length=40, unique=True)
    unit = models.BigIntegerField(db_index=True)
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=20)
    description = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)


class Event(models.Model):
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="events")
    label = models.CharField(max_length=30)
    payload = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)


class Clock(models.Model):
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="clocks")
    kind = models.CharField(max_length=12)
    due_at = models.DateTimeField()


class Message(models.Model):
    ticket = models.ForeignKey(Ticket, models.PROTECT)
    address = models.CharField(max_length=80)
    body = models.TextField()


class Estate(models.Model):
    name = models.CharField(max_length=60)

    class Meta:
        managed = False
        db_table = "estates_estate"


class Row(models.Model):
    """A ticket of the portal, with what a list shows of it."""

    number = models.CharField(max_length=40)
    level = models.SmallIntegerField()
    status = models.CharField(max_length=20)
    place_label = models.CharField(max_length=120)
    reporter_name = models.CharField(max_length=60)
    description = models.TextField()
    registered_at = models.DateTimeField()
    estate = models.ForeignKey(Estate, models.PROTECT)

    class Meta:
        managed = False
        db_table = "tickets_ticket"


class RowEvent(models.Model):
    ticket = models.ForeignKey(Row, models.PROTECT, related_name="events")
    seq = models.IntegerField()
    label = models.CharField(max_length=30)
    actor_name = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "tickets_ticketevent"


class RowClock(models.Model):
    ticket = models.ForeignKey(Row, models.PROTECT, related_name="clocks")
    kind = models.CharField(max_length=12)
    due_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "tickets_clock"
