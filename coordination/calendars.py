"""The calendar that a counterpart's deadline is counted by."""

from coordination.models import Counterpart
from tickets.calendars import ALWAYS, Calendar, WorkingHours
from tickets.models import WorkDay


def working_hours() -> WorkingHours:
    """Office hours of Chinese working days, 调休 included."""
    return WorkingHours(dict(WorkDay.objects.values_list("day", "working")))


def calendar_of(counterpart: Counterpart, *, known: WorkingHours | None = None) -> Calendar:
    """Around the clock, or working hours (`known` where they were read already)."""
    if counterpart.calendar == Counterpart.Calendar.WORKING:
        return known or working_hours()
    return ALWAYS
