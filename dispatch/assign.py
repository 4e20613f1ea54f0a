"""What a person makes of a proposal: approve, choose somebody else, send back; and reassign later (DI-03).

`version` is the ticket's version that the person saw: what other people did
since then makes it a StepTaken.
"""

from datetime import datetime, timedelta
from typing import Any

from core.db import joined
from dispatch import facts, modes, suggest, visits
from dispatch.models import Ask, Proposal, Worker
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
    ticket, proposal = claim(proposal, "dispatch", by, version)
    if not proposal.candidates:
        raise NotEligible("没有可采纳的人选，请改派他人或退回补充。")
    worker = Worker.objects.select_related("user").get(pk=proposal.candidates[0]["worker"])
    approved = Proposal.Decision.APPROVED
    return send(ticket, proposal, worker, decision=approved, by=by, at=at, going_at=going_at)


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
    ticket, proposal = claim(proposal, "dispatch", by, version)
    if not reason.strip():
        raise workflow.ReasonMissing("改派")
    return send(
        ticket,
        proposal,
        worker,
        decision=Proposal.Decision.CHANGED,
        reason=reason.strip(),
        by=by,
        at=at,
        going_at=going_at,
    )


@joined
def send_back(
    *, proposal: Proposal, reason: str, by: Actor, at: datetime, version: int | None = None
) -> Ticket:
    """Ask the front desk for what is missing (DI-03). Raises workflow.StepTaken or ReasonMissing."""
    ticket, proposal = claim(proposal, "return_for_information", by, version)
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
    ticket = workflow.step(
        ticket=ticket,
        name="reassign",
        by=by,
        at=at,
        reason=reason,
        payload=payload,
        handler=worker.user,
    )
    ask(ticket, worker, at)
    for proposal in Proposal.objects.select_for_update().filter(ticket=ticket, after=Proposal.After.WAITING):
        looked_after(proposal, Proposal.After.CORRECTED, reason, by, at)
    return ticket


def claim(proposal: Proposal, name: str, by: Actor, version: int | None) -> tuple[Ticket, Proposal]:
    """The ticket locked at this step, and its proposal still undecided.

    Raises workflow.StepTaken when somebody decided or did something since `version`, or StepForbidden.
    """
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


def why_not(
    ticket: Ticket, worker: Worker, at: datetime, *, overrule: frozenset[str] = suggest.OVERRULABLE
) -> str:
    """Why this worker cannot be sent now; the worker's row stays locked, so that nobody is filled twice."""
    Worker.objects.select_for_update(of=("self",), no_key=True).get(pk=worker.pk)
    return facts.objection(ticket, worker, at=at, overrule=overrule)


def _check(
    ticket: Ticket, worker: Worker, at: datetime, overrule: frozenset[str] = suggest.OVERRULABLE
) -> None:
    # The page may be an hour old: a certificate can have run out, a shift ended.
    if words := why_not(ticket, worker, at, overrule=overrule):
        raise NotEligible(f"不能派给{worker.user.full_name}：{words}。")


def send(
    ticket: Ticket,
    proposal: Proposal,
    worker: Worker,
    *,
    decision: Proposal.Decision,
    by: Actor,
    at: datetime,
    reason: str = "",
    overrule: frozenset[str] = suggest.OVERRULABLE,
    going_at: datetime | None = None,
) -> Ticket:
    """Send this worker and keep what was decided; `ticket` and `proposal` come from `claim`.

    Raises NotEligible when something speaks against the worker that `overrule` does not allow.
    """
    # Whoever goes tomorrow must be on duty then, with a certificate that holds then.
    _check(ticket, worker, going_at or at, overrule)
    # A worker whose earlier visit was never freed starts without it.
    visits.release(ticket=ticket, reason="工单重新派单")
    payload: dict[str, Any] = {
        "worker": worker.user.full_name,
        "proposal": proposal.pk,
        "decision": str(decision),
    }
    # The step first: whether a worker may take it is read from the offer, which the decision ends.
    ticket = workflow.step(
        ticket=ticket,
        name="dispatch",
        by=by,
        at=at,
        reason=reason,
        payload=payload,
        handler=worker.user,
    )
    _decide(proposal, decision, by, at, worker=worker, reason=reason)
    ask(ticket, worker, at)
    return ticket


def ask(ticket: Ticket, worker: Worker, at: datetime) -> Ask:
    """Await an answer: the minutes are those of the rule that holds now (DI-04)."""
    rule = modes.rule_of(ticket, at=at)
    return Ask.objects.create(
        ticket=ticket,
        worker=worker,
        round=ticket.round,
        seq=ticket.version,
        asked_at=at,
        look_at=at + timedelta(minutes=rule.remind_minutes),
        next_at=at + timedelta(minutes=rule.next_minutes),
    )


def looked_after(proposal: Proposal, outcome: Proposal.After, reason: str, by: Actor, at: datetime) -> None:
    """Keep what a person found of a proposal that the machine had sent first; its row is locked."""
    proposal.after, proposal.after_by, proposal.after_at = outcome, by.user, at
    proposal.after_reason = reason.strip()
    proposal.save(update_fields=["after", "after_by", "after_at", "after_reason"])


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
    # Who pressed for the machine stands there already.
    proposal.decided_by = by.user or proposal.decided_by
    proposal.decided_at = at
    proposal.worker = worker
    proposal.reason = reason
    proposal.save(update_fields=["decision", "decided_by", "decided_at", "worker", "reason"])
