"""Through which doors a month's reports came: channels by ports, in total what 新报修 counts (IN-01)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from estates.models import Estate
from reports import queries
from reports.catalogue import BY_SLUG
from reports.periods import Period
from tickets.models import Channel, Port

PORTS = [Port(value) for value in Port.values]


@dataclass(frozen=True)
class ChannelLine:
    """How many new reports came through a channel: by port in the order of `PORTS`, and together.

    `channel` is empty for the sum of all.
    """

    label: str
    counts: tuple[int, ...]
    channel: str = ""

    @property
    def total(self) -> int:
        return sum(self.counts)


def by_channel(estates: Iterable[Estate], period: Period) -> list[ChannelLine]:
    """A line for each channel that was used, in the order of channels, and the sum of all as the last."""
    received = queries.tickets_behind(BY_SLUG["received"], estates, period).order_by()
    rows = received.values("report__channel", "report__port").annotate(number=Count("pk"))
    found = {(row["report__channel"], row["report__port"]): row["number"] for row in rows}
    lines = [
        ChannelLine(channel.label, tuple(found.get((channel, port), 0) for port in PORTS), channel.value)
        for channel in Channel
    ]
    used = [line for line in lines if line.total]
    sums = tuple(sum(line.counts[place] for line in used) for place in range(len(PORTS)))
    return [*used, ChannelLine("合计", sums)]
