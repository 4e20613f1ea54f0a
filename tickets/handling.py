"""What kinds other than a repair need: their sheets, the first contact, and the reply (IN-11)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core.db import joined
from tickets import evidence, rules, workflow
from tickets.actors import Actor
from tickets.kind_sheets import Sheet
from tickets.models import Evidence, KindDetails, Ticket


@joined
def keep(*, ticket: Ticket, facts: Mapping[str, str], at: datetime) -> None:
    """Keep what was filled in, beside what is there already; the caller writes the event."""
    row = KindDetails.objects.filter(ticket=ticket).first() or KindDetails(ticket=ticket)
    row.facts = row.facts | dict(facts)
    row.changed_at = at
    row.save()
    ticket.__dict__["details_facts"] = row.facts


@joined
def fill(
    *,
    ticket: Ticket,
    sheet: Sheet,
    facts: Mapping[str, str],
    by: Actor,
    at: datetime,
    photos: Sequence[Any] = (),
) -> Ticket:
    """Fill in one sheet of the ticket's kind, with pictures where they came.

    Raises workflow.StepForbidden for who may not fill in this one, StepTaken when the ticket
    is over, core.store.RefusedFile when a picture cannot be kept.
    """
    ticket = workflow.lock(ticket)
    if not rules.may_fill(ticket, sheet, by):
        raise workflow.StepForbidden("您没有填写这份资料的权限。")
    kept = evidence.add(ticket=ticket, files=photos, stage=Evidence.Stage.REPORT, by=by, at=at)
    keep(ticket=ticket, facts=facts, at=at)
    payload: dict[str, Any] = {"sheet": sheet.name, "details": dict(facts)}
    if kept:
        payload["evidence"] = evidence.as_payload(kept)
    return workflow.note(ticket=ticket, name="fill_sheet", by=by, at=at, payload=payload)


@joined
def contact(*, ticket: Ticket, result: str, by: Actor, at: datetime) -> Ticket:
    """Somebody spoke with the one who complained: what was checked, what they want."""
    return workflow.note(ticket=ticket, name="contact_caller", by=by, at=at, reason=result)


@joined
def reply(*, ticket: Ticket, answer: str, means: str, by: Actor, at: datetime) -> Ticket:
    """Give the answer and how it was given; the owner reads it too.

    Raises workflow.NotReady while somebody must be called first, ReasonMissing for an empty answer.
    """
    if not answer.strip():
        raise workflow.ReasonMissing("答复")
    return workflow.step(
        ticket=ticket, name="reply", by=by, at=at, reason=answer, payload={"reply": answer, "means": means}
    )


def answer_of(ticket: Ticket) -> str:
    """What was last replied; empty while nothing was."""
    last = ticket.events.filter(name="reply").order_by("-seq").first()
    return last.reason if last else ""
