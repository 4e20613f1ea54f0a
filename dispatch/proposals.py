"""The machine's proposal for a ticket, kept so that a person can decide on it (DI-03)."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from core.db import joined
from dispatch import facts, letters, suggest, weights
from dispatch.gathering import KEPT
from dispatch.models import Proposal
from tickets import responsibility, workflow
from tickets.actors import Actor
from tickets.models import Status, Ticket

MACHINE = Actor.system("派单助手")
WAITING = (Status.REGISTERED, Status.IN_REVIEW)


@joined
def ensure(*, ticket: Ticket, at: datetime) -> Proposal:
    """The open proposal of the ticket's round, made now if there is none; the ticket is then in review.

    Running twice, or twice at once, gives one proposal. Raises workflow.StepTaken when the
    ticket is past review.
    """
    ticket = workflow.lock(ticket)
    if ticket.status not in WAITING:
        raise workflow.StepTaken(ticket)
    proposal = Proposal.objects.filter(ticket=ticket, decision=Proposal.Decision.OPEN).first()
    if proposal is not None and proposal.round == ticket.round and ticket.status == Status.IN_REVIEW:
        return proposal
    return _make(ticket, proposal or Proposal(ticket=ticket), MACHINE, at)


@joined
def renew(*, ticket: Ticket, by: Actor, at: datetime) -> Proposal:
    """Think again: who is free and valid may have changed since the proposal was made.

    Raises workflow.StepTaken when the ticket is past review.
    """
    ticket = workflow.lock(ticket)
    if ticket.status not in WAITING:
        raise workflow.StepTaken(ticket)
    if not workflow.may(ticket, "propose", by):
        raise workflow.StepForbidden("您没有执行这一步的权限。")
    proposal = Proposal.objects.filter(ticket=ticket, decision=Proposal.Decision.OPEN).first()
    return _make(ticket, proposal or Proposal(ticket=ticket), by, at)


@joined
def think_again(*, ticket: Ticket, at: datetime) -> Proposal:
    """The machine's own second thought, after rosters or rulings changed. Raises StepTaken past review."""
    ticket = workflow.lock(ticket)
    if ticket.status != Status.IN_REVIEW:
        raise workflow.StepTaken(ticket)
    proposal = Proposal.objects.filter(ticket=ticket, decision=Proposal.Decision.OPEN).first()
    return _make(ticket, proposal or Proposal(ticket=ticket), MACHINE, at)


def _make(ticket: Ticket, proposal: Proposal, by: Actor, at: datetime) -> Proposal:
    row = weights.current(ticket.estate_id)
    found = facts.suggestion_with(ticket, weights.points(row), at=at)
    if proposal.round != ticket.round or ticket.status == Status.REGISTERED:
        # It begins anew, after a follow-up or a deferral: nobody has been offered it since.
        proposal.round, proposal.offered_at = ticket.round, None
    proposal.weights = row
    proposal.candidates = [candidate_json(each) for each in found.ranked[:KEPT]]
    # Whoever lacks the trade is of least interest.
    nearest = sorted(found.excluded, key=lambda each: each.code == "skill")[:KEPT]
    proposal.excluded = [excluded_json(each) for each in nearest]
    proposal.created_at = at
    proposal.save()
    best = found.best.name if found.best else ""
    nobody_else = found.best is None or found.best.step == suggest.THIRD_PARTY
    awaits = nobody_else and "unconfirmed" in found.counts
    payload = {
        "proposal": proposal.pk,
        "best": best,
        "ladder": found.walked,
        "rungs": [rung_json(each) for each in found.rungs],
        "advice": list(found.advice),
        "excluded": found.counts,
        "found": len(found.ranked),
        "awaits": responsibility.AWAITS_RULING if awaits else "",
    }
    move = workflow.step if ticket.status == Status.REGISTERED else workflow.note
    name = "submit_review" if ticket.status == Status.REGISTERED else "propose"
    move(ticket=ticket, name=name, by=by, at=at, payload=payload)
    if awaits:
        letters.ask_engineers(ticket, at=at)
    return proposal


def rung_json(rung: suggest.Rung) -> dict[str, Any]:
    """A step of the ladder as the event keeps it: what it is called, why it was or was not taken."""
    return {"label": rung.label, "words": rung.words, "chosen": rung.chosen}


def excluded_json(excluded: suggest.Excluded) -> dict[str, Any]:
    """Who is out as `Proposal.excluded` keeps it: `reason` are the words, `code` is a key of `FILTERS`."""
    return {
        "worker": excluded.worker_id,
        "name": excluded.name,
        "reason": excluded.reason,
        "code": excluded.code,
    }


def awaits_engineer(excluded: Mapping[str, Any]) -> bool:
    """Whether this row of `Proposal.excluded` is out until the engineer has confirmed (DI-13)."""
    if "code" in excluded:
        return excluded["code"] == "unconfirmed"
    # Rows from before there were codes have the words alone.
    return excluded["reason"] == "待工程师确认工种与责任"


def candidate_json(ranked: suggest.Ranked) -> dict[str, Any]:
    """A candidate as `Proposal.candidates` keeps it; `reasons` are sentences with their points."""
    return {
        "worker": ranked.worker_id,
        "name": ranked.name,
        "score": ranked.score,
        "step": ranked.step,
        "parts": [asdict(part) for part in ranked.parts],
        "reasons": [f"{part.label} {part.points:g}：{part.words}" for part in ranked.parts],
    }
