"""A company that took its tickets and did not come: reminded, ordered, ripe for the one that stands in."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from django.db import transaction

from demo.journeys import NobodyFits
from demo.months import Months
from dispatch import assign
from dispatch.models import Worker
from knowledge.models import FaultCategory
from partners import watch
from tickets import intake, workflow
from tickets.actors import Actor
from tickets.models import Status

# Hours ago the ticket was given, by how long the company has kept its owner waiting; the agreement
# gives a day to come, another after the reminder, and one more after the order.
GIVEN = (78, 52, 26)
# Hours ago the watcher looked, each time one stage further.
LOOKED = (53, 27, 1)
PACE = timedelta(minutes=6)
# The warranty covers not every call, so the first is not always the company's.
TRIES = 20


def add(months: Months) -> int:
    """One ticket of the contractor at each stage; returns how many."""
    firm = Worker.objects.get(user=months.staff["contractor"])
    other = Worker.objects.get(user=months.staff["third_party"])
    faults = [each for each in months.faults_of(firm) if each.default_level > 1]
    shared = [each for each in faults if each in months.faults_of(other)]
    small = [each for each in faults if each.default_level > 2]
    # Only for the first there must be somebody who can stand in.
    found = sum(
        any(_taken(months, firm, ago, wanted) for _ in range(TRIES))
        for ago, wanted in zip(GIVEN, (shared, small, small), strict=True)
    )
    for ago in LOOKED:
        watch.look(now=months.now - timedelta(hours=ago))
    return found


def _taken(months: Months, firm: Worker, ago: int, faults: list[FaultCategory]) -> bool:
    """Whether the company took such a ticket then; nothing is left of one that it could not get."""
    at = months.now - timedelta(hours=ago)
    with suppress(assign.NotEligible, workflow.NotReady, NobodyFits), transaction.atomic():
        # Requests pause what is quiet in the first estate, the storm what waits in the last.
        call = months.call(at, faults=faults, estates=months.estates[1:-1])
        by = Actor.staff(months.staff["front_desk"])
        journey = months.journey(intake.register(intake=call, by=by, at=at), at)
        cast = replace(journey.cast, worker=firm)
        replace(journey, cast=cast, pace=PACE, insists=True).stands(Status.ACCEPTED, by=months.now)
        return True
    return False
