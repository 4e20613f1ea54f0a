"""The phase of a home is read off its dates (WA-01)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warranty.phases import PhaseCode, PhaseDates, phase_of

DATES = PhaseDates(date(2024, 5, 31), date(2024, 6, 30), expires_on=date(2029, 5, 31))
ORDER = [code.value for code in PhaseCode]


@pytest.mark.row("WA-01")
@pytest.mark.parametrize(
    ("on", "label"),
    [
        (date(2024, 2, 28), "未介入"),
        (date(2024, 2, 29), "前期介入"),
        (date(2024, 5, 30), "前期介入"),
        (date(2024, 5, 31), "集中交付"),
        (date(2024, 7, 30), "集中交付"),
        (date(2024, 7, 31), "日常保修"),
        (date(2029, 5, 31), "日常保修"),
        (date(2029, 6, 1), "过保"),
    ],
)
def test_each_boundary_day_belongs_to_one_phase(on, label):
    assert phase_of(DATES, on).label == label


def test_without_an_expiry_the_daily_phase_stays_open():
    phase = phase_of(PhaseDates(date(2024, 6, 1), date(2024, 6, 30)), date(2090, 1, 1))

    assert (phase.code, phase.since, phase.until) == ("daily", date(2024, 7, 31), None)


def test_cover_that_ends_during_handover_waits_for_its_end():
    dates = PhaseDates(date(2024, 6, 1), date(2024, 12, 31), expires_on=date(2024, 8, 1))

    assert [phase_of(dates, on).code for on in (date(2024, 9, 1), date(2025, 2, 1))] == [
        "handover",
        "expired",
    ]


dates_of_batches = st.builds(
    lambda start, length, cover: PhaseDates(
        start, start + timedelta(length), None if cover is None else start + timedelta(cover)
    ),
    st.dates(date(2000, 1, 1), date(2040, 1, 1)),
    st.integers(0, 400),
    st.none() | st.integers(0, 4000),
)


@given(dates=dates_of_batches, first=st.integers(-400, 5000), second=st.integers(-400, 5000))
def test_a_home_never_goes_back_a_phase(dates, first, second):
    days = [dates.handover_from + timedelta(offset) for offset in sorted([first, second])]
    before, after = (ORDER.index(phase_of(dates, day).code) for day in days)

    assert before <= after


@given(dates=dates_of_batches, offset=st.integers(-400, 5000))
def test_a_phase_says_the_days_it_holds(dates, offset):
    on = dates.handover_from + timedelta(offset)
    phase = phase_of(dates, on)

    assert (phase.since or date.min) <= on <= (phase.until or date.max)


@given(dates=dates_of_batches, offset=st.integers(-400, 5000))
def test_the_day_after_a_phase_belongs_to_the_next(dates, offset):
    phase = phase_of(dates, dates.handover_from + timedelta(offset))
    if phase.until is None:
        return

    assert phase_of(dates, phase.until + timedelta(1)).since == phase.until + timedelta(1)
