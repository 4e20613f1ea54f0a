"""Background tasks of dispatch: fetch by key, call one service. Each may run twice."""

from django.utils.timezone import localdate, now

from dispatch import asks, assign, certificates, handing, records, visits
from tickets.models import Ticket
from tickets.workflow import StepTaken


def propose(ticket_id):
    """After a registration or a decline: think of somebody, unless a person was faster."""
    try:
        handing.hand_out(ticket=Ticket.objects.get(pk=ticket_id), at=now())
    except StepTaken:
        return "已不在待复核"
    except assign.NotEligible as error:
        return str(error)
    return "已生成建议"


def release_visits(ticket_id):
    """After a ticket was cancelled: its worker is free again."""
    return visits.release(ticket=Ticket.objects.get(pk=ticket_id), reason="工单已作废")


def warn_of_certificates():
    """Every morning: certificates that end within 30 days, 7 days, or have ended (DI-08)."""
    return certificates.warn(today=localdate(), at=now())


def look_after_asks():
    """Every minute: whoever was sent a ticket and gives no answer is reminded, then the next one is asked."""
    done = asks.look(now=now())
    return f"提醒 {done.reminded}，换人 {done.moved_on}，已应答 {done.answered}"


def count_records():
    """Every quarter of an hour: how workers did lately, for the score."""
    return records.count(at=now())
