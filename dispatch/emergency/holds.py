"""Pausing tickets and letting them go, in batches that several workers share (DI-09, SL-04).

A batch is one transaction: its tickets, their rows in `Held` and the messages come together or not at
all, so that a killed worker leaves nothing half done and the next one goes on where it stopped.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max, Q

from core import queue
from core.db import joined
from core.templatetags.fangxiu import when
from dispatch.emergency import reach, telling
from dispatch.models import Activation, Held, Visit
from tickets import clock_store, pausing, rules, workflow
from tickets.actors import Actor
from tickets.models import Status, Ticket, TicketEvent

BATCH = 25
# A job is killed after 60 seconds; what is left waits for the next one.
SECONDS = 40.0
HELPERS = (1, 2)
MACHINE = Actor.system("应急模式")
PROPOSE = "dispatch.tasks.propose"
State = Held.State


class NotHeld(Exception):
    """The ticket cannot be excepted: the emergency does not hold it, or it has been let go."""


def hold_all(activation: Activation, *, at: datetime, batch: int = BATCH) -> int:
    """Pause what this activation should hold, batch by batch; returns how many tickets that were."""
    return _batches(lambda: _hold(activation, at, batch))


def hold_one(activation: Activation, ticket: Ticket, *, at: datetime) -> bool:
    """Pause this ticket if the activation holds its kind and has not seen it; whether it did."""
    return _hold(activation, at, 1, pk=ticket.pk) == 1


def let_go_all(activation: Activation, *, at: datetime, batch: int = BATCH) -> int:
    """Take up again what an ended activation held, each at the moment of the end; returns how many."""
    return _batches(lambda: _let_go(activation, at, batch))


def announce_all(activation: Activation, *, at: datetime, batch: int = 500) -> int:
    """Tell the owners of paused tickets who have not heard of the newest end; returns how many."""
    return _batches(lambda: _announce(activation, at, batch))


def _batches(one: Callable[[], int]) -> int:
    until, total = time.monotonic() + SECONDS, 0
    while number := one():
        total += number
        if time.monotonic() > until:
            break
    return total


@transaction.atomic
def _hold(activation: Activation, at: datetime, batch: int, **only: int) -> int:
    current = _in_force(activation)
    if current is None:
        return 0
    found = (
        reach.to_hold(current).filter(**only).select_for_update(of=("self",), skip_locked=True, no_key=True)
    )
    tickets = list(found.select_related("estate", "fault", "policy")[:batch])
    last = _last_events(tickets)
    moments = {key: max(current.started_at, at) for key, at in last.items()}
    with clock_store.together():
        for ticket in tickets:
            _suspend(current, ticket, moments[ticket.pk])
    free_windows(current, list(moments))
    Held.objects.bulk_create(
        Held(activation=current, ticket=ticket, paused_at=moments[ticket.pk], told=current.announced)
        for ticket in tickets
    )
    telling.paused(current, tickets, at=at)
    return len(tickets)


def _in_force(activation: Activation) -> Activation | None:
    """The activation as it stands, held until the transaction ends; None when it holds nothing (more)."""
    with connection.cursor() as cursor:
        # Shared among workers; only the verbs that end or move it wait for the batch.
        cursor.execute(
            f"SELECT 1 FROM {Activation._meta.db_table} WHERE id = %s FOR KEY SHARE", [activation.pk]
        )
    found = Activation.objects.filter(pk=activation.pk, state=Activation.State.ACTIVE, drill=False)
    return found.select_related("plan", "commander").first()


def _last_events(tickets: Sequence[Ticket]) -> dict[int, datetime]:
    rows = TicketEvent.objects.filter(ticket__in=[each.pk for each in tickets])
    return dict(rows.order_by().values_list("ticket").annotate(Max("at")))


def _suspend(activation: Activation, ticket: Ticket, at: datetime) -> None:
    """Put one ticket aside: the activation with its publisher and its end is the evidence (SL-04)."""
    commander = activation.commander.full_name
    workflow.step(
        ticket=ticket,
        name="suspend",
        by=MACHINE,
        at=at,
        code=rules.HELD,
        reason=f"{activation.plan.name}应急，至{when(activation.ends_at)}，{commander}发布：{activation.reason}",
        payload={
            "pause": rules.HELD,
            "pause_label": pausing.REASONS[rules.HELD].label,
            "emergency": activation.pk,
            "publisher": commander,
            "until": activation.ends_at.isoformat(),
        },
    )


def free_windows(activation: Activation, ticket_ids: Sequence[int]) -> int:
    """Give back the booked windows that begin before the end: nobody will come; returns how many."""
    booked = Visit.objects.filter(ticket__in=ticket_ids, state=Visit.State.BOOKED)
    before = booked.filter(window__startswith__lt=activation.ends_at)
    return before.update(state=Visit.State.CANCELLED, reason=f"{activation.plan.name}应急暂停")


@transaction.atomic
def _let_go(activation: Activation, at: datetime, batch: int) -> int:
    held = Held.objects.filter(activation=activation, state=State.PAUSED).order_by("ticket_id")
    rows = list(held.select_for_update(skip_locked=True, of=("self",))[:batch])
    tickets = _tickets(rows)
    reason = f"{activation.plan.name}应急结束"
    with clock_store.together():
        told = [
            tickets[row.ticket_id]
            for row in rows
            if _resume(tickets[row.ticket_id], row, MACHINE, activation.until, reason=reason)
        ]
    telling.let_go(activation, told, at=at)
    return len(rows)


def _tickets(rows: Sequence[Held]) -> dict[int, Ticket]:
    found = Ticket.objects.filter(pk__in=[row.ticket_id for row in rows])
    return found.select_related("estate", "fault").in_bulk()


def _resume(
    ticket: Ticket, row: Held, by: Actor, at: datetime, *, reason: str, state: str = State.RESUMED
) -> bool:
    """Take one ticket up again at `at`; False when somebody had taken it from the pause already."""
    row.state, row.resumed_at = state, max(at, row.paused_at or at)
    row.save(update_fields=["state", "resumed_at", "excepted_by", "reason"])
    ticket = workflow.lock(ticket)
    if ticket.status != Status.SUSPENDED or ticket.suspended_for != rules.HELD:
        return False
    to = _back_to(ticket)
    payload = {"emergency": row.activation_id}
    workflow.step(
        ticket=ticket, name="resume", by=by, at=row.resumed_at, reason=reason, payload=payload, to=to
    )
    if to == Status.REGISTERED:
        # Nobody has thought of a worker yet.
        queue.wake(PROPOSE, ticket.pk)
    return True


def _back_to(ticket: Ticket) -> str:
    """Where it goes on; without the window that was agreed a new one must be found first."""
    came_from = ticket.suspended_from
    gone = came_from == Status.SCHEDULED and not ticket.visits.filter(state=Visit.State.BOOKED).exists()
    return Status.ACCEPTED if gone else came_from


@transaction.atomic
def _announce(activation: Activation, at: datetime, batch: int) -> int:
    current = _in_force(activation)
    if current is None:
        return 0
    held = Held.objects.filter(activation=current, state=State.PAUSED, told__lt=current.announced)
    rows = list(held.order_by("ticket_id").select_for_update(skip_locked=True, of=("self",))[:batch])
    telling.moved(current, list(_tickets(rows).values()), at=at)
    Held.objects.filter(pk__in=[row.pk for row in rows]).update(told=current.announced)
    return len(rows)


@joined
def let_one_go(*, activation: Activation, ticket: Ticket, reason: str, by: Actor, at: datetime) -> Ticket:
    """Except one ticket from the emergency: it goes on, or is never paused (DI-09).

    Raises workflow.StepForbidden without the right to dispatch it, workflow.ReasonMissing, NotHeld when
    the emergency is over or has let it go already.
    """
    if not rules.may_dispatch(ticket, by):
        raise workflow.StepForbidden("您的岗位不能批准例外。")
    if not reason.strip():
        raise workflow.ReasonMissing("例外办理")
    if _in_force(activation) is None or not activation.estates.filter(pk=ticket.estate_id).exists():
        raise NotHeld("这项应急已经结束，或不涉及本项目。")
    ticket = workflow.lock(ticket)
    row, _ = Held.objects.select_for_update().get_or_create(
        activation=activation, ticket=ticket, defaults={"state": State.EXCEPTED, "paused_at": None}
    )
    if row.state == State.RESUMED or row.excepted_by_id:
        raise NotHeld("这张工单已经恢复办理。")
    row.excepted_by, row.reason = by.user, reason.strip()
    # The machine lets go what only it may hold; the event names who wanted it.
    actor = Actor.system(f"{by.name}（应急例外）")
    if _resume(ticket, row, actor, at, reason=reason, state=State.EXCEPTED):
        full = Ticket.objects.select_related("estate", "fault").get(pk=ticket.pk)
        telling.let_go(activation, [full], at=at, cause=f"ticket{ticket.pk}")
    return Ticket.objects.get(pk=ticket.pk)


def let_raised_go(activation: Activation, *, at: datetime) -> int:
    """What became urgent or a disaster fault while it was paused goes on at once; returns how many."""
    raised = Q(ticket__level__lt=reach.RELAXED) | Q(ticket__fault__in=activation.plan.faults.values("pk"))
    held = Held.objects.filter(raised, activation=activation, state=State.PAUSED).order_by("ticket_id")
    return sum(_let_raised_go(activation, row.pk, at) for row in held)


@transaction.atomic
def _let_raised_go(activation: Activation, pk: int, at: datetime) -> bool:
    row = Held.objects.select_for_update(skip_locked=True).filter(pk=pk, state=State.PAUSED).first()
    if row is None:
        return False
    ticket = Ticket.objects.select_related("estate", "fault").get(pk=row.ticket_id)
    row.reason = f"已升为{ticket.level}级或灾害类故障"
    going = _resume(ticket, row, MACHINE, at, reason=row.reason, state=State.EXCEPTED)
    if going:
        telling.let_go(activation, [ticket], at=at, cause=f"ticket{ticket.pk}")
    return going
