"""The strip of days above the windows, on the phone and at the desk."""

from datetime import date, timedelta

from django.http import HttpRequest
from django.utils.timezone import localdate

DAYS_AHEAD = 7


def chosen_day(request: HttpRequest) -> date:
    """The day named in the address, or today."""
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return localdate()


def day_strip(today: date) -> list[tuple[date, str]]:
    """Today and the days after it, each with its word."""
    days = [today + timedelta(days=number) for number in range(DAYS_AHEAD)]
    return [(each, "今天" if each == today else f"周{'一二三四五六日'[each.weekday()]}") for each in days]
