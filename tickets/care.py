"""The housekeeper's one-to-one follow-up for owners who need more care (IN-09)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from accounts.queries import staff_in_role
from core.db import joined
from core.rows import insert
from core.templatetags.fangxiu import dated, when
from notices.outbox import Recipient, post
from tickets import workflow
from tickets.actors import Actor
from tickets.models import CareTask, Ticket
from tickets.naming import about

MAY = "tickets.do_care_task"
HOUSEKEEPER = "housekeeper"
# Until when somebody has spoken with the owner: urgent tickets the same hour, others within a day.
LIMITS = {1: timedelta(hours=1), 2: timedelta(hours=4)}
LIMIT = timedelta(hours=24)


class AlreadyDone(Exception):
    """Somebody wrote it down before; carries who and when."""

    def __init__(self, task: CareTask):
        super().__init__(f"{task.done_by.full_name}已于{when(task.done_at)}跟进。")
        self.task = task


@joined
def open_task(*, ticket: Ticket, flags: Sequence[str], at: datetime) -> CareTask:
    """Ask the estate's housekeepers to look after the owner of a new ticket; they are told."""
    task = insert(
        CareTask(
            ticket=ticket,
            estate_id=ticket.estate_id,
            flags="、".join(flags)[:100],
            due_at=at + LIMITS.get(ticket.level, LIMIT),
            created_at=at,
        )
    )
    housekeepers = staff_in_role(code=HOUSEKEEPER, estate_id=ticket.estate_id)
    post(
        template="W24",
        key=f"care:{ticket.pk}",
        recipients=[Recipient.staff(pk) for pk in housekeepers.values_list("pk", flat=True)],
        values=about(ticket) | {"原因": task.flags, "截止": dated(task.due_at)},
        at=at,
        ticket_id=ticket.pk,
        link=reverse("desk_care_task", args=[task.pk]),
    )
    return task


@joined
def finish(*, task: CareTask, note: str, by: Actor, at: datetime) -> CareTask:
    """The owner was looked after: what was said goes into the ticket's history. Raises AlreadyDone."""
    task = CareTask.objects.select_for_update(of=("self",)).select_related("ticket").get(pk=task.pk)
    if task.done_at:
        raise AlreadyDone(task)
    workflow.note(ticket=task.ticket, name="care", by=by, at=at, reason=note)
    task.done_at, task.done_by, task.note = at, by.user, note
    task.save(update_fields=["done_at", "done_by", "note"])
    return task


def waiting(user: User) -> QuerySet[CareTask]:
    """Tasks of the user's estates that nobody has done, the most urgent first."""
    rows = CareTask.objects.visible_to(user).filter(done_at__isnull=True)
    return rows.select_related("ticket__fault", "estate").order_by("due_at", "pk")
