"""Looks after companies by the limits of their agreements: reminder, order, ripe for a backup (WA-12).

Time alone moves a lapse on; the ticket stays where it is until a person gives it to somebody else.
"""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse

from accounts.queries import staff_keys
from core.db import joined
from notices.outbox import Recipient, post
from partners import assigned, letters, scores
from partners.models import Lapse, Notice
from tickets.actors import Actor
from tickets.models import Ticket
from warranty.models import Agreement

MACHINE = Actor.system("单位时限巡查")
Stage, End = Lapse.Stage, Lapse.End
CHUNK = 500
# A job is killed after 60 seconds; what is left waits for the next pass.
_SECONDS = 40.0
# What is late by need, with the agreement that says so.
Late = Mapping[str, tuple[Agreement, assigned.Limit]]


def look(*, now: datetime) -> int:
    """End what was done, open what is newly late, move on what stayed late; returns how many changed.

    All tickets are read in a few statements; only those that change are locked, each in a transaction of
    its own. May run twice: a lapse is known by ticket, agreement, assignment and need.
    """
    until, changed = time.monotonic() + _SECONDS, 0
    for pk in sorted(_changing(now)):
        changed += _look_at(pk, now)
        if time.monotonic() > until:
            break
    return changed


def _changing(now: datetime) -> set[int]:
    """Tickets of companies on which something is late, over, or due to move on, that was not before."""
    known = defaultdict(list)
    open_ones = assigned.with_companies().filter(dispatched_at__lt=now)
    live = Q(ended_at__isnull=True)
    # An ended lapse tells that its limit was missed before and needs no second one.
    for lapse in Lapse.objects.filter(live | Q(ticket__in=open_ones.values("pk"))):
        known[lapse.ticket_id].append(lapse)
    terms, found, seen = assigned.Terms(), set(), set()
    for ticket in open_ones.iterator(chunk_size=CHUNK):
        seen.add(ticket.pk)
        if _changes(ticket, known[ticket.pk], _late(ticket, now, terms), now):
            found.add(ticket.pk)
    # What a company has no longer must do anything about.
    return found | {pk for pk, lapses in known.items() if pk not in seen and any(map(_is_live, lapses))}


def _is_live(lapse: Lapse) -> bool:
    return lapse.ended_at is None


def _changes(ticket: Ticket, lapses: Sequence[Lapse], late: Late, now: datetime) -> bool:
    told = {(lapse.agreement_id, lapse.since, lapse.need) for lapse in lapses}
    if any((agreement.pk, ticket.since, need) not in told for need, (agreement, _) in late.items()):
        return True
    return any(_is_due(lapse, ticket, late, now) for lapse in lapses if _is_live(lapse))


def _is_due(lapse: Lapse, ticket: Ticket, late: Late, now: datetime) -> bool:
    over = lapse.need not in late or lapse.since != ticket.since
    return over or (lapse.next_at is not None and lapse.next_at <= now)


@joined
def _look_at(ticket_id: int, now: datetime) -> int:
    lapses = list(
        Lapse.objects.live()
        .filter(ticket=ticket_id)
        .select_for_update(of=("self",))
        .select_related("agreement__contractor", "ticket")
    )
    ticket = assigned.with_companies().filter(pk=ticket_id).first()
    late = _late(ticket, now, assigned.Terms())
    changed = sum(_end(lapse, ticket, late, now) for lapse in lapses)
    changed += sum(_move_on(lapse, now) for lapse in lapses if lapse.ended_at is None)
    return changed + sum(_begin(ticket, agreement, limit, now) for (agreement, limit) in late.values())


def _late(ticket: Ticket | None, now: datetime, terms: assigned.Terms) -> Late:
    """What the ticket's company is late with, by need."""
    if ticket is None or ticket.since is None:
        return {}
    agreement = terms.of(ticket)
    if agreement is None:
        return {}
    found = assigned.late_limits(ticket, agreement, terms, at=now)
    return {limit.need: (agreement, limit) for limit in found}


def _begin(ticket: Ticket, agreement: Agreement, limit: assigned.Limit, now: datetime) -> bool:
    """Open the lapse and send the reminder, unless it is known already."""
    grace = now + timedelta(hours=agreement.grace_hours)
    lapse, is_new = Lapse.objects.get_or_create(
        ticket=ticket,
        agreement=agreement,
        since=ticket.since,
        need=limit.need,
        defaults={"due_at": limit.due_at, "next_at": grace},
    )
    if is_new:
        _write(lapse, Notice.Kind.REMINDER, grace, now)
    return is_new


def _end(lapse: Lapse, ticket: Ticket | None, late: Late, now: datetime) -> bool:
    """Whether the lapse is over: done, or the ticket is no longer with this company."""
    if lapse.need in late and ticket and ticket.since == lapse.since:
        return False
    with_them = Ticket.objects.filter(
        pk=lapse.ticket_id, handler__worker__contractor=lapse.agreement.contractor_id
    ).exists()
    lapse.end = End.KEPT if with_them else End.MOVED
    lapse.ended_at, lapse.next_at = now, None
    lapse.save(update_fields=["end", "ended_at", "next_at"])
    return True


def _move_on(lapse: Lapse, now: datetime) -> bool:
    """One stage further when its time has come."""
    if lapse.next_at is None or lapse.next_at > now:
        return False
    grace = now + timedelta(hours=lapse.agreement.grace_hours)
    if lapse.stage == Stage.REMINDED:
        lapse.stage, lapse.next_at = Stage.ORDERED, grace
        _write(lapse, Notice.Kind.ORDER, grace, now)
        scores.deduct(lapse=lapse, code=lapse.need, at=now)
    else:
        lapse.stage, lapse.next_at = Stage.RIPE, None
        _tell_ours(lapse, now)
    lapse.save(update_fields=["stage", "next_at"])
    return True


def _write(lapse: Lapse, kind: str, due_at: datetime, now: datetime) -> None:
    words = f"应于{letters.moment(lapse.due_at)}前{lapse.get_need_display()}，至今未办理"
    letters.send(
        ticket=lapse.ticket,
        contractor=lapse.agreement.contractor,
        kind=kind,
        words=words,
        due_at=due_at,
        by=MACHINE,
        at=now,
    )


def _tell_ours(lapse: Lapse, now: datetime) -> None:
    """Whoever may dispatch in the estate reads that a backup can be activated."""
    keys = staff_keys(permission="tickets.dispatch_ticket", estate_id=lapse.ticket.estate_id)
    post(
        template="P04",
        key=f"partner-ripe:{lapse.pk}",
        recipients=[Recipient.staff(pk) for pk in keys],
        values={
            "单位": lapse.agreement.contractor.name,
            "单号": lapse.ticket.number,
            "房号": lapse.ticket.place_label,
            "原因": f"逾期未{lapse.get_need_display()}，催办与整改后仍未办理",
        },
        at=now,
        ticket_id=lapse.ticket_id,
        link=reverse("partners_backup", args=[lapse.ticket.number]),
    )
