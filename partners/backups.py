"""Giving a ticket to the company that stands in: why, to whom, one press (WA-12, domain.md §4.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.db import joined
from dispatch import facts, visits
from dispatch.models import Worker
from notices.outbox import post
from partners import assigned, letters, scores
from partners.models import Lapse, ScoreRule
from tickets import workflow
from tickets.actors import Actor
from tickets.models import Ticket
from warranty import contractors
from warranty.models import Contractor

# What speaks against a company that lost this very ticket.
REPLACED = "本单刚从该单位收回"


class NotABackup(Exception):
    """The chosen worker cannot stand in; the message is the Chinese reason for the field."""


@dataclass(frozen=True)
class StandIn:
    """A worker of a backup company; `why_not` says what speaks against sending them, "" for nothing."""

    worker: Worker
    contractor: Contractor
    order: int
    why_not: str


def reasons(ticket: Ticket) -> list[str]:
    """What of domain.md §4.2 holds for this ticket, in words; empty when nothing does."""
    found = [
        f"逾期未{lapse.get_need_display()}（应于{letters.moment(lapse.due_at)}前，{lapse.get_stage_display()}）"
        for lapse in Lapse.objects.live().filter(ticket=ticket)
    ]
    failed = ticket.events.filter(name="fail_inspection", round=ticket.round).count()
    if failed:
        found.append(f"预验收不合格 {failed} 次")
    if ticket.rework and ticket.round > 2:
        found.append(f"同一问题 {ticket.round - 1} 次未修好")
    refused = ticket.events.filter(name="refuse_acceptance", round=ticket.round).count()
    if refused:
        found.append(f"业主验收不通过 {refused} 次")
    return found


def company_of(ticket: Ticket) -> Contractor | None:
    """The company whose worker has the ticket."""
    return Contractor.objects.filter(workers__user=ticket.handler_id).first()


def stand_ins(ticket: Ticket, *, at: datetime) -> list[StandIn]:
    """Workers of the companies that stand in here, in the order of their agreements (WA-12)."""
    now = company_of(ticket)
    firms = contractors.backups_for(
        estate_id=ticket.estate_id,
        trade_ids=assigned.trades_of(ticket),
        on=assigned.local_day(at),
        building=ticket.building,
        besides=[now.pk] if now else [],
    )
    order = {firm.pk: number for number, firm in enumerate(firms)}
    gone = replaced(ticket)
    workers = (
        facts.workers_of(ticket.estate_id).filter(contractor__in=firms).select_related("user", "contractor")
    )
    found = [
        StandIn(
            worker=each,
            contractor=each.contractor,
            order=order[each.contractor_id],
            why_not=REPLACED if each.contractor.name in gone else facts.objection(ticket, each, at=at),
        )
        for each in workers
    ]
    return sorted(found, key=lambda row: (bool(row.why_not), row.order, row.worker.pk))


def replaced(ticket: Ticket) -> set[str]:
    """The names of the companies that this ticket was taken from in its round, as its events tell."""
    taken = ticket.events.filter(name="activate_backup", round=ticket.round)
    return {payload.get("from", "") for payload in taken.values_list("payload", flat=True)}


@joined
def activate(
    *, ticket: Ticket, worker: Worker, reason: str, by: Actor, at: datetime, version: int | None = None
) -> Ticket:
    """Take the ticket from its company and give it to a worker of a backup; points go by rule (WA-12).

    Raises workflow.StepTaken, StepForbidden, ReasonMissing or NotABackup.
    """
    ticket = workflow.require(ticket=ticket, name="activate_backup", by=by)
    # What the watcher wrote meanwhile changes nothing the person decided on.
    by_people = ticket.events.exclude(actor_kind="system")
    if version is not None and by_people.filter(seq__gt=version).exists():
        raise workflow.StepTaken(ticket)
    old = company_of(ticket)
    _check(ticket, worker, at)
    visits.release(ticket=ticket, reason="已启用备选单位")
    payload = {
        "worker": worker.user.full_name,
        "from": old.name if old else "",
        "company": worker.contractor.name,
        "reasons": reasons(ticket),
    }
    ticket = workflow.step(
        ticket=ticket,
        name="activate_backup",
        by=by,
        at=at,
        reason=reason,
        payload=payload,
        handler=worker.user,
    )
    _close_lapses(ticket, old, by, at)
    return ticket


def _check(ticket: Ticket, worker: Worker, at: datetime) -> None:
    known = {row.worker.pk: row for row in stand_ins(ticket, at=at)}
    if worker.pk not in known:
        raise NotABackup("该人员不属于本处的备选单位。")
    if why_not := known[worker.pk].why_not:
        raise NotABackup(f"不能派给{worker.user.full_name}：{why_not}。")


def _close_lapses(ticket: Ticket, old: Contractor | None, by: Actor, at: datetime) -> None:
    lapses: Sequence[Lapse] = Lapse.objects.live().filter(ticket=ticket).select_related("agreement", "ticket")
    for number, lapse in enumerate(lapses):
        # One ticket that is taken away costs once, whatever was late on it.
        if number == 0:
            scores.deduct(lapse=lapse, code=ScoreRule.Code.REPLACED, at=at, by=by.user)
        lapse.end, lapse.ended_at, lapse.next_at = Lapse.End.REPLACED, at, None
        lapse.save(update_fields=["end", "ended_at", "next_at"])
    if old is not None:
        values = {
            "单位": old.name,
            "单号": ticket.number,
            "房号": ticket.place_label,
            "原因": "由备选单位接手",
        }
        post(
            template="P05",
            key=f"partner-replaced:{ticket.pk}:{ticket.version}",
            recipients=letters.recipients_of(old),
            values=values,
            at=at,
            ticket_id=ticket.pk,
        )
