"""What the desk keeps with a ticket: recordings with consent, screenshots, applications (IN-12, IN-14)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.db import joined
from tickets import evidence, workflow
from tickets.actors import Actor
from tickets.models import Evidence, RecordingConsent, Ticket

Stage = Evidence.Stage
# What people said to each other stays inside; the rest an owner may look at.
INSIDE = {Stage.CALL, Stage.CHAT}


class ConsentMissing(ValueError):
    """A recording without the owner's consent is not kept (domain.md §4.5)."""


@dataclass(frozen=True)
class Consent:
    """Who agreed that the call is kept, and when they were asked."""

    given_by: str
    asked_at: datetime


@joined
def add(
    *,
    ticket: Ticket,
    files: Sequence[Any],
    stage: str,
    by: Actor,
    at: datetime,
    consent: Consent | None = None,
    applicant: str = "",
) -> list[Evidence]:
    """Keep files with the ticket; a recording together with who agreed to it.

    `applicant` signed a written application. Raises ConsentMissing, RefusedFile or
    workflow.StepForbidden, and then nothing is kept.
    """
    recordings = any(info.kind == Evidence.Kind.AUDIO for _, info in files)
    if recordings and consent is None:
        raise ConsentMissing("没有业主同意的录音不能存档。")
    kept = evidence.add(
        ticket=ticket, files=files, stage=stage, by=by, at=at, owner_may_see=stage not in INSIDE
    )
    payload: dict[str, Any] = {"stage": str(stage), "evidence": evidence.as_payload(kept)}
    if consent:
        payload["consent"] = {"by": consent.given_by, "asked_at": consent.asked_at.isoformat()}
        for item in kept:
            _keep_consent(item, consent, by)
    if applicant:
        payload["applicant"] = applicant
    name = "add_application" if stage == Stage.APPLICATION else "add_evidence"
    workflow.note(ticket=ticket, name=name, by=by, at=at, payload=payload)
    return kept


def _keep_consent(item: Evidence, consent: Consent, by: Actor) -> None:
    RecordingConsent.objects.create(
        evidence=item, given_by=consent.given_by, asked_by=by.user, asked_at=consent.asked_at
    )


@joined
def mark_destructive(*, ticket: Ticket, reason: str, by: Actor, at: datetime) -> Ticket:
    """Locks will be pried or doors broken: nobody is sent before the application is there (IN-14).

    Raises workflow.StepTaken once somebody was sent, workflow.StepForbidden.
    """
    return workflow.note(
        ticket=ticket, name="mark_destructive", by=by, at=at, reason=reason, destructive=True
    )
