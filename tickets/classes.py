"""The classes 日常, 重要, 事故: raising, lowering, and what follows from them (SL-06).

A class goes up once for one reason and never down by itself. Everything is a note of
`tickets.workflow`, so history, scope and messages are those of every other step.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q

from core.db import joined
from tickets import workflow
from tickets.actors import Actor
from tickets.models import Class, ClassCase, ClassRule, Statement, Ticket

ORDER = [Class.DAILY, Class.IMPORTANT, Class.ACCIDENT]


def rule_for(estate_id: int) -> ClassRule:
    """The limits in force for an estate: its own row, else the general one, else those we ship."""
    own = ClassRule.objects.filter(Q(estate=estate_id) | Q(estate__isnull=True))
    return own.order_by(F("estate").asc(nulls_last=True)).first() or ClassRule()


@joined
def raise_important(*, ticket: Ticket, by: Actor, at: datetime, reason: str) -> Ticket:
    """Make a 日常 ticket 重要; one that is 重要 or more already stays as it is."""
    ticket = workflow.lock(ticket)
    if ORDER.index(Class(ticket.severity)) >= ORDER.index(Class.IMPORTANT):
        return ticket
    ticket = _raise(ticket, "raise_important", Class.IMPORTANT, by, at, reason)
    ClassCase.objects.update_or_create(ticket=ticket, defaults=_opened(at, reason))
    return ticket


@joined
def raise_accident(*, ticket: Ticket, by: Actor, at: datetime, reason: str) -> Ticket:
    """Make a ticket an 事故: the director answers and it is solved within the rule's days."""
    ticket = workflow.lock(ticket)
    if ticket.severity == Class.ACCIDENT:
        return ticket
    rule = rule_for(ticket.estate_id)
    ticket = _raise(ticket, "raise_accident", Class.ACCIDENT, by, at, reason)
    due = {
        "answer_due": at + timedelta(days=rule.answer_days),
        "solve_due": at + timedelta(days=rule.solve_days),
    }
    ClassCase.objects.update_or_create(ticket=ticket, defaults=_opened(at, reason) | due)
    return ticket


def _raise(ticket: Ticket, name: str, to: Class, by: Actor, at: datetime, reason: str) -> Ticket:
    payload = {"class": str(to), "class_from": ticket.severity}
    return workflow.note(ticket=ticket, name=name, by=by, at=at, reason=reason, payload=payload, severity=to)


def _opened(at: datetime, reason: str) -> dict:
    """A case from its beginning: what was asked or allowed under the class before no longer counts."""
    fresh = dict.fromkeys(["asked_at", "allowed_until", "decided_by", "decided_at", "answered_at"])
    return {"since": at, "reason": reason[:300], **fresh}


@joined
def lower(*, ticket: Ticket, to: str, by: Actor, at: datetime, reason: str) -> Ticket:
    """Take a class back by a person's decision, with the reason.

    Raises workflow.StepForbidden without the right, ReasonMissing without words, and ValueError
    when it would not be lower.
    """
    ticket = workflow.lock(ticket)
    if ORDER.index(Class(to)) >= ORDER.index(Class(ticket.severity)):
        raise ValueError(to)
    payload = {"class": str(to), "class_from": ticket.severity}
    ticket = workflow.note(
        ticket=ticket, name="lower_class", by=by, at=at, reason=reason, payload=payload, severity=to
    )
    if to == Class.DAILY:
        ClassCase.objects.filter(ticket=ticket).delete()
    else:
        ClassCase.objects.update_or_create(
            ticket=ticket, defaults=_opened(at, reason) | {"answer_due": None, "solve_due": None}
        )
    return ticket


@joined
def ask_overrun(*, ticket: Ticket, at: datetime) -> Ticket:
    """Ask the manager to allow a 重要 ticket more time; asked already, nothing happens."""
    ticket = workflow.lock(ticket)
    case = ClassCase.objects.get(ticket=ticket)
    if case.asked_at or ticket.severity != Class.IMPORTANT:
        return ticket
    case.asked_at = at
    case.save(update_fields=["asked_at"])
    hours = int((at - case.since).total_seconds() // 3600)
    return workflow.note(
        ticket=ticket, name="ask_overrun", by=Actor.system(), at=at, reason=f"转为重要已{hours}小时未解决"
    )


@joined
def decide_overrun(*, ticket: Ticket, until: datetime | None, reason: str, by: Actor, at: datetime) -> Ticket:
    """Allow more time until then, or refuse it (None): the work is then urged on, and asked again in a day.

    Raises workflow.StepTaken when somebody has decided already.
    """
    ticket = workflow.lock(ticket)
    case = ClassCase.objects.select_for_update().filter(ticket=ticket, asked_at__isnull=False).first()
    if case is None:
        raise workflow.StepTaken(ticket)
    case.asked_at, case.decided_at, case.decided_by = None, at, by.user
    case.allowed_until = until or at + timedelta(days=1)
    case.save(update_fields=["asked_at", "decided_at", "decided_by", "allowed_until"])
    payload = {"granted": until is not None, "until": until.isoformat() if until else ""}
    return workflow.note(ticket=ticket, name="decide_overrun", by=by, at=at, reason=reason, payload=payload)


@joined
def answer_accident(*, ticket: Ticket, answer: str, by: Actor, at: datetime) -> Ticket:
    """The director's answer to the owner about an accident. Raises StepTaken when it was given."""
    ticket = workflow.lock(ticket)
    case = ClassCase.objects.filter(ticket=ticket, answered_at__isnull=True).first()
    if case is None or ticket.severity != Class.ACCIDENT:
        raise workflow.StepTaken(ticket)
    case.answered_at = at
    case.save(update_fields=["answered_at"])
    return workflow.note(
        ticket=ticket, name="answer_accident", by=by, at=at, reason=answer, payload={"reply": answer}
    )


@dataclass(frozen=True)
class Words:
    """What an accident statement says."""

    happened: str
    harm: str
    cause: str
    responsible: str
    measures: str
    prevention: str


@joined
def submit_statement(*, ticket: Ticket, words: Words, by: Actor, at: datetime) -> Statement:
    """Hand in the next version of the statement; one waits at a time. Raises workflow.StepTaken."""
    ticket = workflow.lock(ticket)
    if ticket.severity != Class.ACCIDENT or ticket.statements.exclude(approved=False).exists():
        raise workflow.StepTaken(ticket)
    number = ticket.statements.count() + 1
    statement = Statement.objects.create(
        ticket=ticket, number=number, made_by=by.user, made_at=at, **vars(words)
    )
    workflow.note(ticket=ticket, name="submit_statement", by=by, at=at, payload={"statement": number})
    return statement


@joined
def decide_statement(
    *, statement: Statement, approved: bool, remark: str, by: Actor, at: datetime
) -> Statement:
    """The director approves the statement or sends it back with a remark; nobody decides on their own.

    Raises workflow.StepTaken, StepForbidden, or ReasonMissing when it is sent back without words.
    """
    ticket = workflow.lock(statement.ticket)
    statement = Statement.objects.select_for_update().get(pk=statement.pk)
    if statement.approved is not None:
        raise workflow.StepTaken(ticket)
    if by.user and statement.made_by_id == by.user.pk:
        raise workflow.StepForbidden("编写人不能审批自己的事故说明。")
    if not approved and not remark.strip():
        raise workflow.ReasonMissing("退回事故说明")
    statement.approved, statement.remark = approved, remark.strip()
    statement.decided_by, statement.decided_at = by.user, at
    statement.save(update_fields=["approved", "remark", "decided_by", "decided_at"])
    payload = {"statement": statement.number, "approved": approved}
    workflow.note(ticket=ticket, name="decide_statement", by=by, at=at, reason=remark, payload=payload)
    return statement
