"""What the dispatch desk tells staff by itself: reminders, changes, offers (DI-04)."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse_lazy

from accounts.queries import staff_keys
from notices.outbox import Recipient, post
from tickets.models import Ticket
from tickets.naming import about


def tell(
    template: str,
    ticket: Ticket,
    users: Iterable[int],
    *,
    at: datetime,
    key: str,
    link: str = "",
    **values: object,
) -> None:
    """A message about a ticket to these users; the same key tells once."""
    recipients = [Recipient.staff(pk) for pk in users]
    if not recipients:
        return
    post(
        template=template,
        key=key,
        recipients=recipients,
        values=about(ticket) | values,
        at=at,
        ticket_id=ticket.pk,
        link=link or reverse_lazy("ticket", args=[ticket.number]),
    )


def tell_dispatchers(template: str, ticket: Ticket, *, at: datetime, key: str, **values: object) -> None:
    """The same to whoever dispatches in the ticket's estate; the link opens the review."""
    found = staff_keys(permission="tickets.dispatch_ticket", estate_id=ticket.estate_id)
    link = reverse_lazy("dispatch_review", args=[ticket.number])
    tell(template, ticket, found, at=at, key=key, link=link, **values)


def ask_engineers(ticket: Ticket, *, at: datetime) -> None:
    """Contractors wait for the engineer's word and no own worker can go: told once in a round (DI-13)."""
    found = staff_keys(permission="tickets.judge_ticket", estate_id=ticket.estate_id)
    link = reverse_lazy("ticket_responsibility", args=[ticket.number])
    tell("DP6", ticket, found, at=at, key=f"unconfirmed:{ticket.pk}:{ticket.round}", link=link)
