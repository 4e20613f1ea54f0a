"""Confirming a plan: each ticket goes through the one door by itself, and says what came of it (DI-10)."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import User
from core import queue
from core.db import joined
from dispatch import assign, proposals, visits
from dispatch.models import Worker
from planning import facts
from planning.edits import FIRM, Refused, locked
from planning.models import DayPlan, Placement
from planning.problem import plan_of, problem_of
from tickets import workflow
from tickets.actors import Actor
from tickets.models import Status, Ticket

State = Placement.State
TASK, CLUSTER = "planning.tasks.place", "long"
LOST = timedelta(minutes=10)


@joined
def confirm(*, plan: DayPlan, jobs: Collection[int] | None, version: int, by: User, at: datetime) -> int:
    """Have these tickets of the plan sent and booked in the background, None for all; returns how many.

    What was confirmed already is left alone. Raises edits.Overtaken, Refused when nothing is chosen.
    """
    plan = locked(plan, version)
    problem, content = problem_of(plan.problem), plan_of(plan.content)
    minutes = {each.key: each.minutes for each in problem.jobs}
    firm = set(plan.placements.filter(state__in=FIRM).values_list("ticket", flat=True))
    chosen = [
        (stop, route.worker)
        for route in content.routes.values()
        for stop in route.stops
        if stop.job not in firm and (jobs is None or stop.job in jobs)
    ]
    if not chosen:
        raise Refused("没有可确认的工单：请勾选还没有确认的安排。")
    for stop, worker in chosen:
        start = facts.moment(plan.day, stop.start)
        window = DateTimeTZRange(start, start + timedelta(minutes=minutes[stop.job]))
        row = {"worker_id": worker, "window": window, "state": State.WAITING, "words": "", "by": by, "at": at}
        Placement.objects.update_or_create(plan=plan, ticket_id=stop.job, defaults=row)
    queue.wake(TASK, plan.pk, cluster=CLUSTER)
    return len(chosen)


def place(*, plan_id: int, at: datetime) -> int:
    """Carry out what waits of a plan, ticket by ticket; returns how many. May run twice, even at once."""
    # In the order of tickets, as everything does that locks many (T46).
    waiting = Placement.objects.filter(plan=plan_id, state=State.WAITING).order_by("ticket")
    return sum(_carry_out(key, at) for key in waiting.values_list("pk", flat=True))


@transaction.atomic
def _carry_out(key: int, at: datetime) -> bool:
    rows = Placement.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
    placement = (
        rows.select_related("ticket", "worker__user", "by").filter(pk=key, state=State.WAITING).first()
    )
    if placement is None:
        return False
    try:
        with transaction.atomic():
            placement.state, placement.words = _settle(placement, at)
    except workflow.StepTaken as error:
        placement.state, placement.words = State.SKIPPED, _who_took(error)
    except (assign.NotEligible, visits.BadWindow, workflow.StepForbidden) as error:
        placement.state, placement.words = State.SKIPPED, str(error)
    except workflow.NotReady as error:
        names = "、".join(each.label for each in error.missing)
        placement.state, placement.words = State.SKIPPED, f"派单前还缺：{names}"
    placement.words, placement.done_at = placement.words[:300], at
    placement.save(update_fields=["state", "words", "done_at"])
    return True


def _settle(placement: Placement, at: datetime) -> tuple[str, str]:
    """Send what waits for somebody, book what its worker has taken; raises what the one door raises."""
    ticket, worker, by = workflow.lock(placement.ticket), placement.worker, Actor.staff(placement.by)
    if ticket.status in (Status.REGISTERED, Status.IN_REVIEW):
        _send(placement, ticket, by, at)
        return State.SENT, f"已派给{worker.user.full_name}，接单后自动预约"
    if ticket.handler_id != worker.user_id:
        raise workflow.StepTaken(ticket)
    if ticket.status == Status.DISPATCHED:
        return State.SENT, f"{worker.user.full_name}接单后自动预约"
    if ticket.status != Status.ACCEPTED:
        raise workflow.StepTaken(ticket)
    return _book(placement, ticket, by, at)


def _send(placement: Placement, ticket: Ticket, by: Actor, at: datetime) -> None:
    """As the reviewer's decision: the first choice approved, or another with the plan as reason."""
    proposal = proposals.ensure(ticket=ticket, at=at)
    start = placement.window.lower
    first = proposal.candidates[0]["worker"] if proposal.candidates else None
    if first == placement.worker_id:
        assign.approve(proposal=proposal, by=by, at=at, going_at=start)
        return
    reason = f"按{placement.plan.day.month}月{placement.plan.day.day}日整日排程"
    worker = Worker.objects.select_related("user").get(pk=placement.worker_id)
    assign.change(proposal=proposal, worker=worker, reason=reason, by=by, at=at, going_at=start)


def _book(placement: Placement, ticket: Ticket, by: Actor, at: datetime) -> tuple[str, str]:
    start, end = placement.window.lower, placement.window.upper
    visits.book(ticket=ticket, start=start, end=end, by=by, at=at)
    return State.BOOKED, f"已预约 {visits.window_words(start, end)}"


def _who_took(error: workflow.StepTaken) -> str:
    last, ticket = error.last, error.ticket
    holder = f"，在{ticket.handler.full_name}手上" if ticket.handler else ""
    name = last.actor_name if last else "他人"
    return f"{name}已先办理，工单现为{ticket.get_status_display()}{holder}"


@joined
def book_accepted(*, ticket: Ticket, at: datetime) -> str:
    """After its worker took a ticket: book the window confirmed with the plan, unless it is too late."""
    found = Placement.objects.select_for_update(of=("self",), no_key=True).filter(
        ticket=ticket, state=State.SENT, worker__user=ticket.handler_id
    )
    placement = found.select_related("ticket", "worker__user", "by", "plan").order_by("-at").first()
    if placement is None or ticket.status != Status.ACCEPTED:
        return "没有待预约的排程"
    try:
        with transaction.atomic():
            placement.state, placement.words = _book(placement, ticket, Actor.staff(placement.by), at)
    except (visits.BadWindow, workflow.StepTaken, workflow.StepForbidden) as error:
        placement.state, placement.words = State.SKIPPED, f"已派单，未能预约：{error}"[:300]
    placement.done_at = at
    placement.save(update_fields=["state", "words", "done_at"])
    return placement.words


def sweep(*, at: datetime) -> int:
    """Wake again what was confirmed and whose job was lost; returns how many plans."""
    plans: Sequence[int] = list(
        Placement.objects.filter(state=State.WAITING, at__lt=at - LOST)
        .values_list("plan", flat=True)
        .distinct()
    )
    for key in plans:
        queue.wake(TASK, key, cluster=CLUSTER)
    return len(plans)
