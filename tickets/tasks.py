"""Background tasks of tickets: fetch the time, call one service."""

from django.utils.timezone import localdate, now

from tickets import upkeep, watch


def watch_clocks():
    """Every minute."""
    return watch.breach_due(now=now())


def undefer_due():
    """Every morning."""
    return upkeep.undefer_due(today=localdate(), at=now())


def archive_closed():
    """Every night."""
    return upkeep.archive_closed(at=now())
