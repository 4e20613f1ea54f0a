"""Working time in Shanghai, adjusted working days included."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.calendars import ALWAYS, SHANGHAI, WorkingHours

# The Spring Festival of 2026: 15–23 February free, the 14th and 28th worked.
FESTIVAL = {date(2026, 2, day): False for day in range(15, 24)} | {
    date(2026, 2, 14): True,
    date(2026, 2, 28): True,
}
OFFICE = WorkingHours(FESTIVAL)


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.row("SL-02")
@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (at(3, 2, 10), 2, at(3, 2, 12)),
        (at(3, 2, 17), 2, at(3, 3, 10)),
        (at(3, 6, 17), 2, at(3, 9, 10)),
        (at(3, 7, 12), 1, at(3, 9, 10)),
        (at(2, 13, 17), 2, at(2, 14, 10)),
        (at(2, 14, 17), 2, at(2, 24, 10)),
        (at(2, 27, 17), 2, at(2, 28, 10)),
    ],
    ids=[
        "within-a-day",
        "over-night",
        "over-weekend",
        "from-saturday",
        "to-adjusted-day",
        "over-festival",
        "adjusted-saturday",
    ],
)
def test_working_hours_end_on_the_right_day(start, hours, end):
    assert OFFICE.add(start, hours * 3600) == end


@given(
    start=st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2026, 12, 31)),
    seconds=st.integers(min_value=1, max_value=40 * 3600),
)
def test_what_is_added_is_what_lies_between(start, seconds):
    start = start.replace(tzinfo=SHANGHAI)

    assert OFFICE.between(start, OFFICE.add(start, seconds)) == pytest.approx(seconds)


@given(seconds=st.integers(min_value=0, max_value=10**7))
def test_around_the_clock_every_second_counts(seconds):
    start = at(2, 20, 3)

    assert ALWAYS.between(start, ALWAYS.add(start, seconds)) == seconds
