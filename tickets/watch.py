"""Looks after running clocks: warns before a limit, tells of a breach, once each (SL-05)."""

from datetime import datetime

from django.db import transaction

from accounts.queries import staff_with
from notices.outbox import Recipient, post
from tickets.models import Clock, Ticket
from tickets.states import ENDED

BATCH = 200


def breach_due(*, now: datetime) -> int:
    """Mark clocks whose limit has passed and tell the handler and the supervisors; returns how many.

    Several workers may run this at once: each takes rows that no other has locked.
    """
    total = 0
    while done := _breach_batch(now):
        total += done
    return total


@transaction.atomic
def _breach_batch(now: datetime) -> int:
    rows = list(
        Clock.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(due_at__lte=now, stopped_at__isnull=True, paused_at__isnull=True, breached_at__isnull=True)
        .select_related("ticket__estate", "ticket__fault", "ticket__handler")
        .order_by("due_at")[:BATCH]
    )
    for clock in rows:
        clock.breached_at = now
        _tell(clock, now)
    Clock.objects.bulk_update(rows, ["breached_at"])
    return len(rows)


def _tell(clock: Clock, now: datetime) -> None:
    ticket = clock.ticket
    post(
        template="W05",
        key=f"clock:{clock.pk}:{clock.due_at:%Y%m%d%H%M%S}",
        recipients=_responsible(ticket),
        values={
            "单号": ticket.number,
            "房号": ticket.place_label,
            "问题": ticket.fault.fault if ticket.fault else "",
            "级别": ticket.get_level_display(),
            "项目": ticket.estate.name,
            "时钟": clock.get_kind_display(),
        },
        at=now,
        ticket_id=ticket.pk,
        link=f"/desk/t/{ticket.number}/",
    )


def _responsible(ticket: Ticket) -> list[Recipient]:
    people = set(
        staff_with(permission="tickets.dispatch_ticket", estate_id=ticket.estate_id).values_list(
            "pk", flat=True
        )
    )
    if ticket.handler_id and ticket.status not in ENDED:
        people.add(ticket.handler_id)
    return [Recipient.staff(pk) for pk in sorted(people)]
