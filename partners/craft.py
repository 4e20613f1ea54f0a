"""Whom a company sends: a name and a number from its roster, told to the owner (DI-05, DI-12)."""

from datetime import datetime
from typing import Any

from core.db import joined
from core.phones import normalise
from tickets import workflow
from tickets.actors import Actor
from tickets.models import Ticket
from warranty.models import Contractor, Craftsman


class BadPerson(ValueError):
    """The person cannot be sent; the message says why in Chinese."""


@joined
def send(
    *, ticket: Ticket, contractor: Contractor, name: str, phone: str, by: Actor, at: datetime
) -> Craftsman:
    """Take the ticket for the company where that is still to be done, and name who goes (DI-12).

    Who is not on the roster yet is put there. Raises BadPerson, workflow.StepTaken or StepForbidden.
    """
    number = normalise(phone)
    if not number:
        raise BadPerson("电话不正确。")
    if workflow.may(ticket, "accept", by):
        ticket = workflow.step(ticket=ticket, name="accept", by=by, at=at)
    person, _ = Craftsman.objects.get_or_create(
        contractor=contractor, phone=number, defaults={"name": name.strip()}
    )
    if (person.name, person.active) != (name.strip(), True):
        person.name, person.active = name.strip(), True
        person.save(update_fields=["name", "active"])
    payload = {"craftsman": person.pk, "person": person.name, "person_phone": person.phone}
    workflow.note(ticket=ticket, name="name_craftsman", by=by, at=at, payload=payload)
    return person


def going_to(ticket: Ticket) -> dict[str, Any] | None:
    """Who was named last since the company got the ticket: {"person", "person_phone"}, or None."""
    last = (
        ticket.events.filter(
            round=ticket.round, name__in=["name_craftsman", "dispatch", "reassign", "activate_backup"]
        )
        .order_by("-seq")
        .first()
    )
    return last.payload if last and last.name == "name_craftsman" else None
