"""Sending what is due, at least once and almost never twice (F3, T47, T49).

Any number of senders share the outbox: each takes one message at a time by
SKIP LOCKED, commits that it did, and only then calls the provider. A sender
that is killed in between leaves one message of unclear outcome, which is sent
once more after its time and then given up.
"""

import logging
import time
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import now

from core.beats import beat
from core.logs import mask_links
from core.queue import wake
from core.rows import insert_all
from notices import breaker, channels
from notices.models import Channel, Message, WeChatUser

logger = logging.getLogger(__name__)

TRIES = 5
BACKOFF = [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30)]
# A job is killed after 60 seconds; a slow provider must not bring it there.
_SECONDS = 40.0


def deliver_due(limit: int = 100) -> int:
    """Send up to `limit` due messages for at most 40 seconds; returns how many were tried."""
    breaker.put_off_paused(now())
    tried = 0
    until = time.monotonic() + _SECONDS
    while tried < limit and time.monotonic() < until:
        message = _take(now())
        if message is None:
            break
        _send(message)
        tried += 1
    beat("outbox", at=now(), note=f"本次处理 {tried} 条")
    return tried


def resend(messages, *, at: datetime) -> int:
    """Give given-up messages five new tries; returns how many there were."""
    return messages.filter(state=Message.State.DEAD).update(
        state=Message.State.NEW, attempts=0, resent=False, next_try_at=at, error=""
    )


@transaction.atomic
def wechat_failed(*, openid: str, provider_id: str, reason: str) -> int:
    """WeChat says later that a message did not arrive; whoever blocks us gets SMS from now on.

    Returns how many messages that were.
    """
    if "block" in reason:
        WeChatUser.objects.filter(openid=openid).update(subscribed=False)
    sent = Message.objects.filter(
        channel=Channel.WECHAT, provider_id=provider_id, address=openid, state=Message.State.SENT
    )
    return sent.update(state=Message.State.DEAD, error=f"微信未送达：{reason}"[:300])


def _take(at: datetime) -> Message | None:
    """The most urgent message, now ours until its `next_try_at`; None when nothing is due."""
    while True:
        with transaction.atomic(durable=True):
            message = Message.objects.due(at).select_for_update(skip_locked=True).first()
            if message is None:
                return None
            if _claim(message, at):
                return message


def _claim(message: Message, at: datetime) -> bool:
    """Count the try before it is made; False when there have been enough."""
    unclear = message.state == Message.State.SENDING
    if unclear and (message.resent or message.attempts >= TRIES):
        reason = message.error or "发送程序中断"
        _give_up(message, f"两次发送均结果不明：{reason}" if message.resent else reason)
        return False
    message.resent = message.resent or unclear
    message.attempts += 1
    message.state = Message.State.SENDING
    message.next_try_at = at + _pause_after(message.attempts)
    message.save(update_fields=["resent", "attempts", "state", "next_try_at"])
    return True


def _pause_after(attempts: int) -> timedelta:
    return BACKOFF[min(attempts, len(BACKOFF)) - 1]


def _send(message: Message) -> None:
    try:
        receipt = channels.send(message)
    except channels.SendFailed as failure:
        _record_failure(message, failure)
    except channels.SendUnknown as doubt:
        # It stays "sending": whoever finds it after its time knows that the outcome is unclear.
        Message.objects.filter(pk=message.pk).update(error=str(doubt)[:300])
        breaker.failed(message.channel, at=now())
    else:
        _record_sent(message, receipt)
        breaker.worked(message.channel)


def _record_sent(message: Message, receipt: str) -> None:
    # The link in it opens the owner's ticket; once delivered, nobody here needs it any more.
    Message.objects.filter(pk=message.pk).update(
        state=Message.State.SENT,
        sent_at=now(),
        provider_id=receipt[:80],
        body=mask_links(message.body),
        extra=None,
        error="",
    )


def _by_sms_instead(message: Message, phone: str) -> None:
    """The same words to the phone, once."""
    at = now()
    row = Message(
        key=f"{message.key}:sms",
        template=message.template,
        channel=Channel.SMS,
        address=phone,
        title=message.title,
        body=message.body,
        ticket_id=message.ticket_id,
        created_at=at,
        next_try_at=at,
    )
    insert_all([row], ignore_conflicts=True)
    wake("notices.tasks.deliver")


def _record_failure(message: Message, failure: channels.SendFailed) -> None:
    if not failure.retry or message.attempts >= TRIES:
        _give_up(message, str(failure))
    else:
        Message.objects.filter(pk=message.pk, state=Message.State.SENDING, attempts=message.attempts).update(
            state=Message.State.NEW,
            next_try_at=now() + _pause_after(message.attempts),
            error=str(failure)[:300],
        )
    if failure.retry:
        breaker.failed(message.channel, at=now())


@transaction.atomic
def _give_up(message: Message, reason: str) -> None:
    given_up = Message.objects.filter(pk=message.pk, state=Message.State.SENDING).update(
        state=Message.State.DEAD, error=reason[:300]
    )
    phone = (message.extra or {}).get("fallback")
    if given_up and phone:
        _by_sms_instead(message, phone)
    logger.error("message %s was given up after %s tries: %s", message.pk, message.attempts, reason)
