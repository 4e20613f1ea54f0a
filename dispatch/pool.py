"""Tickets that workers take themselves: 抢单 after a reviewer's yes, 领单 without one (DI-04).

Whatever the page said, everything is asked again at the moment of taking: the first one gets the ticket,
the others are told who has it.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import F, QuerySet
from django.urls import reverse_lazy

from core.db import joined
from dispatch import assign, facts, gathering, letters, modes, queries, suggest
from dispatch.models import Mode, Proposal, Worker
from tickets import workflow
from tickets.actors import Actor
from tickets.models import Status, Ticket

# So many offers are looked at for one worker; more than anybody reads on a phone.
SHOWN = 40
TAKEN = {Mode.GRAB: Proposal.Decision.GRABBED, Mode.PICK: Proposal.Decision.PICKED}


@dataclass(frozen=True)
class Offer:
    """A ticket that this worker may take now: its limit and how it was offered."""

    ticket: Ticket
    proposal: Proposal
    due: datetime | None


@dataclass(frozen=True)
class Pool:
    """What a worker may take, by deadline, and why other offers are not for them: words and how many."""

    offers: list[Offer]
    refused: list[tuple[str, int]]


@joined
def offer(*, proposal: Proposal, by: Actor, at: datetime, version: int | None = None) -> Ticket:
    """Let those take it who can go, and tell them (DI-04).

    Raises workflow.StepTaken, StepForbidden, or assign.NotEligible when there is nobody to offer it to.
    """
    ticket = workflow.lock(proposal.ticket)
    if not workflow.may(ticket, "offer", by) or ticket.status != Status.IN_REVIEW:
        raise workflow.StepTaken(ticket)
    if by.kind == "staff":
        ticket, proposal = assign.claim(proposal, "dispatch", by, version)
    if proposal.decision != Proposal.Decision.OPEN or proposal.offered_at:
        raise workflow.StepTaken(ticket)
    if not proposal.candidates:
        raise assign.NotEligible("没有可派的人选，放出后也没有人能接。")
    proposal.offered_at = at
    proposal.save(update_fields=["offered_at"])
    keys = [each["worker"] for each in proposal.candidates if _on_rung(each["step"], proposal)]
    payload = {"proposal": proposal.pk, "to": len(keys)}
    ticket = workflow.note(ticket=ticket, name="offer", by=by, at=at, payload=payload)
    users = Worker.objects.filter(pk__in=keys).values_list("user", flat=True)
    key, link = f"offer:{proposal.pk}:{ticket.version}", reverse_lazy("field_pool")
    letters.tell("DP5", ticket, users, at=at, key=key, link=link)
    return ticket


def _on_rung(step: str, proposal: Proposal) -> bool:
    """Whoever is not ours is asked only when the ladder has come down to them (DI-02)."""
    outside = step in (suggest.CONTRACTOR, suggest.THIRD_PARTY)
    return not outside or any(each["step"] == step for each in proposal.candidates[:1])


def offered(worker: Worker) -> QuerySet[Proposal]:
    """What is offered in the worker's estates, whoever may take it; taken ones too, for a kind answer."""
    found = Proposal.objects.filter(offered_at__isnull=False, round=F("ticket__round"))
    if not worker.user.sees_all_estates:
        found = found.filter(ticket__estate__in=worker.user.estate_ids())
    return found.select_related("ticket__estate__area", "ticket__fault")


def open_to(worker: Worker, *, at: datetime) -> Pool:
    """What this worker may take now, the nearest limit first; in as many queries for one as for forty."""
    found = offered(worker).filter(decision=Proposal.Decision.OPEN, ticket__status=Status.IN_REVIEW)
    found = found.annotate(due=queries.clock_of("dispatch", "due_at", ticket="ticket"))
    rows = list(found.order_by(F("due").asc(nulls_last=True), "offered_at")[:SHOWN])
    if not rows:
        return Pool([], [])
    jobs = facts.jobs_of([row.ticket for row in rows], at=at)
    needs = {need.trade_id: need for job in jobs for need in job.trades}
    union = replace(jobs[0], trades=tuple(needs.values()))
    [candidate] = gathering.candidates_for(rows[0].ticket, union, at=at, worker_id=worker.pk)
    offers, refused = [], Counter[str]()
    for row, job in zip(rows, jobs, strict=True):
        refusal = next(suggest.refusals(job, candidate), None)
        if refusal is None and _on_rung(candidate.employer, row):
            offers.append(Offer(row.ticket, row, row.due))
        else:
            refused[refusal.words if refusal else "自有班组有人可派，暂不派外单位"] += 1
    return Pool(offers, refused.most_common())


@joined
def take(*, proposal: Proposal, worker: Worker, at: datetime) -> Ticket:
    """The worker takes an offered ticket: dispatched to and accepted by them in one (DI-04, T44).

    Raises workflow.StepTaken when somebody was faster, or assign.NotEligible with the reason: every hard
    filter is asked again, and nobody can overrule one here.
    """
    by = Actor.staff(worker.user)
    ticket = workflow.lock(proposal.ticket)
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    if ticket.status != Status.IN_REVIEW or proposal.decision != Proposal.Decision.OPEN:
        raise workflow.StepTaken(ticket)
    if proposal.offered_at is None:
        raise assign.NotEligible("这张工单已收回，由派单员安排。")
    if words := _not_their_turn(ticket, worker, at):
        raise assign.NotEligible(words)
    mode = Mode(modes.rule_of(ticket, at=at).mode)
    decision = TAKEN.get(mode, Proposal.Decision.GRABBED)
    assign.send(ticket, proposal, worker, decision=decision, by=by, at=at, overrule=frozenset())
    return workflow.step(ticket=ticket, name="accept", by=by, at=at, payload={"taken": decision.label})


def _not_their_turn(ticket: Ticket, worker: Worker, at: datetime) -> str:
    if worker.employer == suggest.OWN:
        return ""
    best = facts.suggestion_for(ticket, at=at).best
    if best is None or best.step == worker.employer:
        return ""
    return f"{suggest.LADDER[best.step]}有人可派，还没有轮到外单位。"
