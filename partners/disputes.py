"""What a company objects to, within the days of its agreement, and what we answer (DI-13, domain.md §4.1)."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse

from core.db import joined
from notices.outbox import Recipient, post
from partners import assigned
from partners.models import Dispute
from tickets import evidence, responsibility, workflow
from tickets.actors import Actor
from tickets.calendars import SHANGHAI, WorkingHours
from tickets.models import Evidence, Ticket, WorkDay
from warranty.models import Contact

USUAL_DAYS = 3


class TooLate(ValueError):
    """The objection period is over; the message says since when."""


class OpenAlready(ValueError):
    """The company's last objection to this ticket waits for its answer."""


def last_day(ticket: Ticket, contact: Contact) -> date | None:
    """The last day on which this contact's company may object; None when it never had the ticket.

    Counted in working days from the day after the ticket or the latest letter reached the company.
    """
    had = assigned.last_given(ticket, contact.contractor_id)
    if had is None:
        return None
    letters = ticket.partner_notices.filter(contractor=contact.contractor_id)
    begins = max([had, *letters.values_list("sent_at", flat=True)])
    agreement = assigned.agreement_of(ticket, contact.contractor_id, on=begins.astimezone(SHANGHAI).date())
    return _working_day(begins, agreement.objection_days if agreement else USUAL_DAYS)


def _working_day(start: datetime, days: int) -> date:
    day = start.astimezone(SHANGHAI).date()
    known = WorkDay.objects.filter(day__range=(day, day + timedelta(days=days * 4 + 15)))
    calendar = WorkingHours(dict(known.values_list("day", "working")))
    while days > 0:
        day += timedelta(days=1)
        days -= calendar.is_worked(day)
    return day


@joined
def raise_(
    *, ticket: Ticket, contact: Contact, words: str, photos: Sequence[Any], by: Actor, at: datetime
) -> Dispute:
    """Object to a ticket with words and photos; the engineers are told (DI-13).

    Raises TooLate, OpenAlready, workflow.StepForbidden or RefusedFile.
    """
    ticket = workflow.lock(ticket)
    until = last_day(ticket, contact)
    if until is not None and at >= datetime.combine(until + timedelta(days=1), time(), SHANGHAI):
        raise TooLate(f"异议期已于{until.month}月{until.day}日结束，逾期视为认可。")
    try:
        with transaction.atomic():
            dispute = Dispute.objects.create(
                ticket=ticket, contractor=contact.contractor, raised_by=by.user, raised_at=at, words=words
            )
    except IntegrityError as error:
        raise OpenAlready("上一条异议还在处理中，请等待答复。") from error
    kept = evidence.add(
        ticket=ticket, files=photos, stage=Evidence.Stage.OTHER, by=by, at=at, owner_may_see=False
    )
    payload = {"dispute": dispute.pk, "company": contact.contractor.name} | {
        "evidence": evidence.as_payload(kept)
    }
    workflow.note(ticket=ticket, name="contractor_dispute", by=by, at=at, reason=words, payload=payload)
    if workflow.may(ticket, "dispute_ruling", by):
        # It is the engineer's word again that everybody waits for.
        company = contact.contractor.name
        responsibility.dispute(ticket=ticket, words=words, company=company, by=by, at=at, told=True)
    return dispute


@joined
def decide(*, dispute: Dispute, upheld: bool, words: str, by: Actor, at: datetime) -> Dispute:
    """Answer an objection; the company reads it. Raises workflow.StepTaken when it is answered already."""
    dispute = (
        Dispute.objects.select_for_update(of=("self",))
        .select_related("ticket", "contractor")
        .get(pk=dispute.pk)
    )
    if dispute.state != Dispute.State.OPEN:
        raise workflow.StepTaken(dispute.ticket)
    dispute.state = Dispute.State.UPHELD if upheld else Dispute.State.REJECTED
    dispute.decided_by, dispute.decided_at, dispute.answer = by.user, at, words
    dispute.save(update_fields=["state", "decided_by", "decided_at", "answer"])
    payload = {"dispute": dispute.pk, "upheld": upheld}
    workflow.note(ticket=dispute.ticket, name="decide_dispute", by=by, at=at, reason=words, payload=payload)
    if not upheld and workflow.may(dispute.ticket, "rule", by):
        responsibility.uphold(ticket=dispute.ticket, reason=words, by=by, at=at)
    post(
        template="P06",
        key=f"partner-dispute:{dispute.pk}",
        recipients=[Recipient.staff(dispute.raised_by_id)],
        values={"单号": dispute.ticket.number, "内容": dispute.get_state_display(), "原因": words},
        at=at,
        ticket_id=dispute.ticket_id,
        link=reverse("partner_ticket", args=[dispute.ticket.number]),
    )
    return dispute
