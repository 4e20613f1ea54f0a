"""Tomorrow's plan, for the demo: calls that wait for a visit, and what the machine proposes for them."""

from dataclasses import dataclass, replace
from datetime import timedelta

from django.utils.timezone import localdate

from demo.months import Months
from planning import runs
from planning.models import DayPlan
from tickets import intake
from tickets.actors import Actor
from tickets.calendars import SHANGHAI

CALLS = 16
WANTED = ["明天上午", "明天下午", "明天", "尽快"]


@dataclass
class Plans:
    """Adds to months that were written already."""

    months: Months

    def add(self) -> DayPlan:
        """Calls of this afternoon, and the plan that the dispatcher asked for; nobody has confirmed it."""
        by = Actor.staff(self.months.staff["front_desk"])
        for number in range(CALLS):
            at = self.months.now - timedelta(minutes=15 + 7 * number)
            taken = replace(self.months.call(at), wanted=WANTED[number % len(WANTED)])
            intake.register(intake=taken, by=by, at=at)
        now = self.months.now
        day = localdate(now, SHANGHAI) + timedelta(days=1)
        plan = runs.request_plan(
            by=self.months.staff["dispatcher"], day=day, estates=self.months.estates, at=now
        )
        runs.make(plan_id=plan.pk, now=lambda: now)
        return plan
