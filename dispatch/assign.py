"""What a person makes of a proposal: approve, choose somebody else, send back; and reassign later (DI-03).

`version` is the ticket's version that the person saw: what other people did
since then makes it a StepTaken.
"""

from datetime import datetime
from typing import Any

from core.db import joined
from dispatch import facts, visits
from dispatch.models import Proposal, Worker
from tickets import workflow
from tickets.actors import Actor
from tickets.models import Ticket


class NotEligible(Exception):
    """The chosen worker cannot be sent; the message is the Chinese reason for the field."""


@joined
def approve(
    *,
    proposal: Proposal,
    by: Actor,
    at: datetime,
    version: int | None = None,
    going_at: datetime | None = None,
) -> Ticket:
    """Send the first candidate of the proposal (DI-03); `going_at` is when, where it is not now (DI-10).

    Raises workflow.StepTaken when somebody has decided already, NotEligible when there is
    no candidate or the first one can no longer be sent.
    """
    ticket, proposal = _claim(proposal, "dispatch", by, version)
    if not proposal.candidates:
        raise NotEligible("没有可采纳的人选，请改派他人或退回补充。")
    worker = Worker.objects.select_related("user").get(pk=proposal.candidates[0]["worker"])
    return _send(ticket, proposal, worker, Proposal.Decision.APPROVED, "", by, at, going_at)


@joined
def change(
    *,
    proposal: Proposal,
    worker: Worker,
    reason: str,
    by: Actor,
    at: datetime,
    version: int | None = None,
    going_at: datetime | None = None,
) -> Ticket:
    """Send another worker than the machine proposed, and say why (DI-03); `going_at` as for `approve`.

    Raises workflow.StepTaken, workflow.ReasonMissing or NotEligible.
    """
    ticket, proposal = _claim(proposal, "dispatch", by, version)
    if not reason.strip():
        raise workflow.ReasonMissing("改派")
    return _send(ticket, proposal, worker, Proposal.Decision.CHANGED, reason.strip(), by, at, going_at)


@joined
def send_back(
    *, proposal: Proposal, reason: str, by: Actor, at: datetime, version: int | None = None
) -> Ticket:
    """Ask the front desk for what is missing (DI-03). Raises workflow.StepTaken or ReasonMissing."""
    ticket, proposal = _claim(proposal, "return_for_information", by, version)
    _decide(proposal, Proposal.Decision.RETURNED, by, at, reason=reason.strip())
    return workflow.step(ticket=ticket, name="return_for_information", by=by, at=at, reason=reason)


@joined
def reassign(
    *, ticket: Ticket, worker: Worker, reason: str, by: Actor, at: datetime, version: int | None = None
) -> Ticket:
    """Take the ticket from its worker and give it to another before work begins; a booked visit is freed.

    Raises workflow.StepTaken, workflow.ReasonMissing or NotEligible.
    """
    ticket = workflow.require(ticket=ticket, name="reassign", by=by)
    _must_be_current(ticket, version)
    if worker.user_id == ticket.handler_id:
        raise NotEligible(f"工单已经在{worker.user.full_name}手上。")
    _check(ticket, worker, at)
    visits.release(ticket=ticket, reason="工单已改派")
    payload = {"worker": worker.user.full_name, "from": ticket.handler.full_name}
    return workflow.step(
        ticket=ticket,
        name="reassign",
        by=by,
        at=at,
        reason=reason,
        payload=payload,
        handler=worker.user,
    )


def _claim(proposal: Proposal, name: str, by: Actor, version: int | None) -> tuple[Ticket, Proposal]:
    """The ticket locked at this step, and its proposal still undecided."""
    ticket = workflow.require(ticket=proposal.ticket, name=name, by=by)
    _must_be_current(ticket, version)
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    if proposal.decision != Proposal.Decision.OPEN:
        raise workflow.StepTaken(ticket)
    return ticket, proposal


def _must_be_current(ticket: Ticket, version: int | None) -> None:
    # What the machine added meanwhile (a proposal, a breach) changes nothing the person decided on.
    seen_by_people = ticket.events.exclude(actor_kind="system")
    if version is not None and seen_by_people.filter(seq__gt=version).exists():
        raise workflow.StepTaken(ticket)


def _check(ticket: Ticket, worker: Worker, at: datetime) -> None:
    # The page may be an hour old: a certificate can have run out, a shift ended.
    if why_not := facts.objection(ticket, worker, at=at):
        raise NotEligible(f"不能派给{worker.user.full_name}：{why_not}。")


def _send(
    ticket: Ticket,
    proposal: Proposal,
    worker: Worker,
    decision: str,
    reason: str,
    by: Actor,
    at: datetime,
    going_at: datetime | None = None,
) -> Ticket:
    # Whoever goes tomorrow must be on duty then, with a certificate that holds then.
    _check(ticket, worker, going_at or at)
    # A worker whose earlier visit was never freed starts without it.
    visits.release(ticket=ticket, reason="工单重新派单")
    _decide(proposal, decision, by, at, worker=worker, reason=reason)
    payload: dict[str, Any] = {
        "worker": worker.user.full_name,
        "proposal": proposal.pk,
        "decision": str(decision),
    }
    return workflow.step(
        ticket=ticket,
        name="dispatch",
        by=by,
        at=at,
        reason=reason,
        payload=payload,
        handler=worker.user,
    )


def _decide(
    proposal: Proposal,
    decision: str,
    by: Actor,
    at: datetime,
    *,
    worker: Worker | None = None,
    reason: str = "",
) -> None:
    proposal.decision = decision
    proposal.decided_by = by.user
    proposal.decided_at = at
    proposal.worker = worker
    proposal.reason = reason
    proposal.save(update_fields=["decision", "decided_by", "decided_at", "worker", "reason"])
