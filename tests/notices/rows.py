"""Messages for tests."""

from datetime import timedelta

from django.utils.timezone import now

from notices.models import Channel, Message


def sms(key="t:1", **values):
    """A message due for a minute."""
    at = now() - timedelta(minutes=1)
    fields = {
        "key": key,
        "template": "N01",
        "channel": Channel.SMS,
        "address": "13812345678",
        "title": "报修已受理",
        "body": "您的报修已受理。",
        "next_try_at": at,
        "created_at": at,
    }
    return Message.objects.create(**fields | values)


def letter(user, key="t:1", **values):
    """An in-app message."""
    at = now()
    fields = {
        "key": key,
        "template": "W01",
        "channel": Channel.APP,
        "user": user,
        "title": "新派单：漏水",
        "body": "请尽快接单。",
        "state": Message.State.SENT,
        "next_try_at": at,
        "created_at": at,
        "sent_at": at,
    }
    return Message.objects.create(**fields | values)


def make_due(message):
    """Let the time of the next try come."""
    Message.objects.filter(pk=message.pk).update(next_try_at=now() - timedelta(seconds=1))


def state_of(message):
    """(state, attempts) as the database has them."""
    return Message.objects.values_list("state", "attempts").get(pk=message.pk)
