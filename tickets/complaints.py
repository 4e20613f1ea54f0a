"""Complaints: repeated ones go to the supervisor, harmful ones are accidents (IN-11, §2.2)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from core.db import joined
from estates.models import Unit
from tickets import classes, workflow
from tickets.actors import Actor
from tickets.models import Kind, Status, Ticket

REPEAT_DAYS = 180


def earlier(*, unit: Unit | None, phone: str, at: datetime, but: int | None = None) -> int:
    """How many complaints came from this dwelling or number within half a year, `but` for one ticket.

    What is still 待补充 does not count: nobody knows yet what it is.
    """
    complaints = Ticket.objects.filter(
        kind=Kind.COMPLAINT, registered_at__gte=at - timedelta(days=REPEAT_DAYS), registered_at__lte=at
    ).exclude(status__in=[Status.INCOMPLETE, Status.CANCELLED, Status.MERGED])
    if but is not None:
        complaints = complaints.exclude(pk=but)
    if unit:
        return complaints.filter(unit=unit).count()
    return complaints.filter(reporter_phone=phone).count() if phone else 0


def raises(*, unit: Unit | None, phone: str, at: datetime) -> list[tuple[str, int]]:
    """The rule of the repeated complaint, for `levels.assess`."""
    before = earlier(unit=unit, phone=phone, at=at)
    return [(f"半年内第{before + 1}次投诉", 1)] if before else []


@joined
def taken(*, ticket: Ticket, facts: Mapping[str, str], by: Actor, at: datetime) -> Ticket:
    """What a complaint sets going besides its clocks: supervision when repeated, an accident when harmful."""
    if ticket.status != Status.REGISTERED:
        return ticket
    if before := earlier(unit=ticket.unit, phone=ticket.reporter_phone, at=at, but=ticket.pk):
        ticket = workflow.note(
            ticket=ticket,
            name="supervise",
            by=Actor.system(),
            at=at,
            reason=f"半年内第{before + 1}次投诉，由主管督办",
        )
    if facts.get("harm") == "yes":
        ticket = classes.raise_accident(
            ticket=ticket, by=Actor.system(), at=at, reason="登记时报告有人受伤或重大损失"
        )
    return ticket
