"""Tells those who plan the people that the coming week may bring too much (SL-08)."""

from datetime import date, datetime

from django.urls import reverse

from accounts.queries import staff_in_role
from estates.models import Estate
from notices.outbox import Recipient, post
from reports import demand

READERS = ("manager", "supervisor")


def warn(*, today: date, at: datetime) -> int:
    """Tell each estate with too few hands on a day, once for that day; returns how many were told."""
    found = demand.outlook(list(Estate.objects.order_by("pk")), today=today)
    return sum(_warn(estate, peaks, at) for estate, peaks in found.peaks().items())


def _warn(estate: Estate, peaks: list[demand.Peak], at: datetime) -> int:
    readers = {pk for code in READERS for pk in _in_role(code, estate)}
    if not readers:
        return 0
    return post(
        template="W33",
        # By the first such day: the same peak is told once, however often it is seen coming.
        key=f"peak:{estate.pk}:{peaks[0].day.isoformat()}",
        recipients=[Recipient.staff(pk) for pk in sorted(readers)],
        values={"项目": estate.name, "内容": f"预计{demand.peak_words(peaks[:5])}"},
        at=at,
        link=f"{reverse('reports_forecast')}?estate={estate.pk}",
    )


def _in_role(code: str, estate: Estate) -> list[int]:
    return list(staff_in_role(code=code, estate_id=estate.pk).values_list("pk", flat=True))
