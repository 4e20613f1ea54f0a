"""Background tasks of dispatch: fetch by key, call one service. Each may run twice."""

from django.utils.timezone import now

from dispatch import proposals, visits
from tickets.models import Ticket
from tickets.workflow import StepTaken


def propose(ticket_id):
    """After a registration or a decline: think of somebody, unless a person was faster."""
    try:
        proposals.ensure(ticket=Ticket.objects.get(pk=ticket_id), at=now())
    except StepTaken:
        return "已不在待复核"
    return "已生成建议"


def release_visits(ticket_id):
    """After a ticket was cancelled: its worker is free again."""
    return visits.release(ticket=Ticket.objects.get(pk=ticket_id), reason="工单已作废")
