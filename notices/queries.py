"""Reads of the outbox and the inbox."""

from datetime import datetime

from django.db.models import BooleanField, ExpressionWrapper, F, Q

from core.rows import prepared_cursor
from notices import wechat
from notices.models import Message, MessageQuerySet, WeChatUser

# `Message.objects.visible_to(user).unread()` in plain words: every page of staff asks.
UNREAD = "SELECT count(*) FROM notices_message WHERE channel = 'app' AND user_id = %s AND read_at IS NULL"


def unread_count(user) -> int:
    """How many in-app messages wait unread for this user."""
    if not user.is_active:
        return 0
    with prepared_cursor() as cursor:
        cursor.execute(UNREAD, [user.pk])
        return cursor.fetchone()[0]


def openid_of(phone: str, *, at: datetime) -> str:
    """The WeChat user who has proved this phone lately and follows the service account, or ""."""
    if not wechat.is_on():
        return ""
    since = at - WeChatUser.BOUND_FOR
    bound = WeChatUser.objects.filter(phone=phone, subscribed=True, bound_at__gt=since).order_by("-bound_at")
    return bound.values_list("openid", flat=True).first() or ""


def inbox(user) -> MessageQuerySet:
    """A user's in-app messages, unread ones first, then newest first; each with its `ticket_number`."""
    unread = ExpressionWrapper(Q(read_at__isnull=True), output_field=BooleanField())
    return (
        Message.objects.visible_to(user)
        .annotate(unread=unread, ticket_number=F("ticket__number"))
        .order_by("-unread", "-created_at", "-pk")
    )


def outbox_due(at: datetime) -> MessageQuerySet:
    """Messages that should be on their way by now."""
    return Message.objects.due(at)
