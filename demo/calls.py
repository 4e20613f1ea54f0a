"""Calls about what is open or was repaired before, and one about two faults, for the demo (IN-08, IN-10)."""

from datetime import timedelta

from demo.months import Months
from knowledge.models import FaultCategory
from tickets import intake, repeats
from tickets.actors import Actor
from tickets.models import Status, Ticket

AGAIN = ["师傅说今天来，还没到，水还在滴", "又打来一次：家里有老人，请尽快"]


def add(months: Months) -> None:
    """A caller who rings twice more, a 二次返修, and a call with two faults; through the services."""
    by = Actor.staff(months.staff["front_desk"])
    homes = Ticket.objects.filter(unit__isnull=False, owner__isnull=False, fault__isnull=False)
    homes = homes.select_related("estate", "unit__building", "unit__estate", "owner", "fault", "report")
    working = homes.filter(status__in=[Status.SCHEDULED, Status.REPAIRING]).order_by("pk").first()
    for hours, words in enumerate(AGAIN if working else [], start=1):
        at = months.now - timedelta(hours=3 - hours)
        repeats.attach_call(ticket=working, call=_call(working, at, description=words), by=by, at=at)
    done = homes.filter(status__in=[Status.CLOSED, Status.ARCHIVED]).order_by("-completed_at").first()
    if done is None:
        return
    at = months.now - timedelta(hours=1)
    again = _call(done, at, description="上次修过的地方又坏了", repeat_of=done, said_repaired=True)
    first = intake.register(intake=again, by=by, at=at)
    other = FaultCategory.objects.filter(active=True, place="private").exclude(pk=done.fault_id)
    further = _call(done, at, fault=other.order_by("code").first(), description="还有一处，请一起看")
    intake.add_to_report(report=first.report, intake=further, by=by, at=at + timedelta(minutes=2))


def _call(ticket: Ticket, at, **changes) -> intake.Intake:
    facts = {
        "estate": ticket.estate,
        "started_at": at - timedelta(minutes=2),
        "unit": ticket.unit,
        "owner": ticket.owner,
        "reporter_name": ticket.reporter_name,
        "reporter_phone": ticket.reporter_phone,
        "fault": ticket.fault,
        "wanted": "尽快",
    }
    return intake.Intake(**facts | changes)
