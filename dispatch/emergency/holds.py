"""Pausing tickets and letting them go, in batches that several workers share (DI-09, SL-04).

A batch is one transaction: its tickets, their rows in `Held` and the messages come together or not at
all, so that a killed worker leaves nothing half done and the next one goes on where it stopped.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max, Q

from core import queue
from core.db import joined
from core.rows import insert_all, update_all
from core.templatetags.fangxiu import dated
from dispatch.emergency import reach, telling
from dispatch.models import Activation, Held, Visit
from tickets import batches, pausing, rules, workflow
from tickets.actors import Actor
from tickets.models import Status, Ticket, TicketEvent

BATCH = 100
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
    tickets = batches.lock_all([each.pk for each in found.only("pk")[:batch]])
    if not tickets:
        return 0
    last = _last_events(tickets)
    moments = {key: max(current.started_at, at) for key, at in last.items()}
    _suspend(current, tickets, moments)
    free_windows(current, list(moments))
    insert_all(
        [
            Held(activation=current, ticket=ticket, paused_at=moments[ticket.pk], told=current.announced)
            for ticket in tickets
        ]
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


def _suspend(activation: Activation, tickets: Sequence[Ticket], moments: Mapping[int, datetime]) -> None:
    """Put tickets aside: the activation with its publisher and its end is the evidence (SL-04)."""
    commander = activation.commander.full_name
    payload = {
        "pause": rules.HELD,
        "pause_label": pausing.REASONS[rules.HELD].label,
        "emergency": activation.pk,
        "publisher": commander,
        "until": activation.ends_at.isoformat(),
    }
    reason = (
        f"{activation.plan.name}应急，至{dated(activation.ends_at)}，{commander}发布：{activation.reason}"
    )
    values = {"code": rules.HELD}
    takes = [batches.Take(ticket, moments[ticket.pk], reason, payload, values) for ticket in tickets]
    batches.step(name="suspend", takes=takes, by=MACHINE)


def free_windows(activation: Activation, ticket_ids: Sequence[int]) -> int:
    """Give back the booked windows that begin before the end: nobody will come; returns how many."""
    booked = Visit.objects.filter(ticket__in=ticket_ids, state=Visit.State.BOOKED)
    before = booked.filter(window__startswith__lt=activation.ends_at)
    return before.update(state=Visit.State.CANCELLED, reason=f"{activation.plan.name}应急暂停")


@transaction.atomic
def _let_go(activation: Activation, at: datetime, batch: int) -> int:
    held = Held.objects.filter(activation=activation, state=State.PAUSED).order_by("ticket_id")
    rows = list(held.select_for_update(skip_locked=True, of=("self",))[:batch])
    reason = f"{activation.plan.name}应急结束"
    for row in rows:
        row.state, row.resumed_at = State.RESUMED, max(activation.until, row.paused_at or activation.until)
    update_all(rows, ["state", "resumed_at"])
    telling.let_go(activation, _resume(rows, MACHINE, reason=reason), at=at)
    return len(rows)


def _tickets(rows: Sequence[Held]) -> dict[int, Ticket]:
    found = Ticket.objects.filter(pk__in=[row.ticket_id for row in rows])
    return found.select_related("estate", "fault").in_bulk()


def _resume(rows: Sequence[Held], by: Actor, *, reason: str) -> list[Ticket]:
    """Take up again what these rows held, each at its moment; not what was let go before."""
    moments = {row.ticket_id: row.resumed_at for row in rows}
    locked = batches.lock_all(moments)
    tickets = [
        each for each in locked if each.status == Status.SUSPENDED and each.suspended_for == rules.HELD
    ]
    booked = _with_a_window(tickets)
    takes = []
    for ticket in tickets:
        payload = {"emergency": rows[0].activation_id}
        values = {"to": _back_to(ticket, booked)}
        takes.append(batches.Take(ticket, moments[ticket.pk], reason, payload, values))
    for ticket in batches.step(name="resume", takes=takes, by=by):
        if ticket.status == Status.REGISTERED:
            # Nobody has thought of a worker yet.
            queue.wake(PROPOSE, ticket.pk)
    return tickets


def _with_a_window(tickets: Sequence[Ticket]) -> set[int]:
    keys = [each.pk for each in tickets if each.suspended_from == Status.SCHEDULED]
    booked = Visit.objects.filter(ticket__in=keys, state=Visit.State.BOOKED) if keys else Visit.objects.none()
    return set(booked.values_list("ticket", flat=True))


def _back_to(ticket: Ticket, booked: Collection[int]) -> str:
    """Where it goes on; without the window that was agreed a new one must be found first."""
    gone = ticket.suspended_from == Status.SCHEDULED and ticket.pk not in booked
    return Status.ACCEPTED if gone else ticket.suspended_from


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
    # As the schedule locks them: what is held first, its ticket then.
    Held.objects.select_for_update().filter(activation=activation, ticket=ticket).first()
    ticket = workflow.lock(ticket)
    row, _ = Held.objects.select_for_update().get_or_create(
        activation=activation, ticket=ticket, defaults={"state": State.EXCEPTED, "paused_at": None}
    )
    if row.state == State.RESUMED or row.excepted_by_id:
        raise NotHeld("这张工单已经恢复办理。")
    row.excepted_by, row.reason = by.user, reason.strip()
    # The machine lets go what only it may hold; the event names who wanted it.
    actor = Actor.system(f"{by.name}（应急例外）")
    _except(activation, row, actor, reason, at)
    return Ticket.objects.get(pk=ticket.pk)


def _except(activation: Activation, row: Held, by: Actor, reason: str, at: datetime) -> bool:
    row.state, row.resumed_at = State.EXCEPTED, max(at, row.paused_at or at)
    row.save(update_fields=["state", "resumed_at", "excepted_by", "reason"])
    going = _resume([row], by, reason=reason)
    telling.let_go(activation, going, at=at, cause=f"ticket{row.ticket_id}")
    return bool(going)


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
    row.reason = f"已升为{row.ticket.level}级或灾害类故障"
    return _except(activation, row, MACHINE, row.reason, at)
