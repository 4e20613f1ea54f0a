"""Background tasks of dispatch: fetch by key, call one service. Each may run twice."""

from django.utils.timezone import localdate, now

from dispatch import certificates, proposals, visits
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


def warn_of_certificates():
    """Every morning: certificates that end within 30 days, 7 days, or have ended (DI-08)."""
    return certificates.warn(today=localdate(), at=now())
