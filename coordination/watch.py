"""Looks after open requests: half-time, the deadline, each day of a delay, each once (DI-11).

Like the watcher of the clocks: what is due is taken in batches under SKIP LOCKED, what passed
together in a stop is told once, and the key of each message names its stage and deadline.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from accounts.queries import staff_in_role
from coordination import letters, limits
from coordination.calendars import calendar_of, working_hours
from coordination.models import Request
from coordination.thread import Name, record
from notices.outbox import Letter, post_many
from tickets.actors import Actor

BATCH = 200
# Who is told as a delay goes on; `Request.escalated` counts along it.
CHAIN = ("supervisor", "manager")
STAGE_WORDS = {"half": "时间已过半，尚未回复", "due": "当日到期，尚未回复"}


def look(*, now: datetime, batch: int = BATCH) -> int:
    """Remind of everything that is due by now; returns how many requests that were."""
    total = 0
    while number := _one_batch(now, batch):
        total += number
    return total


@transaction.atomic
def _one_batch(now: datetime, batch: int) -> int:
    rows = Request.objects.select_for_update(skip_locked=True, of=("self",))
    related = ("counterpart", "estate", "owner", "ticket__fault")
    due = rows.select_related(*related).filter(next_look_at__lte=now).order_by("next_look_at", "pk")
    found = list(due[:batch])
    working = working_hours() if found else None
    written: list[Letter] = []
    for request in found:
        written += _remind(request, now)
        calendar = calendar_of(request.counterpart, known=working)
        request.next_look_at = limits.next_look(
            request.asked_at, request.due_at, after=now, calendar=calendar
        )
        request.escalated = max(request.escalated, limits.escalation(request.due_at, now))
    Request.objects.bulk_update(found, ["next_look_at", "escalated"])
    post_many((letter for letter in written if letter.recipients), at=now)
    return len(found)


def _remind(request: Request, now: datetime) -> Iterator[Letter]:
    stage = limits.stage(request.due_at, now)
    words = STAGE_WORDS.get(stage) or f"已逾期{limits.days_late(request.due_at, now)}天，尚未回复"
    told = [request.owner.full_name]
    yield letters.to_counterpart(request, cause=stage)
    yield letters.to_staff("X01", request, [request.owner_id], cause=stage, words=words)
    for step in range(request.escalated, limits.escalation(request.due_at, now)):
        people = list(staff_in_role(code=CHAIN[step], estate_id=request.estate_id))
        told += [person.full_name for person in people]
        yield letters.to_staff(
            "X02", request, [person.pk for person in people], cause=CHAIN[step], words=words
        )
    facts = [("已发给", letters.way(request)), ("已提醒", "、".join(dict.fromkeys(told)))]
    record(request=request, name=Name.REMINDED, by=Actor.system(), at=now, words=words, facts=facts)
