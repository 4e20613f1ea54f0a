"""Reads of tickets for lists and queues."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from core import phones
from core.rows import prepared_cursor
from estates.models import PublicPlace, Unit
from tickets import kinds, workflow
from tickets.models import Channel, Clock, FollowUp, Ticket, TicketEvent
from tickets.states import Status

# The clock of `with_next_due` in plain words: every list of tickets asks.
NEXT_DUES = """
SELECT DISTINCT ON (ticket_id) ticket_id, kind, due_at FROM tickets_clock
 WHERE ticket_id = ANY(%s) AND stopped_at IS NULL AND paused_at IS NULL AND due_at IS NOT NULL
 ORDER BY ticket_id, due_at
"""


def with_next_due(tickets: QuerySet[Ticket], kinds: Iterable[str] = ()) -> QuerySet[Ticket]:
    """Adds `next_due` and `next_clock`: the running clock that ends first, of these kinds if named."""
    running = Clock.objects.filter(
        ticket=OuterRef("pk"), stopped_at__isnull=True, paused_at__isnull=True, due_at__isnull=False
    ).order_by("due_at")
    if kinds:
        running = running.filter(kind__in=kinds)
    return tickets.annotate(
        next_due=Subquery(running.values("due_at")[:1]), next_clock=Subquery(running.values("kind")[:1])
    )


def next_dues(ticket_ids: Iterable[int]) -> dict[int, tuple[str, datetime]]:
    """Kind and due time of the running clock that ends first, for those of these tickets that have one."""
    with prepared_cursor() as cursor:
        cursor.execute(NEXT_DUES, [list(ticket_ids)])
        return {ticket_id: (kind, due) for ticket_id, kind, due in cursor.fetchall()}


def search(tickets: QuerySet[Ticket], text: str) -> QuerySet[Ticket]:
    """Tickets by number, phone, place or reporter's name."""
    text = text.strip()
    if not text:
        return tickets
    if phone := phones.normalise(text):
        return tickets.filter(reporter_phone=phone)
    return tickets.filter(
        Q(number__startswith=text.upper())
        | Q(reporter_name__startswith=text)
        | Q(place_label__contains=text)
        | Q(unit__label__startswith=text)
    )


def history_of_unit(user: User, unit: Unit, *, limit: int = 8) -> list[Ticket]:
    """The newest tickets of a dwelling, open ones first (IN-03, IN-08)."""
    return _open_first(Ticket.objects.visible_to(user).filter(unit=unit), limit)


def history_of_place(user: User, place: PublicPlace, *, limit: int = 8) -> list[Ticket]:
    """The newest tickets of a public place, open ones first (IN-03, IN-18)."""
    return _open_first(Ticket.objects.visible_to(user).filter(place=place), limit)


def _open_first(tickets: QuerySet[Ticket], limit: int) -> list[Ticket]:
    newest = tickets.select_related("fault").order_by("-registered_at")[:limit]
    return sorted(newest, key=lambda ticket: ticket.status in Ticket.OVER)


def to_answer(user: User) -> QuerySet[Ticket]:
    """Complaints, suggestions and questions that wait for a reply (IN-11)."""
    waiting = Ticket.objects.visible_to(user).filter(kind__in=kinds.ANSWERED, status=Status.REGISTERED)
    return waiting.order_by("level", "registered_at", "pk")


def to_follow_up(user: User, *, now: datetime) -> QuerySet[Ticket]:
    """Completed tickets waiting for the follow-up call, the most urgent first, with their tries."""
    unreached = Q(follow_ups__result=FollowUp.Result.NO_ANSWER, follow_ups__round=F("round"))
    return (
        Ticket.objects.visible_to(user)
        .filter(status=Status.COMPLETED)
        .select_related("estate", "fault")
        .annotate(tries=Count("follow_ups", filter=unreached), due=_due("follow_up"))
        .order_by("due", "pk")
    )


def to_inspect(user: User) -> QuerySet[Ticket]:
    """Finished tickets waiting for the engineer."""
    return (
        Ticket.objects.visible_to(user)
        .filter(status=Status.PRE_INSPECTION)
        .select_related("estate", "fault", "handler")
        .annotate(due=_due("complete"), finished_at=Max("events__at", filter=Q(events__name="finish")))
        .order_by("due", "pk")
    )


def _due(kind: str) -> Min:
    return Min("clocks__due_at", filter=Q(clocks__kind=kind, clocks__round=F("round")))


def counts_by_status(user: User) -> dict[str, int]:
    """How many tickets of the user's scope stand in each state."""
    rows = (
        Ticket.objects.visible_to(user)
        .order_by()
        .values("status")
        .annotate(number=Count("pk", distinct=True))
    )
    return {row["status"]: row["number"] for row in rows}


# Doors through which a report comes without a person who takes it down.
UNATTENDED = [Channel.OWNER_H5]


def is_to_acknowledge(ticket: Ticket, events: Iterable[TicketEvent]) -> bool:
    """Whether this is one of `to_acknowledge`, by its history."""
    waits = ticket.status in workflow.BEFORE_DISPATCH and ticket.report.channel in UNATTENDED
    return waits and all(event.name != "acknowledge" for event in events)


def to_acknowledge(user: User) -> QuerySet[Ticket]:
    """Online reports that nobody of the desk has confirmed yet, the most urgent and oldest first (IN-13)."""
    confirmed = TicketEvent.objects.filter(ticket=OuterRef("pk"), name="acknowledge")
    return (
        Ticket.objects.visible_to(user)
        .filter(~Exists(confirmed), status__in=workflow.BEFORE_DISPATCH, report__channel__in=UNATTENDED)
        .order_by("level", "registered_at", "pk")
    )
