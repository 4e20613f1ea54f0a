"""Background tasks of dispatch: fetch by key, call one service. Each may run twice."""

from django.utils.timezone import localdate, now

from dispatch import certificates, proposals, visits
from dispatch.emergency import beat
from tickets.models import Ticket
from tickets.workflow import StepTaken


def propose(ticket_id):
    """After a registration or a decline: think of somebody, unless a person was faster.

    While an emergency holds tickets of its kind it is paused instead (DI-09).
    """
    ticket = Ticket.objects.get(pk=ticket_id)
    try:
        if beat.hold_new(ticket, at=now()):
            return "应急暂停"
        proposals.ensure(ticket=ticket, at=now())
    except StepTaken:
        return "已不在待复核"
    return "已生成建议"


def release_visits(ticket_id):
    """After a ticket was cancelled: its worker is free again."""
    return visits.release(ticket=Ticket.objects.get(pk=ticket_id), reason="工单已作废")


def work_on_emergency(activation_id, helper):
    """After a start, a new end or the end: the next part; `helper` tells one worker from the other."""
    return beat.work(activation_id, at=now())


def watch_emergencies():
    """Every minute: ends that have come, and what came or was left since."""
    return beat.run(at=now())


def warn_of_certificates():
    """Every morning: certificates that end within 30 days, 7 days, or have ended (DI-08)."""
    return certificates.warn(today=localdate(), at=now())
