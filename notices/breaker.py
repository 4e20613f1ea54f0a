"""A way out that keeps failing is left alone for a minute (T50).

Its due messages are put off instead of skipped, so that an outbox with due
messages still means that nobody works.
"""

from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction

from notices.models import Channel, Message

FAILS = 5
PAUSE = timedelta(seconds=60)
# A count without failures for this long is forgotten (seconds).
_MEMORY = 600


def put_off_paused(at: datetime) -> None:
    """Put off what is due on every channel that is left alone now."""
    for channel in (Channel.SMS, Channel.EMAIL, Channel.WECHAT):
        until = cache.get(f"notices:paused:{channel.value}")
        if until and until > at:
            _put_off(channel, until)


def failed(channel: str, *, at: datetime) -> None:
    """Count a failure that is the channel's own; from the fifth in a row on, each starts the pause."""
    name = f"notices:fails:{channel}"
    count = cache.get(name, 0) + 1
    cache.set(name, count, _MEMORY)
    if count >= FAILS:
        cache.set(f"notices:paused:{channel}", at + PAUSE, int(PAUSE.total_seconds()))
        _put_off(channel, at + PAUSE)


def worked(channel: str) -> None:
    """Forget the failures of this channel."""
    cache.delete(f"notices:fails:{channel}")


@transaction.atomic
def _put_off(channel: str, until: datetime) -> None:
    # Rows that another sender holds are passed over, so that two of us cannot block each other.
    rows = Message.objects.due(until).filter(channel=channel).order_by().select_for_update(skip_locked=True)
    Message.objects.filter(pk__in=rows.values("pk")).update(next_try_at=until)
