"""Reports that came in without a person: somebody confirms each within a quarter of an hour (IN-13)."""

from datetime import datetime

from core.db import joined
from tickets import workflow
from tickets.actors import Actor
from tickets.models import Ticket


@joined
def acknowledge(*, ticket: Ticket, by: Actor, at: datetime) -> Ticket:
    """Confirm a report once.

    Raises workflow.StepTaken when somebody else did, or when the work has begun,
    workflow.StepForbidden for who may not.
    """
    ticket = workflow.lock(ticket)
    if ticket.events.filter(name="acknowledge").exists():
        raise workflow.StepTaken(ticket)
    return workflow.note(ticket=ticket, name="acknowledge", by=by, at=at)
