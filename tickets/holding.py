"""Whom a ticket waits for: one desk, and the worker where it is the worker's turn."""

from collections.abc import Mapping
from datetime import datetime

from core.rows import build, insert, insert_all, update_all
from tickets import kinds
from tickets.models import Holder, Ticket
from tickets.states import ENDED, HOLDABLE, HOLDER, Desk, Status


def begin(ticket: Ticket, at: datetime) -> None:
    """Put a new ticket, which always waits at some desk, where it waits."""
    insert(build(Holder, ticket=ticket, desk=_desk_of(ticket) or Desk.FRONT, since=at))


def hand_over(moments: Mapping[Ticket, datetime]) -> None:
    """Hand tickets that moved at these moments to whom they wait for now, where that is somebody else."""
    rows = Holder.objects.filter(ticket__in=[ticket.pk for ticket in moments], until__isnull=True)
    held = {row.ticket_id: row for row in rows}
    gone, new = [], []
    for ticket, at in moments.items():
        desk, user_id = _holder_of(ticket)
        row = held.get(ticket.pk)
        if row and (row.desk, row.user_id) == (desk, user_id):
            continue
        if row:
            row.until = at
            gone.append(row)
        if desk:
            new.append(Holder(ticket=ticket, desk=desk, user_id=user_id, since=at))
    update_all(gone, ["until"])
    insert_all(new)


def _holder_of(ticket: Ticket) -> tuple[Desk | None, int | None]:
    """The desk and the person that a ticket which stands here waits for; no desk once it is over."""
    desk = None if ticket.status in ENDED and ticket.status != Status.CLOSED else _desk_of(ticket)
    return desk, ticket.handler_id if desk == Desk.WORKER else None


def _desk_of(ticket: Ticket) -> Desk | None:
    """Who holds a ticket that stands here; answered kinds wait at a desk of their own (IN-11)."""
    own = kinds.of(ticket.kind).desk
    if own and ticket.status in (Status.REGISTERED, Status.DEFERRED):
        return own
    if ticket.status == Status.SUSPENDED and ticket.suspended_from in HOLDABLE:
        return HOLDER[Status(ticket.suspended_from)]
    return HOLDER.get(Status(ticket.status))
