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
    Exam,
    Leave,
    RosterCell,
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
    return {"hand": worker.pk, "skill": skill.pk, "certificate": certificate.pk, "leave": leave.pk}
