"""How full everybody is: in hand, booked today and tomorrow, kept free for emergencies (DI-08)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.utils.timezone import localdate

from dispatch import facts
from dispatch.capacity import Capacity
from dispatch.models import Visit, Worker
from dispatch.rosters import DAY, Duty, duty_of
from tickets.calendars import SHANGHAI

# So many booked hours fill a day.
FULL_DAY = 8


@dataclass(frozen=True)
class Load:
    """A worker with places and booked hours; `today` and `tomorrow` in hours."""

    worker: Worker
    capacity: Capacity
    duty: Duty
    today: float
    tomorrow: float

    @property
    def today_tone(self) -> str:
        return hours_tone(self.today)

    @property
    def tomorrow_tone(self) -> str:
        return hours_tone(self.tomorrow)


def hours_tone(hours: float) -> str:
    """The heat of booked hours: a full day, more than half of one, some, none."""
    if hours >= FULL_DAY:
        return "danger"
    if hours > FULL_DAY / 2:
        return "warn"
    return "ok" if hours else "neutral"


def loads(workers: Sequence[Worker], *, at: datetime) -> list[Load]:
    """The load of these workers, in the order given."""
    places, duties = facts.capacity_of(workers), duty_of(workers, at=at)
    hours = booked_hours(workers, at=at)
    return [
        Load(each, places[each.pk], duties[each.pk], *(hours[each.pk, number] for number in (0, 1)))
        for each in workers
    ]


def booked_hours(workers: Sequence[Worker], *, at: datetime) -> dict[tuple[int, int], float]:
    """Hours of agreed and made visits by (worker, 0 for today or 1 for tomorrow)."""
    start = datetime.combine(localdate(at, SHANGHAI), time(), SHANGHAI)
    rows = Visit.objects.filter(
        worker__in=[each.pk for each in workers],
        state__in=[Visit.State.BOOKED, Visit.State.DONE],
        window__overlap=(start, start + 2 * DAY),
    )
    found: dict[tuple[int, int], float] = defaultdict(float)
    for worker, window in rows.order_by().values_list("worker", "window"):
        for number in (0, 1):
            begin, end = start + number * DAY, start + (number + 1) * DAY
            span = min(window.upper, end) - max(window.lower, begin)
            found[worker, number] += max(0.0, span.total_seconds() / 3600)
    return found
