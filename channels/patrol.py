"""What a round has found: a ticket for a public place with its photos (IN-06)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from core.db import joined
from tickets import evidence, intake, workflow
from tickets.actors import Actor
from tickets.models import Channel, Evidence, Ticket


@joined
def report(*, found: intake.Intake, photos: Sequence[Any], by: Actor, at: datetime) -> Ticket:
    """Open the ticket and keep its photos, all or nothing. Raises store.RefusedFile."""
    ticket = intake.register(intake=found, by=by, at=at)
    kept = evidence.add(ticket=ticket, files=photos, stage=Evidence.Stage.REPORT, by=by, at=at)
    if kept:
        payload = {"evidence": evidence.as_payload(kept)}
        ticket = workflow.note(ticket=ticket, name="add_evidence", by=by, at=at, payload=payload)
    return ticket


def mine(user: User) -> QuerySet[Ticket]:
    """What this person has found on rounds, the newest first; also where they may see no other tickets."""
    tickets = Ticket.objects.filter(report__taken_by=user, report__channel=Channel.PATROL)
    return tickets.select_related("estate", "fault").order_by("-registered_at", "-pk")
