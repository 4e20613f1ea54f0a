"""Figures of the outbox for Prometheus."""

from collections.abc import Iterator

from django.db.models import Count
from django.utils.timezone import now
from prometheus_client.core import GaugeMetricFamily, Metric

from notices import queries
from notices.models import Channel, Message


def outbox() -> Iterator[Metric]:
    """Messages due and messages given up, per channel, and the age of the oldest due one in seconds."""
    at = now()
    due = queries.outbox_due(at)
    oldest = due.values_list("next_try_at", flat=True).first()
    yield _per_channel("fangxiu_messages_due", "Messages that should be on their way", due)
    dead = Message.objects.filter(state=Message.State.DEAD)
    yield _per_channel("fangxiu_messages_dead", "Messages given up", dead)
    age = (at - oldest).total_seconds() if oldest else 0
    yield GaugeMetricFamily("fangxiu_messages_oldest_seconds", "Delay of the oldest due message", value=age)


def _per_channel(name, words, messages) -> Metric:
    figure = GaugeMetricFamily(name, words, labels=["channel"])
    counts = dict(messages.order_by().values_list("channel").annotate(Count("pk")))
    for channel in (Channel.SMS, Channel.EMAIL):
        figure.add_metric([channel.value], counts.get(channel.value, 0))
    return figure
