"""A request may put its ticket aside, and its end brings it back: the request is the proof (SL-04, DI-11)."""

from datetime import datetime

from coordination.models import Request
from tickets import pausing, workflow
from tickets.actors import Actor
from tickets.models import Status, Ticket

REASON = "cross_department"


def may_pause(ticket: Ticket, by: Actor) -> bool:
    """Whether this actor may put the ticket aside now, and its policy allows it for this reason."""
    return REASON in pausing.reasons(ticket.policy.rules) and workflow.may(ticket, "suspend", by)


def pause(request: Request, *, by: Actor, at: datetime) -> None:
    """Put the ticket aside until the counterpart has answered. Raises KeyError and what the step raises."""
    assert request.ticket is not None
    pausing.suspend(
        ticket=request.ticket,
        code=REASON,
        words=f"等待{request.whom}：{request.asked}"[:500],
        files=(),
        by=by,
        at=at,
        proof=proof_of(request),
    )


def resume(request: Request, *, at: datetime, why: str) -> bool:
    """Bring back the ticket that waits for this request alone; tells whether it did.

    A ticket that was put aside for something else since, or by hand, stays where it is.
    """
    if not request.pauses or request.ticket is None:
        return False
    ticket = workflow.lock(request.ticket)
    if ticket.status != Status.SUSPENDED:
        return False
    last = ticket.events.filter(name="suspend").order_by("-seq").first()
    if last is None or last.payload.get("coordination") != request.pk:
        return False
    by = Actor.system("协作单")
    workflow.step(ticket=ticket, name="resume", by=by, at=at, reason=why[:500], payload=proof_of(request))
    return True


def proof_of(request: Request) -> dict[str, object]:
    """What an event of the ticket says of the request."""
    return {"coordination": request.pk, "coordination_number": request.number}
