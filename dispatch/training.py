"""Quarterly training: sessions, who was there, and who has missed this quarter's (DI-08)."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Sum

from accounts.models import User
from core.db import joined
from dispatch.models import Attendance, Training, Worker


def quarter_of(day: date) -> tuple[date, date]:
    """The first day of the quarter, and of the next one."""
    month = (day.month - 1) // 3 * 3 + 1
    first = date(day.year, month, 1)
    return first, (first + timedelta(days=100)).replace(day=1)


def quarter_words(day: date) -> str:
    """2026年第四季度"""
    return f"{day.year}年第{'一二三四'[(day.month - 1) // 3]}季度"


@joined
def record(*, attended: Mapping[Worker, Decimal | None], by: User, **facts: Any) -> Training:
    """Write a session down with who was there and their scores (None where nobody was tested)."""
    training = Training.objects.create(recorded_by=by, **facts)
    Attendance.objects.bulk_create(
        Attendance(training=training, worker=worker, score=score) for worker, score in attended.items()
    )
    return training


def missing(user: User, *, on: date) -> QuerySet[Worker]:
    """Own workers in the user's scope who were at no session of the quarter of this day."""
    return with_attendance(Worker.objects.visible_to(user), on=on).filter(
        employer=Worker.Employer.OWN, user__is_active=True, trained=False
    )


def with_attendance(workers: QuerySet[Worker], *, on: date) -> QuerySet[Worker]:
    """The workers with `trained`: whether they were at a session of the quarter."""
    first, end = quarter_of(on)
    there = Attendance.objects.filter(
        worker=OuterRef("pk"), training__held_on__gte=first, training__held_on__lt=end
    )
    return workers.annotate(trained=Exists(there))


def hours_of(worker: Worker, *, on: date) -> Decimal:
    """Hours of training that this worker had in the quarter."""
    first, end = quarter_of(on)
    found = worker.trainings.filter(training__held_on__gte=first, training__held_on__lt=end)
    return found.aggregate(hours=Sum("training__hours"))["hours"] or Decimal(0)
