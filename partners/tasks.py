"""Regular work of the floor: each may run twice."""

from django.utils.timezone import localdate, now

from partners import digest, news, watch


def watch_companies():
    """Every few minutes: limits of agreements, reminders, orders, what is ripe for a backup."""
    return watch.look(now=now())


def tell_new():
    """Each minute: tickets that a company was given and has not taken yet."""
    return news.tell(now=now())


def weekly_digest():
    """Monday morning: the lists of open and overdue tickets."""
    return digest.send_all(on=localdate(), at=now())
