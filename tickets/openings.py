"""What an event of a ticket asks of people besides its next step: errands of managers and housekeepers.

`tickets.workflow` calls `after` for every event, whatever door it came through.
"""

from datetime import timedelta

from django.urls import reverse

from accounts.queries import staff_keys
from core.templatetags.fangxiu import dated
from notices.outbox import Recipient, post
from tickets import kinds, visit_rules
from tickets.models import Errand, Ticket, TicketEvent
from tickets.naming import about

# Who goes, by kind of errand.
MAY = {Errand.Kind.MANAGER: "tickets.visit_in_person", Errand.Kind.CLOSED_DOOR: "tickets.do_care_task"}
WHO = {Errand.Kind.MANAGER: "房修经理", Errand.Kind.CLOSED_DOOR: "物业管家"}
TEMPLATES = {Errand.Kind.MANAGER: "W61", Errand.Kind.CLOSED_DOOR: "W62"}
# A repair that did not hold begins with one of these (DI-06).
AGAIN = {"register", "complete_details", "fail_follow_up"}
HOUSEKEEPER_WITHIN = timedelta(hours=24)


def after(ticket: Ticket, event: TicketEvent) -> None:
    """Open what this event asks for, once in a round: the manager's own visit, the housekeeper's help."""
    if event.name in AGAIN and is_again(ticket):
        rules = visit_rules.read(ticket.policy.rules)
        due = event.at + timedelta(minutes=rules.manager_minutes[ticket.level])
        why = (
            f"二次返修，原单 {ticket.repeat_of.number}"
            if ticket.repeat_of
            else f"回访整改，第{ticket.round}轮"
        )
        _open(Errand.Kind.MANAGER, ticket, event, why, due)
    elif event.name == "no_access":
        closed = closed_doors(ticket)
        if closed >= visit_rules.read(ticket.policy.rules).closed_doors:
            why = f"已{closed}次上门无人"
            _open(Errand.Kind.CLOSED_DOOR, ticket, event, why, event.at + HOUSEKEEPER_WITHIN)


def is_again(ticket: Ticket) -> bool:
    """Whether this is a repair of what was repaired before: 二次返修 or 回访整改 (DI-06)."""
    return ticket.kind in kinds.SENT and (ticket.repeat_of_id is not None or ticket.rework)


def closed_doors(ticket: Ticket) -> int:
    """How often nobody opened in this round."""
    return ticket.events.filter(name="no_access", round=ticket.round).count()


def _open(kind: Errand.Kind, ticket: Ticket, event: TicketEvent, why: str, due) -> None:
    facts = {"estate_id": ticket.estate_id, "why": why, "due_at": due, "created_at": event.at}
    task, new = Errand.objects.get_or_create(ticket=ticket, round=ticket.round, kind=kind, defaults=facts)
    if not new:
        return
    post(
        template=TEMPLATES[kind],
        key=f"errand:{task.pk}",
        recipients=[
            Recipient.staff(pk) for pk in staff_keys(permission=MAY[kind], estate_id=ticket.estate_id)
        ],
        values=about(ticket) | {"原因": why, "截止": dated(due)},
        at=event.at,
        ticket_id=ticket.pk,
        link=reverse("ticket_errand", args=[ticket.number, kind.value]),
    )
