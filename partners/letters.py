"""Letters to a company: 催办函 and 整改通知单, and who opened them when (DI-12, domain.md §4.1)."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from core.db import joined
from notices.outbox import Recipient, post
from partners.models import Notice, NoticeRead
from tickets import workflow
from tickets.actors import Actor
from tickets.calendars import SHANGHAI
from tickets.models import Ticket
from warranty.models import Contact, Contractor

CONSEQUENCE = "逾期将启用备选单位或委托第三方维修，并按协议扣分，费用由贵单位承担。"


@joined
def send(
    *,
    ticket: Ticket,
    contractor: Contractor,
    kind: str,
    words: str,
    due_at: datetime,
    by: Actor,
    at: datetime,
    consequence: str = CONSEQUENCE,
) -> Notice:
    """Write a letter on a ticket and tell every contact by inbox, SMS and mail (template N12).

    Raises workflow.StepTaken when the ticket is over, StepForbidden when the actor may not.
    """
    notice = Notice.objects.create(
        contractor=contractor,
        ticket=ticket,
        kind=kind,
        words=words,
        due_at=due_at,
        consequence=consequence,
        sent_by=by.user,
        sent_at=at,
    )
    payload = {"notice": notice.pk, "kind": kind, "company": contractor.name, "due": due_at.isoformat()}
    workflow.note(ticket=ticket, name="contractor_notice", by=by, at=at, reason=words, payload=payload)
    post(
        template="N12",
        key=f"partner-notice:{notice.pk}",
        recipients=recipients_of(contractor),
        values={
            "单位": contractor.name,
            "项目": ticket.estate.name,
            "数量": 1,
            "单号": ticket.number,
            "截止": moment(due_at),
        },
        at=at,
        ticket_id=ticket.pk,
        link=reverse("partner_notice", args=[notice.pk]),
    )
    return notice


def recipients_of(contractor: Contractor) -> list[Recipient]:
    """Every active contact: their inbox where they have an account, their phone, their mail."""
    return [each for contact in contractor.contacts.filter(active=True) for each in _ways_to(contact)]


def _ways_to(contact: Contact) -> Iterable[Recipient]:
    if contact.user_id:
        yield Recipient.staff(contact.user_id)
    yield Recipient.phone(contact.phone)
    if contact.email:
        yield Recipient.email(contact.email)


@joined
def read(*, notice: Notice, contact: Contact, ip: str, at: datetime) -> NoticeRead:
    """Keep the receipt of a letter; the first time a person opens it counts."""
    receipt, _ = NoticeRead.objects.get_or_create(
        notice=notice, user=contact.user, defaults={"name": contact.name, "at": at, "ip": ip or None}
    )
    return receipt


def moment(at: datetime) -> str:
    """11月27日 14:00"""
    local = at.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日 {local:%H:%M}"
