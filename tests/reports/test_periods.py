from datetime import UTC, date, datetime

import pytest

from reports.periods import Month, Period


def test_a_month_begins_and_ends_at_midnight_in_shanghai():
    month = Month.parse("2026-12")

    assert month.start == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert month.end == datetime(2026, 12, 31, 16, tzinfo=UTC)


def test_the_month_of_a_moment_is_that_of_shanghai():
    assert Month.of(datetime(2026, 11, 30, 15, 59, tzinfo=UTC)) == Month(2026, 11)
    assert Month.of(datetime(2026, 11, 30, 16, 0, tzinfo=UTC)) == Month(2026, 12)
    assert Month.of(date(2026, 11, 1)) == Month(2026, 11)


def test_months_are_counted_over_the_turn_of_the_year():
    assert [str(Month(2026, 1).later(n)) for n in (-13, -1, 0, 11, 12)] == [
        "2024-12",
        "2025-12",
        "2026-01",
        "2026-12",
        "2027-01",
    ]


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-1", "2026-13", "2026-00", "11-2026", "2026-11-01", "20２６-11"]
)
def test_what_is_no_month_is_refused(text):
    with pytest.raises(ValueError, match="no month"):
        Month.parse(text)


def test_a_month_under_way_ends_at_the_cut_off():
    month = Month(2026, 11)
    within, after = datetime(2026, 11, 20, tzinfo=UTC), datetime(2027, 1, 5, tzinfo=UTC)

    assert Period(month, within).cutoff == within
    assert Period(month, after).cutoff == month.end
