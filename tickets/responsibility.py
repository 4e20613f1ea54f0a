"""Who answers for a fault: the engineer says so before a contractor sees the ticket (DI-13, WA-02).

The machine's verdict of cover stays in the ticket as it was at registration; a ruling stands beside it.
"""

from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.fields.json import KeyTextTransform

from accounts.models import User
from core.db import joined
from knowledge.models import Trade
from tickets import kinds, workflow
from tickets.actors import Actor
from tickets.models import JointVisit, Ruling, Status, Ticket, TicketEvent
from tickets.requirements import covered_under, ruling_of
from tickets.states import WITH_WORKER

WAITING = (Status.REGISTERED, Status.IN_REVIEW)
# What dispatch says of a ticket, in the events of its suggestions: `{"awaits": "ruling"}` where no own worker
# can go and a company only after the engineer's word.
THOUGHTS, AWAITS_RULING = ("submit_review", "propose"), "ruling"


@joined
def confirm(
    *,
    ticket: Ticket,
    party: str,
    trade: Trade,
    reason: str,
    by: Actor,
    at: datetime,
    covered: str = "",
) -> Ruling:
    """The engineer's ruling on trade and responsibility; `covered` only where it differs from the machine's.

    Raises workflow.ReasonMissing, StepTaken once the ticket is over, or StepForbidden.
    """
    ticket = workflow.lock(ticket)
    differs = covered if covered != ticket.covered else ""
    ruling = Ruling(
        ticket=ticket, party=party, trade=trade, covered=differs, reason=reason.strip(), made_at=at
    )
    payload: dict[str, Any] = {"party": ruling.get_party_display(), "trade": trade.name}
    if differs:
        payload["covered"] = ruling.get_covered_display()
        payload["machine"] = ticket.get_covered_display()
    workflow.note(ticket=ticket, name="rule", by=by, at=at, reason=reason, payload=payload)
    ruling.made_by = by.user
    ruling.save()
    return ruling


@joined
def dispute(
    *, ticket: Ticket, words: str, by: Actor, at: datetime, company: str = "", told: bool = False
) -> Ruling | None:
    """A contractor does not agree: the ruling holds no longer and the engineers are told (DI-13).

    `told`: the engineers hear of it by another message. Gives back the disputed ruling, None when there
    was none in force: it is recorded all the same.
    Raises workflow.ReasonMissing, StepTaken once the ticket is over, or StepForbidden.
    """
    ticket = workflow.lock(ticket)
    ruling = ruling_of(ticket)
    payload: dict[str, Any] = {"company": company or by.name, "told": told}
    if ruling:
        payload["party"] = ruling.get_party_display()
    workflow.note(ticket=ticket, name="dispute_ruling", by=by, at=at, reason=words, payload=payload)
    if ruling:
        ruling.disputed_at, ruling.disputed_by, ruling.dispute = at, (company or by.name)[:80], words.strip()
        ruling.save(update_fields=["disputed_at", "disputed_by", "dispute"])
    return ruling


@joined
def uphold(*, ticket: Ticket, reason: str, by: Actor, at: datetime) -> Ruling | None:
    """The objection was heard and the ruling stands: written down anew, with why (DI-13).

    None when the newest ruling is not in dispute. Raises what `confirm` raises.
    """
    old = ticket.rulings.select_related("trade").order_by("-pk").first()
    if old is None or old.disputed_at is None:
        return None
    facts = {"party": old.party, "trade": old.trade, "covered": old.covered}
    return confirm(ticket=ticket, reason=f"异议不成立：{reason.strip()}"[:500], by=by, at=at, **facts)


def covered_of(ticket: Ticket) -> str:
    """Whether it is covered, the engineer's word before the machine's: "yes", "no" or "unknown"."""
    return covered_under(ticket, ruling_of(ticket))


def trade_of(ticket: Ticket) -> Trade | None:
    """The trade that the engineer named; None while nobody has."""
    ruling = ruling_of(ticket)
    return ruling.trade if ruling else None


def waiting(user: User) -> QuerySet[Ticket]:
    """Tickets of the user's estates that wait for a ruling: those before dispatch, and those in dispute.

    Each with `ruled_at`, `disputed_at`, `is_joint` (a joint visit is agreed) and `is_awaited` (dispatch has
    nobody to send before the word); those first, then the disputed ones.
    """
    newest = Ruling.objects.filter(ticket=OuterRef("pk")).order_by("-pk")
    joint = JointVisit.objects.filter(ticket=OuterRef("pk"), state=JointVisit.State.PLANNED)
    thought = TicketEvent.objects.filter(ticket=OuterRef("pk"), name__in=THOUGHTS).order_by("-seq")
    rows = Ticket.objects.visible_to(user).filter(
        status__in=[*WAITING, *WITH_WORKER], kind__in=kinds.SENT, fault__isnull=False
    )
    rows = rows.annotate(
        ruled_at=Subquery(newest.values("made_at")[:1]),
        disputed_at=Subquery(newest.values("disputed_at")[:1]),
        is_joint=Exists(joint),
        awaits=Subquery(thought.values(word=KeyTextTransform("awaits", "payload"))[:1]),
    )
    awaited = When(status__in=WAITING, awaits=AWAITS_RULING, then=Value(True))
    rows = rows.annotate(is_awaited=Case(awaited, default=Value(False)))
    unruled = Q(ruled_at__isnull=True, status__in=WAITING)
    return (
        rows.filter(unruled | Q(disputed_at__isnull=False))
        .select_related("estate", "fault", "handler")
        .order_by("-is_awaited", F("disputed_at").asc(nulls_last=True), "level", "registered_at", "pk")
    )
