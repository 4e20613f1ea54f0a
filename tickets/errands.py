"""The manager's own visit to a 二次返修, and the housekeeper's help when doors stay closed (DI-06, EX-11)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from core.db import joined
from core.templatetags.fangxiu import when
from tickets import evidence, openings, workflow
from tickets.actors import Actor
from tickets.models import Errand, Evidence, Ticket

NOTES = {Errand.Kind.MANAGER: "manager_visit", Errand.Kind.CLOSED_DOOR: "closed_door_help"}
STAGES = {Errand.Kind.MANAGER: Evidence.Stage.MANAGER, Errand.Kind.CLOSED_DOOR: Evidence.Stage.OTHER}


class AlreadyDone(Exception):
    """Somebody wrote it down before; carries who and when."""

    def __init__(self, task: Errand):
        super().__init__(f"{task.done_by.full_name}已于{when(task.done_at)}办理。")
        self.task = task


class PhotoMissing(ValueError):
    """The manager's visit is proved by a photo, and none came."""


@joined
def finish(
    *, ticket: Ticket, kind: Errand.Kind, note: str, photos: Sequence[Any], by: Actor, at: datetime
) -> Errand:
    """It was done in person: what was found or said, with photos, goes into the ticket's history (DI-06).

    Raises AlreadyDone, PhotoMissing for a manager's visit without a photo, workflow.StepTaken, StepForbidden
    or evidence's RefusedFile.
    """
    ticket = workflow.lock(ticket)
    task = find(ticket, kind)
    if task.done_at:
        raise AlreadyDone(task)
    if kind == Errand.Kind.MANAGER and not photos:
        raise PhotoMissing("请至少添加一张现场照片。")
    kept = evidence.add(ticket=ticket, files=photos, stage=STAGES[kind], by=by, at=at, owner_may_see=False)
    payload = {"evidence": evidence.as_payload(kept)} if kept else {}
    workflow.note(ticket=ticket, name=NOTES[kind], by=by, at=at, reason=note, payload=payload)
    task.done_at, task.done_by, task.note = at, by.user, note
    task.save()
    return task


def find(ticket: Ticket, kind: Errand.Kind) -> Errand:
    """The errand of this round; where none was opened, since the ticket is older than errands, a new one."""
    found = ticket.errands.filter(round=ticket.round, kind=kind).select_related("done_by").first()
    return found or Errand(
        ticket=ticket,
        estate_id=ticket.estate_id,
        kind=kind,
        round=ticket.round,
        why=Errand.Kind(kind).label,
        due_at=ticket.registered_at,
        created_at=ticket.registered_at,
    )


def kinds_of(user: User) -> list[Errand.Kind]:
    """The kinds of errands that this user goes on."""
    return [kind for kind, permission in openings.MAY.items() if user.has_perm(permission)]


def waiting(user: User) -> QuerySet[Errand]:
    """What this user has to do in person and nobody has done, the most urgent first."""
    rows = Errand.objects.visible_to(user).filter(done_at__isnull=True, kind__in=kinds_of(user))
    over = Q(ticket__status__in=[*Ticket.OVER, "closed"])
    return rows.exclude(over).select_related("ticket__fault", "estate").order_by("due_at", "pk")


def of_ticket(ticket: Ticket) -> list[Errand]:
    """The errands of this round, for the pages of a ticket."""
    return list(ticket.errands.filter(round=ticket.round).select_related("done_by"))
