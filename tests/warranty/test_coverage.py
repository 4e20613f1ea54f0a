"""The arithmetic of cover: the worked examples of domain.md §1.5, and what must hold for any dates."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warranty.coverage import (
    Dates,
    Span,
    Term,
    add_months,
    contractor_end,
    owner_end,
    owner_period,
    reported_on,
    season_end,
)

BEIJING = tuple(Span(date(year, 11, 15), date(year + 1, 3, 15)) for year in range(2018, 2033))
ROOF = Term("ROOF_WP", "屋面防水", "months", promised=60, contractor=60, floor=36)
LAMP = Term("LAMP", "灯具", "months", promised=6, floor=6)
DRAIN = Term("DRAIN", "管道堵塞", "months", promised=2, floor=2)
HEAT = Term("HVAC_HEAT", "地暖", "heating", promised=2, contractor=2, floor=1)
days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
months = st.integers(0, 720)
some_months = st.none() | st.integers(1, 240)


@pytest.mark.row("WA-02")
def test_a_roof_is_covered_from_delivery_and_the_contractor_from_completion():
    dates = Dates(completed_on=date(2024, 6, 30), delivered_on=date(2025, 3, 31))

    assert (owner_end(ROOF, dates), contractor_end(ROOF, dates)) == (date(2030, 3, 31), date(2029, 6, 30))


@pytest.mark.row("WA-02")
@pytest.mark.parametrize(
    ("term", "delivered_on", "until"),
    [(LAMP, date(2024, 8, 31), date(2025, 2, 28)), (DRAIN, date(2024, 12, 31), date(2025, 2, 28))],
)
def test_a_month_without_the_corresponding_day_ends_the_period_on_its_last(term, delivered_on, until):
    assert owner_end(term, Dates(date(2024, 1, 1), delivered_on)) == until


@pytest.mark.row("WA-02")
@pytest.mark.parametrize(("strict", "until"), [(True, date(2027, 3, 15)), (False, date(2026, 3, 15))])
def test_floor_heating_counts_seasons_that_begin_after_handover_unless_read_loosely(strict, until):
    dates = Dates(completed_on=date(2024, 6, 30), delivered_on=date(2025, 1, 10))

    assert owner_end(HEAT, dates, BEIJING, strict) == until


@pytest.mark.row("WA-02")
@pytest.mark.parametrize(("promised", "until"), [(60, date(2028, 1, 1)), (None, date(2025, 1, 1))])
def test_a_home_sold_late_has_its_promise_or_else_the_longer_statutory_period(promised, until):
    term = Term("WET_WP", "防渗漏", "months", promised=promised, contractor=60, floor=12)

    assert owner_end(term, Dates(date(2020, 1, 1), date(2023, 1, 1))) == until


@pytest.mark.row("WA-02")
def test_a_report_at_eleven_on_the_last_evening_belongs_to_that_day():
    # 15:00 UTC is 23:00 in Shanghai; two hours later it is the next day there.
    assert [reported_on(datetime(2028, 1, 1, hour, tzinfo=UTC)) for hour in (15, 17)] == [
        date(2028, 1, 1),
        date(2028, 1, 2),
    ]


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        reported_on(datetime(2028, 1, 1, 23))


def test_design_life_counts_the_estates_years():
    term = Term("FOUND", "主体结构", "design_life")
    dates = Dates(date(2020, 2, 29), date(2021, 6, 1), design_life_years=70)

    assert (owner_end(term, dates), contractor_end(term, dates)) == (date(2091, 6, 1), date(2090, 2, 28))


@pytest.mark.parametrize("kind", ["contract", "manufacturer", "none", "by_cause"])
def test_a_kind_without_a_date_gives_none(kind):
    assert owner_end(Term("X", "其他", kind, promised=12), Dates(date(2020, 1, 1), date(2020, 1, 1))) is None


def test_a_term_without_any_period_gives_none():
    assert owner_end(Term("X", "其他", "months"), Dates(date(2020, 1, 1), date(2020, 1, 1))) is None


def test_the_promise_is_named_when_law_and_promise_end_together():
    dates = Dates(date(2020, 1, 1), date(2020, 1, 1))

    assert owner_period(ROOF, dates).from_completion is False


@pytest.mark.parametrize(
    ("start", "count"),
    [(date(2016, 5, 1), 1), (date(2031, 5, 1), 3)],
    ids=["before the calendar", "beyond the calendar"],
)
def test_seasons_that_the_calendar_does_not_hold_are_not_guessed(start, count):
    assert season_end(start, count, BEIJING) is None


def test_a_season_missing_from_the_calendar_is_not_counted_over():
    holed = [span for span in BEIJING if span.start.year != 2021]

    assert season_end(date(2020, 12, 1), 2, holed) is None


def test_a_home_handed_over_on_the_first_day_of_a_season_waits_for_the_next():
    assert season_end(date(2024, 11, 15), 1, BEIJING) == date(2026, 3, 15)


@given(day=days, count=months)
def test_the_end_of_months_lies_in_the_month_counted_to(day, count):
    end = add_months(day, count)

    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == count


@given(day=days, later=days, count=months)
def test_a_period_that_begins_later_never_ends_earlier(day, later, count):
    first, second = sorted([day, later])

    assert add_months(first, count) <= add_months(second, count)


@given(day=days, count=months)
def test_the_end_is_the_corresponding_day_or_the_last_of_its_month(day, count):
    end = add_months(day, count)
    next_day_month = add_months(end, 0).replace(day=28).month

    assert end.day == day.day or (
        end.day < day.day and date.fromordinal(end.toordinal() + 1).month != next_day_month
    )


@given(completed=days, delivered=days, promised=some_months, contractor=some_months, floor=some_months)
def test_cover_never_ends_before_a_floor_of_the_law(completed, delivered, promised, contractor, floor):
    term = Term("X", "部位", "months", promised, contractor, floor)
    owed = [(delivered, promised), (completed, contractor), (delivered, floor)]
    ends = [add_months(start, amount) for start, amount in owed if amount is not None]

    assert owner_end(term, Dates(completed, delivered)) == max(ends, default=None)


@given(completed=days, delivered=days, later=days, promised=some_months)
def test_a_later_handover_never_shortens_cover(completed, delivered, later, promised):
    first, second = sorted([delivered, later])
    term = Term("X", "部位", "months", promised, 60, 12)

    assert owner_end(term, Dates(completed, first)) <= owner_end(term, Dates(completed, second))


@given(
    first=st.dates(date(2018, 1, 1), date(2028, 1, 1)),
    second=st.dates(date(2018, 1, 1), date(2028, 1, 1)),
    count=st.integers(1, 3),
    strict=st.booleans(),
)
def test_a_later_handover_never_shortens_seasons(first, second, count, strict):
    first, second = sorted([first, second])

    assert season_end(first, count, BEIJING, strict) <= season_end(second, count, BEIJING, strict)


@given(start=st.dates(date(2018, 1, 1), date(2028, 1, 1)), count=st.integers(1, 3))
def test_the_strict_reading_never_ends_before_the_loose_one(start, count):
    assert season_end(start, count, BEIJING, strict=True) >= season_end(start, count, BEIJING, strict=False)


@given(start=st.dates(date(2018, 1, 1), date(2028, 1, 1)), count=st.integers(1, 3))
def test_the_strict_reading_grants_whole_seasons(start, count):
    end = season_end(start, count, BEIJING)

    assert sum(start < span.start and span.end <= end for span in BEIJING) == count
