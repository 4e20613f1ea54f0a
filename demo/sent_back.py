"""What came back one step: to the front desk for a word, to the worker by the engineer or the owner."""

from contextlib import suppress
from datetime import timedelta

from django.db import transaction

from demo import hours
from demo.journeys import Journey, NobodyFits
from demo.months import TRIES, Months
from dispatch import assign
from tickets import acceptance, workflow
from tickets.actors import Actor
from tickets.models import Status, Ticket

AGO = timedelta(hours=12)


def add(months: Months) -> int:
    """One ticket that waits for the caller's answer, and one of each that was found not good yet."""
    _asked_again(months)
    return (
        1
        + _found_wanting(months, Status.PRE_INSPECTION, _not_passed)
        + _found_wanting(months, Status.OWNER_ACCEPTANCE, _refused)
    )


def _asked_again(months: Months) -> None:
    at = months.now - timedelta(minutes=50)
    ticket = months.register(at)
    workflow.step(
        ticket=ticket,
        name="return_for_information",
        by=Actor.staff(months.staff["dispatcher"]),
        at=at + timedelta(minutes=8),
        reason="没有说清具体位置，请回电问清是哪个房间、从什么时候开始",
    )


def _found_wanting(months: Months, status: str, say) -> bool:
    """Whether somebody came so far by now and heard that it is not good; nothing is left otherwise."""
    at = hours.worked_until(months.now) - AGO
    for _ in range(TRIES):
        # Somebody who was free then may be at home by the roster when it is approved.
        with suppress(assign.NotEligible, NobodyFits), transaction.atomic():
            journey = months.journey(months.register(at), at)
            journey.stands(status, by=months.now - timedelta(minutes=40))
            say(journey)
            return True
    return False


def _not_passed(journey: Journey) -> None:
    acceptance.inspect(
        ticket=journey.ticket,
        good=False,
        reason="收口处不平整，与旁边有色差，请返工后再报",
        by=Actor.staff(journey.cast.engineer),
        at=journey.now + timedelta(minutes=25),
    )


def _refused(journey: Journey) -> Ticket:
    return workflow.step(
        ticket=journey.ticket,
        name="refuse_acceptance",
        by=journey.owner,
        at=journey.now + timedelta(minutes=30),
        reason="旁边还有一处没有处理，地面也没有清理干净",
    )
