"""The months that reports count in: calendar months of China, whatever the server's own time is."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from tickets.calendars import SHANGHAI

_WRITTEN = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, order=True)
class Month:
    """One calendar month, from its first midnight in Shanghai to that of the next."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        """The month written as 2026-11; ValueError for anything else."""
        if found := _WRITTEN.fullmatch(text):
            return cls(int(found[1]), int(found[2]))
        raise ValueError(f"{text!r} is no month")

    @classmethod
    def of(cls, moment: datetime | date) -> "Month":
        """The month in which this moment (or day) lies in Shanghai."""
        day = moment.astimezone(SHANGHAI) if isinstance(moment, datetime) else moment
        return cls(day.year, day.month)

    def later(self, months: int) -> "Month":
        """So many months on; a negative number goes back."""
        count = self.year * 12 + self.number - 1 + months
        return Month(count // 12, count % 12 + 1)

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def start(self) -> datetime:
        """The first moment of the month."""
        return datetime(self.year, self.number, 1, tzinfo=SHANGHAI)

    @property
    def end(self) -> datetime:
        """The first moment that no longer belongs to it."""
        return self.later(1).start

    @property
    def label(self) -> str:
        return f"{self.year}年{self.number}月"

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02}"


@dataclass(frozen=True)
class Period:
    """A month as far as it has come: from `start` up to and without `cutoff`.

    What is due after the cut-off is neither met nor missed yet and counts nowhere.
    """

    month: Month
    at: datetime

    @property
    def start(self) -> datetime:
        return self.month.start

    @property
    def cutoff(self) -> datetime:
        return min(self.month.end, self.at)
