"""Deadlines and the moments of reminders, from times alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination import limits
from tickets.calendars import WorkingHours

pytestmark = pytest.mark.row("DI-11")
# A Thursday, ten in the morning in Shanghai.
THURSDAY = datetime(2026, 5, 7, 2, tzinfo=UTC)
HOURS = st.integers(1, 200)


def test_hours_run_through_the_night_and_working_days_over_the_weekend():
    assert limits.due(THURSDAY, limit=24, working=None) == THURSDAY + timedelta(hours=24)
    assert limits.due(THURSDAY, limit=3, working=WorkingHours()) == THURSDAY + timedelta(days=5)


def test_half_of_three_working_days_is_not_on_sunday():
    calendar = WorkingHours()
    due = limits.due(THURSDAY, limit=3, working=calendar)

    middle = limits.half(THURSDAY, due, calendar)

    # A day and a half of nine hours: Friday, 14:30 in Shanghai.
    assert middle == datetime(2026, 5, 8, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "stage", "chain"),
    [(13, "half", 0), (24, "due", 0), (47, "due", 0), (48, "late1", 1), (95, "late2", 1), (96, "late3", 2)],
)
def test_stages_follow_the_deadline(hours, stage, chain):
    due, at = THURSDAY + timedelta(hours=24), THURSDAY + timedelta(hours=hours)

    assert (limits.stage(due, at), limits.escalation(due, at)) == (stage, chain)


@given(limit=HOURS, passed=st.integers(0, 2000))
def test_the_next_look_is_always_ahead_and_at_most_a_day_behind_the_deadline(limit, passed):
    due, at = THURSDAY + timedelta(hours=limit), THURSDAY + timedelta(hours=passed)

    look = limits.next_look(THURSDAY, due, after=at)

    assert look > at
    assert look <= max(due, at + limits.DAY)
