"""What the people with a phone find on it in the demo: each has work in hand, from new to being repaired."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from django.db import transaction

from demo import hours
from demo.journeys import NobodyFits
from demo.months import Months
from dispatch import assign
from dispatch.models import Worker
from tickets import intake, workflow
from tickets.actors import Actor
from tickets.models import Status

# How long ago a ticket was reported that stands there now; the oldest visit is agreed first.
STANDS = {
    Status.OWNER_ACCEPTANCE: timedelta(hours=11),
    Status.PRE_INSPECTION: timedelta(hours=10),
    Status.REPAIRING: timedelta(hours=9),
    Status.OWNER_CONSENT: timedelta(hours=7),
    Status.SURVEYING: timedelta(hours=5),
    Status.SCHEDULED: timedelta(minutes=70),
    Status.ACCEPTED: timedelta(minutes=40),
    Status.DISPATCHED: timedelta(minutes=14),
}
# Somebody has been there, by day.
DONE = {Status.OWNER_ACCEPTANCE, Status.PRE_INSPECTION}
VISITED = DONE | {Status.REPAIRING, Status.OWNER_CONSENT, Status.SURVEYING}
# A company is sent only to what its warranty covers, so the first call is not always theirs.
TRIES = 15
# Our own worker carries six at most, and has one from the months before.
PEOPLE = {
    "worker": STANDS.keys() - DONE - {Status.OWNER_CONSENT},
    "contractor": STANDS,
    "third_party": STANDS.keys() - DONE,
}
PACE = timedelta(minutes=6)


def add(months: Months) -> int:
    """One ticket in each of these states for each of the demo's logins with a phone; returns how many."""
    found = 0
    for username, wanted in PEOPLE.items():
        worker = Worker.objects.get(user=months.staff[username])
        for status in filter(wanted.__contains__, STANDS):
            found += any(_one(months, worker, status, STANDS[status]) for _ in range(TRIES))
    return found


def _one(months: Months, worker: Worker, status: str, ago: timedelta) -> bool:
    """Whether such a ticket came to stand there; nothing is left of one that could not."""
    with suppress(assign.NotEligible, workflow.NotReady, NobodyFits), transaction.atomic():
        _walk(months, worker, status, ago)
        return True
    return False


def _walk(months: Months, worker: Worker, status: str, ago: timedelta) -> None:
    begun = status in VISITED
    at = (hours.worked_until(months.now) if begun else months.now) - ago
    faults = months.faults_of(worker)
    if status == Status.DISPATCHED:
        # What is urgent goes to somebody else after a few minutes without an answer.
        faults = [fault for fault in faults if fault.default_level > 2] or faults
    # The storm of `demo.emergency` puts aside what is agreed in the last estate.
    call = months.call(at, faults=faults, estates=months.estates[:-1])
    by = Actor.staff(months.staff["front_desk"])
    ticket = intake.register(intake=call, by=by, at=at)
    journey = months.journey(ticket, at)
    replace(journey, cast=replace(journey.cast, worker=worker), pace=PACE, insists=True).stands(
        status, by=months.now
    )
