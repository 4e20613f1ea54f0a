"""Background work: fetch the time, call one service; each may run twice."""

from django.utils.timezone import localdate, now

from coordination import watch as watching
from coordination import weekly


def watch() -> int:
    """Every five minutes: requests at half-time, at their deadline, and behind it."""
    return watching.look(now=now())


def make_weekly_lists() -> int:
    """Monday morning: the coordination list of every estate where something hangs."""
    return weekly.make_all(on=localdate(), at=now())
