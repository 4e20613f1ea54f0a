"""Background tasks of dispatch: fetch by key, call one service. Each may run twice."""

from django.utils.timezone import localdate, now

from dispatch import asks, assign, certificates, handing, proposals, records, visits
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
        handing.hand_out(ticket=ticket, at=now())
    except StepTaken:
        return "已不在待复核"
    except assign.NotEligible as error:
        return str(error)
    return "已生成建议"


def think_again(ticket_id):
    """After the engineer's word, an objection or the manager's visit: contractors may go now, or no more."""
    ticket = Ticket.objects.get(pk=ticket_id)
    try:
        proposals.think_again(ticket=ticket, at=now())
        handing.hand_out(ticket=ticket, at=now())
    except StepTaken:
        return "已不在待复核"
    except assign.NotEligible as error:
        return str(error)
    return "已更新建议"


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


def look_after_asks():
    """Every minute: whoever was sent a ticket and gives no answer is reminded, then the next one is asked."""
    done = asks.look(now=now())
    return f"提醒 {done.reminded}，换人 {done.moved_on}，已应答 {done.answered}"


def count_records():
    """Every quarter of an hour: how workers did lately, for the score."""
    return records.count(at=now())
