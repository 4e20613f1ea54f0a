"""Working time: around the clock, or the working hours of Chinese working days (SL-02)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Calendar(Protocol):
    """Adds a limit to a moment and measures what passed between two."""

    def add(self, start: datetime, seconds: float) -> datetime: ...

    def between(self, start: datetime, end: datetime) -> float: ...


class AroundTheClock:
    """Every second counts."""

    def add(self, start: datetime, seconds: float) -> datetime:
        # In UTC: where clocks are put back at night, a zone's own hours are not all as long.
        return start.astimezone(UTC) + timedelta(seconds=seconds)

    def between(self, start: datetime, end: datetime) -> float:
        return max((end.astimezone(UTC) - start.astimezone(UTC)).total_seconds(), 0.0)


@dataclass(frozen=True)
class WorkingHours:
    """Office hours in Shanghai; `days` tells which dates are worked, weekdays where it is silent.

    An adjusted working day 调休 is a Saturday or Sunday that `days` says is worked.
    """

    days: Mapping[date, bool] = field(default_factory=dict)
    opens: time = time(9, 0)
    closes: time = time(18, 0)

    def is_worked(self, day: date) -> bool:
        return self.days.get(day, day.weekday() < 5)

    def shift(self, day: date) -> tuple[datetime, datetime] | None:
        """The opening and closing moment of a day, or None when it is free."""
        if not self.is_worked(day):
            return None
        return (
            datetime.combine(day, self.opens, SHANGHAI),
            datetime.combine(day, self.closes, SHANGHAI),
        )

    def add(self, start: datetime, seconds: float) -> datetime:
        """The moment at which so many working seconds have passed since `start`."""
        if seconds <= 0:
            # Closing time plus nothing is closing time, not the next opening.
            return start
        moment = start.astimezone(SHANGHAI)
        day, left = moment.date(), seconds
        while True:
            if shift := self.shift(day):
                begin = max(moment, shift[0])
                room = (shift[1] - begin).total_seconds()
                if room > 0 and left <= room:
                    return begin + timedelta(seconds=left)
                left -= max(room, 0)
            day += timedelta(days=1)

    def between(self, start: datetime, end: datetime) -> float:
        """Working seconds from `start` to `end`; 0 when they are the wrong way round."""
        total, day = 0.0, start.astimezone(SHANGHAI).date()
        while day <= end.astimezone(SHANGHAI).date():
            if shift := self.shift(day):
                total += max((min(end, shift[1]) - max(start, shift[0])).total_seconds(), 0)
            day += timedelta(days=1)
        return total


ALWAYS = AroundTheClock()
