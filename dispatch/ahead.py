"""Sent first, reviewed after: only where the rule of the level says so (DI-03)."""

from datetime import datetime

from core.db import joined
from dispatch import assign, modes, proposals
from dispatch.models import Mode, Proposal, Worker
from tickets import kinds, rules, workflow
from tickets.actors import Actor
from tickets.models import Ticket


class NotAllowed(Exception):
    """The rule of the level lets nobody send this ticket before its review."""


@joined
def send(*, proposal: Proposal, at: datetime, pressed_by: Actor | None = None) -> Ticket:
    """The machine sends the first candidate that can still be sent; the ticket then waits for its review.

    Raises workflow.StepTaken, workflow.StepForbidden where the rule says otherwise, or assign.NotEligible.
    """
    by = proposals.MACHINE
    if pressed_by is not None:
        by = Actor.system(f"{proposals.MACHINE.name}（{pressed_by.name}一键先派）")
    ticket, proposal = assign.claim(proposal, "dispatch", by, None)
    proposal.decided_by = pressed_by.user if pressed_by else None
    worker = _first_who_can(ticket, proposal, at)
    rule = modes.rule_of(ticket, at=at)
    after = (
        Proposal.After.WAITING if rule.review_after or rule.mode != Mode.AUTO else Proposal.After.NOT_ASKED
    )
    ticket = assign.send(
        ticket, proposal, worker, decision=Proposal.Decision.AHEAD, by=by, at=at, overrule=frozenset()
    )
    proposal.after = after
    proposal.save(update_fields=["after"])
    return ticket


@joined
def send_first(*, ticket: Ticket, by: Actor, at: datetime) -> Ticket:
    """The front desk presses once: an urgent ticket goes now and is reviewed after (DI-03).

    Raises NotAllowed where the rule of the level does not say so, StepForbidden, StepTaken, NotEligible.
    """
    ticket = workflow.lock(ticket)
    if not may_send_first(ticket, by, at=at):
        raise NotAllowed("这个级别没有开通先派后审，请等待派单复核。")
    return send(proposal=proposals.ensure(ticket=ticket, at=at), at=at, pressed_by=by)


def may_send_first(ticket: Ticket, by: Actor, *, at: datetime) -> bool:
    """Whether this person may send this ticket before its review."""
    if ticket.status not in proposals.WAITING or ticket.kind not in kinds.SENT:
        return False
    if not (rules.works_on_tickets(ticket, by) or rules.may_dispatch(ticket, by)):
        return False
    return modes.rule_of(ticket, at=at).review_after


@joined
def review(*, proposal: Proposal, good: bool, reason: str = "", by: Actor, at: datetime) -> Proposal:
    """A person looks at what the machine sent: confirmed, or marked wrong with the reason; counted (DI-03).

    Sending somebody else instead is `assign.reassign`, which says so here. Raises workflow.StepTaken when
    somebody has looked already, StepForbidden, or ReasonMissing.
    """
    ticket = workflow.lock(proposal.ticket)
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    if proposal.after != Proposal.After.WAITING:
        raise workflow.StepTaken(ticket)
    if not good and not reason.strip():
        raise workflow.ReasonMissing("标记有误")
    outcome = Proposal.After.CONFIRMED if good else Proposal.After.WRONG
    assign.looked_after(proposal, outcome, reason, by, at)
    payload = {"proposal": proposal.pk, "outcome": outcome.label}
    workflow.note(ticket=ticket, name="review_after", by=by, at=at, reason=reason, payload=payload)
    return proposal


def _first_who_can(ticket: Ticket, proposal: Proposal, at: datetime) -> Worker:
    """The best candidate against whom nothing speaks now; a page may be late, the machine need not be."""
    workers = Worker.objects.select_related("user").in_bulk([each["worker"] for each in proposal.candidates])
    for each in proposal.candidates:
        worker = workers.get(each["worker"])
        if worker and not assign.why_not(ticket, worker, at, overrule=frozenset()):
            return worker
    raise assign.NotEligible("没有可派的人选，请复核后再派。")
