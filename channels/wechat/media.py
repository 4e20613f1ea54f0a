"""Photos and recordings of WeChat messages, fetched after the message was answered (IN-01)."""

import logging
import time
from datetime import datetime, timedelta

from django.core.files.base import ContentFile

from channels.models import WeChatMessage
from channels.wechat.inbound import PICTURES
from core import store
from core.db import joined
from notices import wechat
from tickets import incoming

logger = logging.getLogger(__name__)

TRIES = 6
_PAUSES = [timedelta(minutes=minutes) for minutes in (2, 5, 30, 120, 600, 1200)]
_SECONDS = 35.0


def fetch_due(*, at: datetime) -> int:
    """Fetch what is due for half a minute at most; returns how many files came."""
    if not wechat.is_on():
        return 0
    until, came = time.monotonic() + _SECONDS, 0
    while time.monotonic() < until:
        message = _next(at)
        if message is None:
            break
        came += _fetch(message, at)
    return came


@joined
def _next(at: datetime) -> WeChatMessage | None:
    """A message whose file is due, put off at once: nobody else takes it, and a killed job costs a pause."""
    waiting = WeChatMessage.objects.filter(fetch_at__lte=at).order_by("fetch_at")
    message = waiting.select_for_update(skip_locked=True).first()
    if message:
        message.fetch_at = at + _PAUSES[min(message.tries, len(_PAUSES) - 1)]
        message.tries += 1
        message.save(update_fields=["fetch_at", "tries"])
    return message


def _fetch(message: WeChatMessage, at: datetime) -> int:
    try:
        upload = ContentFile(wechat.media(message.media_id), name=f"微信{PICTURES[message.kind]}")
        info = store.examine(upload, kinds=store.EVERYTHING)
    except (wechat.Refused, wechat.Unclear) as error:
        if not getattr(error, "retry", True) or message.tries >= TRIES:
            _give_up(message, str(error))
        return 0
    except store.RefusedFile as reason:
        _give_up(message, str(reason))
        return 0
    return _keep(message, upload, info, at)


@joined
def _keep(message: WeChatMessage, upload: ContentFile, info: store.FileInfo, at: datetime) -> int:
    # In one order everywhere, draft before message, so that two of us cannot block each other.
    draft = incoming.locked(message.incoming_id)
    fresh = WeChatMessage.objects.select_for_update().get(pk=message.pk)
    if fresh.fetch_at is None:
        return 0
    fresh.fetch_at = None
    fresh.save(update_fields=["fetch_at"])
    return incoming.attach(incoming=draft, files=[(upload, info)], at=at)


@joined
def _give_up(message: WeChatMessage, reason: str) -> None:
    logger.warning("media of WeChat message %s was given up: %s", message.pk, reason)
    draft = incoming.locked(message.incoming_id)
    WeChatMessage.objects.filter(pk=message.pk).update(fetch_at=None, error=reason[:200])
    incoming.remark(draft, f"有一份{PICTURES[message.kind]}没能取到，请让业主重新发送。")
