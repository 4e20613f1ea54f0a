"""Pre-inspection and the owner's acceptance 验收 (EX-09)."""

from datetime import datetime
from typing import Any

from core.db import joined
from tickets import evidence, workflow
from tickets.actors import Actor
from tickets.models import Acceptance, Evidence, Ticket


@joined
def inspect(*, ticket: Ticket, good: bool, by: Actor, at: datetime, reason: str = "") -> Ticket:
    """The engineer's pre-inspection: good goes to the owner, bad goes back with the reason."""
    name = "pass_inspection" if good else "fail_inspection"
    ticket = workflow.step(ticket=ticket, name=name, by=by, at=at, reason=reason)
    if good:
        Acceptance.objects.filter(ticket=ticket, round=ticket.round).update(
            inspected_by=by.user, inspected_at=at
        )
    return ticket


@joined
def accept(
    *, ticket: Ticket, signature: Any, signer: str, stars: int, remark: str, by: Actor, at: datetime
) -> Ticket:
    """The owner accepts, signs and gives one to five stars."""
    ticket = workflow.lock(ticket)
    workflow.require(ticket=ticket, name="pass_acceptance", by=by)
    kept = evidence.add_signature(
        ticket=ticket, signature=signature, signer=signer, stage=Evidence.Stage.ACCEPTANCE, by=by, at=at
    )
    Acceptance.objects.update_or_create(
        ticket=ticket,
        round=ticket.round,
        defaults={"signature": kept, "signed_at": at, "stars": stars, "remark": remark},
    )
    payload = {"signer": signer, "stars": stars, "evidence": evidence.as_payload([kept])}
    return workflow.step(ticket=ticket, name="pass_acceptance", by=by, at=at, payload=payload, reason=remark)
