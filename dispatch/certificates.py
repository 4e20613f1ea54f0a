"""Certificates: recorded with their scan, renewed with their history, and told of in time (DI-08)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from core import store
from core.db import joined
from dispatch.leaves import phone_page, supervisors_of
from dispatch.models import Certificate, Skill
from notices.outbox import Letter, Recipient, post_many

# Days before the end at which worker and supervisors are told, each once; 0 is the last day and after.
STAGES = (30, 7, 0)


@joined
def record(
    *,
    skill: Skill,
    number: str,
    issued_on: date | None,
    expires_on: date | None,
    scans: Sequence[tuple[Any, store.FileInfo]] = (),
    by: User | None,
    at: datetime,
) -> Certificate:
    """Write a certificate down; it becomes the skill's own unless the skill has one that holds longer.

    What the skill held before without a record of its own is kept as one. Raises store.RefusedFile.
    """
    skill = Skill.objects.select_for_update().get(pk=skill.pk)
    _keep_old(skill, at)
    row = Certificate(
        skill=skill, number=number, issued_on=issued_on, expires_on=expires_on, recorded_by=by, recorded_at=at
    )
    for upload, info in scans[:1]:
        stored = store.keep(upload, info, at=at)
        row.original, row.preview, row.thumbnail = stored.original, stored.preview, stored.thumbnail
        row.sha256, row.content_type = stored.sha256, info.content_type
        row.name, row.kind = info.name, info.kind
    row.save()
    if not skill.certificate or _holds_longer(row, skill):
        skill.certificate, skill.issued_on, skill.expires_on = number, issued_on, expires_on
        skill.save(update_fields=["certificate", "issued_on", "expires_on"])
    return row


def _holds_longer(row: Certificate, skill: Skill) -> bool:
    if row.expires_on is None or skill.expires_on is None:
        return row.expires_on is None
    return row.expires_on >= skill.expires_on


def _keep_old(skill: Skill, at: datetime) -> None:
    if not skill.certificate or skill.certificates.filter(number=skill.certificate).exists():
        return
    Certificate.objects.create(
        skill=skill,
        number=skill.certificate,
        issued_on=skill.issued_on,
        expires_on=skill.expires_on,
        recorded_at=at,
    )


def expiring(user: User) -> QuerySet[Skill]:
    """Skills with a certificate that ends, of active workers in the user's scope, the nearest end first."""
    return (
        Skill.objects.visible_to(user)
        .filter(worker__user__is_active=True, expires_on__isnull=False)
        .select_related("worker__user", "worker__area", "trade")
        .order_by("expires_on", "pk")
    )


def stage_of(expires_on: date, today: date) -> int | None:
    """Which of `STAGES` has been reached, the most urgent one; None while there is time."""
    left = (expires_on - today).days
    return min((stage for stage in STAGES if left <= stage), default=None)


def warn(*, today: date, at: datetime) -> int:
    """Tell worker and supervisors of certificates that end; each stage of each certificate once.

    A night that was missed is made up for: who is first seen at five days is told of seven.
    """
    soon = today + timedelta(days=STAGES[0])
    rows = Skill.objects.filter(expires_on__lte=soon, worker__user__is_active=True)
    letters = []
    for skill in rows.select_related("worker__user", "trade").order_by("pk"):
        stage = stage_of(skill.expires_on, today)
        values = {
            "工程师": str(skill.worker),
            "内容": f"{skill.trade.name}证书{left_words((skill.expires_on - today).days)}",
            "截止": f"{skill.expires_on:%Y-%m-%d}",
        }
        boss_of = supervisors_of(skill.worker, permission="dispatch.change_skill")
        for readers, link in (
            ({skill.worker.user_id}, phone_page(skill.worker)),
            (boss_of - {skill.worker.user_id}, reverse("dispatch_worker", args=[skill.worker_id])),
        ):
            recipients = [Recipient.staff(pk) for pk in sorted(readers)]
            key = f"certificate:{skill.pk}:{skill.expires_on:%Y%m%d}:{stage}"
            letters.append(Letter("W54", key, recipients, values, link=link))
    return post_many(letters, at=at)


def left_words(left: int) -> str:
    """How long it still holds: 还剩 12 天, 当日到期, 已过期 3 天."""
    if left < 0:
        return f"已过期 {-left} 天"
    return f"还剩 {left} 天" if left else "当日到期"
