"""Following a ticket that somebody else reported: the second report of one place and fault (IN-18)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import User
from core.db import joined
from estates.models import PublicPlace, Unit
from knowledge.models import FaultCategory
from tickets import workflow
from tickets.actors import Actor
from tickets.models import Channel, Follower, Ticket
from tickets.states import URGEABLE

OFFERED = 4


class IsReporter(ValueError):
    """The phone is the reporter's own: they are told anyway."""


@dataclass(frozen=True)
class Caller:
    """Who wants to know how it goes on, and what they add to the report."""

    phone: str
    name: str = ""
    via: str = Channel.PHONE
    unit: Unit | None = None
    note: str = ""


@joined
def follow(*, ticket: Ticket, caller: Caller, by: Actor, at: datetime) -> Follower:
    """Let somebody follow an open ticket; from now on they are told how it goes on.

    The same phone follows once: a second call keeps the first row. Raises IsReporter,
    workflow.StepTaken when there is nothing left to follow, workflow.StepForbidden.
    """
    ticket = workflow.lock(ticket)
    if caller.phone == ticket.reporter_phone:
        raise IsReporter("这是报修人本人的电话，进展本来就会通知；催促请用“催单”。")
    if known := ticket.followers.filter(phone=caller.phone).first():
        return known
    count = ticket.follower_count + 1
    payload = {"follower": caller.name, "via": str(caller.via), "followers": count}
    workflow.note(
        ticket=ticket,
        name="follow",
        by=by,
        at=at,
        reason=caller.note,
        payload=payload,
        follower_count=count,
    )
    return Follower.objects.create(
        ticket=ticket,
        name=caller.name,
        phone=caller.phone,
        via=caller.via,
        unit=caller.unit,
        note=caller.note,
        added_by=by.user,
        added_at=at,
    )


@joined
def merge(*, ticket: Ticket, into: Ticket, by: Actor, at: datetime, reason: str) -> Ticket:
    """Merge a ticket into another; whoever reported or followed it follows that one from now on (IN-08).

    Raises as `workflow.step`. Nobody follows what has nothing left to be told.
    """
    # In the order of the keys: two merges that cross do not wait for each other for ever.
    locked = {each.pk: workflow.lock(each) for each in sorted((ticket, into), key=lambda each: each.pk)}
    into = locked[into.pk]
    payload = {"into": into.number}
    merged = workflow.step(
        ticket=ticket, name="merge", by=by, at=at, reason=reason, payload=payload, into=into
    )
    if into.status in URGEABLE:
        for caller in _concerned(merged):
            if caller.phone not in {"", into.reporter_phone}:
                follow(ticket=into, caller=caller, by=by, at=at)
    return merged


def _concerned(ticket: Ticket) -> list[Caller]:
    """Who waits to hear of a ticket: its reporter, then its followers."""
    note = f"由 {ticket.number} 合并而来"
    first = Caller(ticket.reporter_phone, ticket.reporter_name, ticket.report.channel, ticket.unit, note)
    return [
        first,
        *(Caller(each.phone, each.name, each.via, each.unit, note) for each in ticket.followers.all()),
    ]


def open_at(*, place: PublicPlace, fault: FaultCategory | None) -> QuerySet[Ticket]:
    """Open tickets of a public place, of this fault's component where a fault is known."""
    return _alike(Ticket.objects.filter(place=place), fault)


def suggestions(user: User, where: Unit | PublicPlace, fault: FaultCategory | None) -> Sequence[Ticket]:
    """What a caller from there may want to follow instead of reporting it again.

    For a public place its open tickets; for a dwelling, once the fault is known, the open
    tickets of its building's public places about the same component.
    """
    tickets = Ticket.objects.visible_to(user)
    if isinstance(where, PublicPlace):
        found = _alike(tickets.filter(place=where), fault)
    elif fault:
        found = _alike(tickets.filter(building=where.building_id, place__isnull=False), fault)
    else:
        return []
    return list(found.select_related("fault", "handler").order_by("-registered_at")[:OFFERED])


def _alike(tickets: QuerySet[Ticket], fault: FaultCategory | None) -> QuerySet[Ticket]:
    tickets = tickets.filter(status__in=URGEABLE)
    if fault is None:
        return tickets
    return tickets.filter(fault__area=fault.area, fault__component=fault.component)
