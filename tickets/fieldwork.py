"""What a worker does on site: arrive, contain, finish; each with its proof (EX-01, EX-04, EX-09)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.db import joined
from tickets import evidence, workflow
from tickets.actors import Actor
from tickets.models import Acceptance, Evidence, Ticket


@joined
def arrive(*, ticket: Ticket, photos: Sequence[Any], by: Actor, at: datetime, note: str = "") -> Ticket:
    """The worker is there; at least one photo proves it (EX-01)."""
    return _step_with_photos(ticket, "arrive", Evidence.Stage.ARRIVE, photos, by, at, reason=note)


@joined
def no_access(
    *, ticket: Ticket, photos: Sequence[Any], by: Actor, at: datetime, reason: str, called: str = ""
) -> Ticket:
    """Nobody opened the door: time, photo, and who was called (EX-11)."""
    more = {"called": called} if called else None
    stage = Evidence.Stage.REFUSAL
    return _step_with_photos(ticket, "no_access", stage, photos, by, at, reason=reason, more=more)


@joined
def contain(*, ticket: Ticket, photos: Sequence[Any], by: Actor, at: datetime, measure: str) -> Ticket:
    """A temporary measure while the plan must wait (EX-04)."""
    kept = evidence.add(ticket=ticket, files=photos, stage=Evidence.Stage.DURING, by=by, at=at)
    payload = {"evidence": evidence.as_payload(kept)}
    return workflow.note(ticket=ticket, name="contain", by=by, at=at, reason=measure, payload=payload)


@joined
def finish(
    *,
    ticket: Ticket,
    photos: Sequence[Any],
    work_done: str,
    materials: str,
    by: Actor,
    at: datetime,
    ended_at: datetime | None = None,
) -> Ticket:
    """The work is done: what was done, materials used, photos of after (EX-09).

    `ended_at` is when the hands were still: it is to be reported within ten minutes (SL-03).
    """
    more = {"ended_at": min(ended_at or at, at).isoformat()}
    ticket = _step_with_photos(ticket, "finish", Evidence.Stage.AFTER, photos, by, at, reason="", more=more)
    # A second finish of the same round follows a failed inspection or a refused acceptance: the sheet is
    # rewritten and inspected anew, the earlier words stay in the earlier event.
    done = {"work_done": work_done, "materials": materials, "inspected_by": None, "inspected_at": None}
    Acceptance.objects.update_or_create(ticket=ticket, round=ticket.round, defaults=done)
    return ticket


@joined
def add_photos(*, ticket: Ticket, photos: Sequence[Any], stage: str, by: Actor, at: datetime) -> Ticket:
    """Further photos at any time, recorded as an event of their own (IN-12)."""
    kept = evidence.add(ticket=ticket, files=photos, stage=stage, by=by, at=at)
    payload = {"stage": stage, "evidence": evidence.as_payload(kept)}
    return workflow.note(ticket=ticket, name="add_evidence", by=by, at=at, payload=payload)


def _step_with_photos(ticket, name, stage, photos, by, at, *, reason, more=None) -> Ticket:
    # The step first: it locks the row and refuses who may not, before a file is written.
    workflow.require(ticket=ticket, name=name, by=by)
    kept = evidence.add(ticket=ticket, files=photos, stage=stage, by=by, at=at)
    payload = {"evidence": evidence.as_payload(kept)} | (more or {})
    return workflow.step(ticket=ticket, name=name, by=by, at=at, reason=reason, payload=payload)
