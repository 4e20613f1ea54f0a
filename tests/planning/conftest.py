from datetime import datetime, timedelta

import pytest

from planning import runs
from planning.models import DayPlan
from tests.factories_dispatch import House, house, worker
from tickets.calendars import SHANGHAI

# A Thursday afternoon, when the next day is planned.
AT = datetime(2026, 5, 7, 16, 0, tzinfo=SHANGHAI)
DAY = AT.date() + timedelta(days=1)


@pytest.fixture
def place(db) -> House:
    """An estate with a dispatcher, and two plumbers without a roster."""
    made = house()
    worker(made.estate, name="朱志强")
    return made


@pytest.fixture
def planned(place):
    """A function that plans the next day of the estate, greedily unless told otherwise."""

    def make(*, at: datetime = AT, optimise: bool = False) -> DayPlan:
        plan = runs.request_plan(by=place.dispatcher, day=DAY, estates=[place.estate], at=at)
        runs.make(plan_id=plan.pk, now=lambda: at, optimise=optimise)
        return DayPlan.objects.get(pk=plan.pk)

    return make
