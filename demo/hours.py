"""The hours at which people see each other, for the demo: a town seeded by night has no visits by night."""

from datetime import datetime, timedelta

from tickets.calendars import SHANGHAI

FIRST, LAST = 8, 18
# By noon a worker has been at three doors; nobody goes to one after eight in the evening.
NOON, EVENING = 13, 20


def by_day(after: datetime) -> datetime:
    """The next full hour at which people agree on a visit: from eight until six in the evening."""
    local = after.astimezone(SHANGHAI).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if FIRST <= local.hour <= LAST:
        return local
    day = local if local.hour < FIRST else local + timedelta(days=1)
    return day.replace(hour=FIRST)


def worked_until(now: datetime) -> datetime:
    """Now in the afternoon; else the evening before, when the day's visits were over."""
    local = now.astimezone(SHANGHAI)
    if NOON <= local.hour < EVENING:
        return now
    day = local if local.hour >= EVENING else local - timedelta(days=1)
    return day.replace(hour=EVENING - 1, minute=0, second=0, microsecond=0)


def days_ago(now: datetime, days: int, hour: int, minute: int = 0) -> datetime:
    """That hour of the day so many days before."""
    day = now.astimezone(SHANGHAI) - timedelta(days=days)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)
