"""The call-back task of a ticket in 待补充: by when to ring, what to ask, how often it was tried (IN-04).

Read from the ticket's events: the task begins with the event that left something
open, a call in vain puts it off, and it is done when the ticket is completed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts.models import User
from core.db import joined
from tickets import workflow
from tickets.actors import Actor
from tickets.models import Status, Ticket, TicketEvent

WITHIN = timedelta(minutes=30)
WITHIN_URGENT = timedelta(minutes=10)
AGAIN_AFTER = timedelta(hours=1)
BEGINS = ("save_incomplete", "return_for_information")
TRIED = "call_back_unreached"
MOST = 200


@dataclass(frozen=True)
class CallBack:
    """One call to be made: `ask` says what is missing, `tries` counts the calls in vain.

    `worded` is true where somebody asked in their own words, false for the names of empty fields.
    """

    ticket: Ticket
    due: datetime
    overdue: bool
    tries: int
    ask: str
    worded: bool


def due_calls(user: User, *, now: datetime) -> list[CallBack]:
    """The call-backs of the user's estates, the first due first; at most `MOST`."""
    waiting = Ticket.objects.visible_to(user).filter(status=Status.INCOMPLETE).select_related("estate")
    return sorted(_calls(waiting.order_by("registered_at")[:MOST], now), key=lambda call: call.due)


def call_of(ticket: Ticket, *, now: datetime) -> CallBack | None:
    """The call-back that this ticket waits for, if it does."""
    if ticket.status != Status.INCOMPLETE:
        return None
    return next(iter(_calls(Ticket.objects.filter(pk=ticket.pk).select_related("estate"), now)), None)


def _calls(tickets: QuerySet[Ticket], now: datetime) -> list[CallBack]:
    rows = list(tickets)
    events: dict[int, list[TicketEvent]] = {}
    of_calls = TicketEvent.objects.filter(ticket__in=rows, name__in=[*BEGINS, TRIED]).order_by("seq")
    for event in of_calls:
        events.setdefault(event.ticket_id, []).append(event)
    return [_call(ticket, events[ticket.pk], now) for ticket in rows if ticket.pk in events]


def _call(ticket: Ticket, events: list[TicketEvent], now: datetime) -> CallBack:
    start = max(place for place, event in enumerate(events) if event.name in BEGINS)
    began, tried = events[start], events[start + 1 :]
    due = began.at + (WITHIN_URGENT if ticket.level == 1 else WITHIN)
    if tried:
        due = tried[-1].at + AGAIN_AFTER
    ask = began.reason or "、".join(began.payload.get("missing", []))
    facts = {"ask": ask, "worded": bool(began.reason)}
    return CallBack(ticket=ticket, due=due, overdue=due < now, tries=len(tried), **facts)


@joined
def unreached(*, ticket: Ticket, by: Actor, at: datetime) -> Ticket:
    """Write down a call in vain; the next is due an hour later. Raises as `workflow.note` does."""
    return workflow.note(ticket=ticket, name=TRIED, by=by, at=at)
