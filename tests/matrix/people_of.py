"""What the matrix needs to know of the worker who has a ticket: leave, a certificate, a training."""

from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import User
from dispatch import presets
from dispatch.models import (
    Attendance,
    Certificate,
    DispatchRule,
    Exam,
    Leave,
    Proposal,
    RosterCell,
    ScoreWeights,
    ShiftKind,
    TeamReserve,
    TradeRule,
    Training,
    Worker,
)
from tests.house import AT
from tickets.models import Ticket


def of(ticket: Ticket, user: User) -> dict[str, Any]:
    """One row of each table about the ticket's worker, and the words of the table for them."""
    presets.load()
    worker = Worker.objects.get(user=ticket.handler)
    skill = worker.skills.first()
    name = default_storage.save(f"matrix/scan-{worker.pk}", ContentFile(b"picture"))
    certificate = Certificate.objects.create(
        skill=skill,
        number="T1",
        original=name,
        preview=name,
        thumbnail=name,
        content_type="image/jpeg",
        kind="photo",
        name="证书.jpg",
        recorded_at=AT,
    )
    leave = Leave.objects.create(
        worker=worker, span=(AT, AT + timedelta(days=1)), reason="家里有事", asked_at=AT
    )
    kind = ShiftKind.objects.first()
    RosterCell.objects.create(worker=worker, day=AT.date(), kind=kind, changed_by=user, changed_at=AT)
    Exam.objects.create(
        worker=worker, trade=skill.trade, part="theory", taken_on=AT.date(), score=80, passed=True
    )
    training = Training.objects.create(topic="服务礼仪", held_on=AT.date(), hours=2, recorded_by=user)
    Attendance.objects.create(training=training, worker=worker)
    TradeRule.objects.get_or_create(trade=skill.trade)
    TeamReserve.objects.get_or_create(area=worker.area)
    return handed_out(ticket) | {
        "hand": worker.pk,
        "skill": skill.pk,
        "certificate": certificate.pk,
        "leave": leave.pk,
    }


def handed_out(ticket: Ticket) -> dict[str, Any]:
    """The rules of the ticket's estate, its own proposal waiting for a look, and one that is offered."""
    DispatchRule.objects.create(estate=ticket.estate, level=4, since=AT)
    ScoreWeights.objects.create(estate=ticket.estate)
    Proposal.objects.filter(ticket=ticket).update(after=Proposal.After.WAITING)
    of_estate = Proposal.objects.filter(ticket__estate=ticket.estate).order_by("decision", "pk")
    offer = of_estate.filter(decision=Proposal.Decision.OPEN).first() or of_estate.first()
    Proposal.objects.filter(pk=offer.pk).update(offered_at=AT)
    return {"offer": offer.pk, "figure": "approved"}
