"""The way from the other ports to the repair department: in ten minutes, with a receipt (IN-13, S5)."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from accounts.models import User
from accounts.queries import staff_with
from channels.models import RelayDuty
from core.db import joined
from notices.outbox import Recipient, post
from tickets import intake, kinds, workflow
from tickets.actors import Actor
from tickets.messages import values_for
from tickets.models import Clock, Port, Status, Ticket, TicketEvent

HANDED_ON, RECEIVED = "relay", "relay_received"
ELSEWHERE = (Port.SERVICE, Port.CALL_CENTRE)
WAITS_IN = (Status.INCOMPLETE, Status.REGISTERED, Status.IN_REVIEW)
# The sweeper looks back so far; what is older the relay clock has rung for.
LOOKS_BACK = timedelta(minutes=15)


def waiting(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Those of these tickets that another port took and nobody in the repair department has received.

    物业 is also the desk that takes its own calls: of its tickets those that were handed on, or whose
    policy clocks the way.
    """
    events = TicketEvent.objects.filter(ticket=OuterRef("pk"))
    clocked = Clock.objects.filter(ticket=OuterRef("pk"), kind=Clock.Kind.RELAY)
    passed_on = Q(report__port__in=ELSEWHERE) | Exists(events.filter(name=HANDED_ON)) | Exists(clocked)
    # What is answered with words stays with the port that took it.
    found = tickets.filter(passed_on, status__in=WAITS_IN, kind__in=kinds.SENT)
    found = found.exclude(report__port=Port.REPAIR).filter(~Exists(events.filter(name=RECEIVED)))
    return found.order_by("registered_at", "pk")


@joined
def take(*, taken: intake.Intake, by: Actor, at: datetime) -> Ticket:
    """Register what another port has heard, and tell those who receive for it."""
    ticket = intake.register(intake=taken, by=by, at=at)
    ticket = workflow.note(ticket=ticket, name=HANDED_ON, by=by, at=at, payload={"port": str(taken.port)})
    tell(ticket, at=at)
    return ticket


@joined
def receive(*, ticket: Ticket, by: Actor, at: datetime) -> Ticket:
    """Confirm that the repair department has it. Raises StepTaken when somebody has, or it moved on."""
    ticket = workflow.lock(ticket)
    if ticket.report.port == Port.REPAIR or ticket.events.filter(name=RECEIVED).exists():
        raise workflow.StepTaken(ticket)
    return workflow.note(ticket=ticket, name=RECEIVED, by=by, at=at, payload={"port": ticket.report.port})


def receivers(ticket: Ticket) -> QuerySet[User]:
    """Who receives for this port of the estate; where nobody is named, all who dispatch there."""
    duty = RelayDuty.objects.filter(estate=ticket.estate_id, port=ticket.report.port).first()
    named = duty.receivers.filter(is_active=True) if duty else User.objects.none()
    if named.exists():
        return named
    return staff_with(permission="tickets.dispatch_ticket", estate_id=ticket.estate_id)


def tell(ticket: Ticket, *, at: datetime) -> None:
    """Ring at the receivers, once for a ticket however often it is called."""
    event = ticket.events.order_by("seq").first()
    assert event is not None
    post(
        template="W41",
        key=f"relay:{ticket.pk}",
        recipients=[Recipient.staff(user.pk) for user in receivers(ticket)],
        values=values_for(ticket, event) | {"内容": ticket.report.get_port_display()},
        at=at,
        ticket_id=ticket.pk,
        link=reverse("relay_list"),
    )


def tell_waiting(*, at: datetime) -> int:
    """Each minute: reports that came in by another form are told of as well; returns how many wait."""
    lately = Ticket.objects.filter(registered_at__gt=at - LOOKS_BACK)
    rows = list(waiting(lately).select_related("report", "estate", "fault", "handler"))
    for ticket in rows:
        tell(ticket, at=at)
    return len(rows)
