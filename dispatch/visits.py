"""Windows agreed with the owner: book, move, arrive, nobody home; no worker in two places at once (DI-07)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F, QuerySet
from django.utils.timezone import localdate

from core.db import joined
from dispatch.models import Leave, Visit, Worker
from tickets import fieldwork, workflow
from tickets.actors import Actor
from tickets.calendars import SHANGHAI
from tickets.models import Status, Ticket

OPENS, CLOSES, SLOT = 8, 20, timedelta(hours=2)
# A window that is nearly over promises nothing.
LEFT = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
AHEAD = timedelta(days=90)
# After these somebody sets out anew.
SETS_OUT_ANEW = ("accept", "schedule", "reschedule", "no_access", "dispatch", "reassign")
HOLDING = [Visit.State.BOOKED, Visit.State.DONE]


class BadWindow(ValueError):
    """The window cannot be agreed; the message says why in Chinese."""


class DoubleBooked(BadWindow):
    """The worker is taken in this window; the message names worker, time and ticket of the clash."""


@dataclass(frozen=True)
class Slot:
    """A window to offer: `state` is free, taken, away (on leave) or past; `taken_by` names the ticket."""

    start: datetime
    end: datetime
    state: str
    taken_by: str = ""

    @property
    def label(self) -> str:
        """14:00–16:00"""
        return f"{_local(self.start):%H:%M}–{_local(self.end):%H:%M}"


@joined
def book(*, ticket: Ticket, start: datetime, end: datetime, by: Actor, at: datetime) -> Visit:
    """Agree on a window for the ticket's worker; the ticket is then 已预约.

    Raises BadWindow, DoubleBooked, workflow.StepTaken or StepForbidden.
    """
    ticket = workflow.require(ticket=ticket, name="schedule", by=by)
    release(ticket=ticket, reason="重新预约")
    visit = _take(ticket, start, end, at)
    workflow.step(ticket=ticket, name="schedule", by=by, at=at, payload=window_payload(start, end))
    return visit


@joined
def move(*, ticket: Ticket, start: datetime, end: datetime, reason: str, by: Actor, at: datetime) -> Visit:
    """Agree on another window and say why; the old one is kept as moved.

    Raises BadWindow, DoubleBooked, workflow.ReasonMissing, StepTaken or StepForbidden.
    """
    ticket = workflow.require(ticket=ticket, name="reschedule", by=by)
    _booked(ticket).update(state=Visit.State.MOVED, reason=reason.strip())
    visit = _take(ticket, start, end, at)
    workflow.step(
        ticket=ticket, name="reschedule", by=by, at=at, reason=reason, payload=window_payload(start, end)
    )
    return visit


@joined
def depart(*, ticket: Ticket, by: Actor, at: datetime) -> Ticket:
    """The worker sets out; the owner is told, with the window where one is agreed.

    Raises workflow.StepTaken when they have set out already, or StepForbidden.
    """
    ticket = workflow.lock(ticket)
    if has_departed(ticket):
        raise workflow.StepTaken(ticket)
    visit = _booked(ticket).first()
    payload = {"window": window_words(visit.window.lower, visit.window.upper)} if visit else {}
    return workflow.note(ticket=ticket, name="depart", by=by, at=at, payload=payload)


def has_departed(ticket: Ticket) -> bool:
    """Whether the worker is on the way: nothing of another visit or another worker has happened since."""
    last = ticket.events.filter(name__in=["depart", *SETS_OUT_ANEW]).order_by("-seq").first()
    return last is not None and last.name == "depart"


@joined
def arrive(*, ticket: Ticket, photos: Sequence[Any], by: Actor, at: datetime, note: str = "") -> Ticket:
    """The worker is on site with a photo; the visit is done, or moved if it was for another day (EX-01)."""
    ticket = fieldwork.arrive(ticket=ticket, photos=photos, by=by, at=at, note=note)
    visit = _booked(ticket).first()
    if visit is None:
        return ticket
    today = localdate(at, SHANGHAI)
    planned = localdate(visit.window.lower, SHANGHAI)
    # A window of another day must not stay taken by work that is done.
    visit.state = Visit.State.DONE if planned == today else Visit.State.MOVED
    visit.reason = "" if planned == today else "与业主商定后在其他日期到场"
    visit.arrived_at = at
    visit.save(update_fields=["state", "reason", "arrived_at"])
    return ticket


@joined
def no_access(
    *, ticket: Ticket, photos: Sequence[Any], reason: str, by: Actor, at: datetime, called: str = ""
) -> Ticket:
    """Nobody opened, with a photo, words and who was `called`; a new window must be agreed (EX-11)."""
    ticket = fieldwork.no_access(ticket=ticket, photos=photos, by=by, at=at, reason=reason, called=called)
    _booked(ticket).update(state=Visit.State.NO_ACCESS, reason=reason.strip(), arrived_at=at)
    return ticket


@joined
def release(*, ticket: Ticket, reason: str) -> int:
    """Cancel the ticket's booked visit, if any; gives back how many there were."""
    return _booked(ticket).update(state=Visit.State.CANCELLED, reason=reason)


def free_windows(worker: Worker, day: date, *, at: datetime, ticket: Ticket | None = None) -> list[Slot]:
    """The two-hour windows of a day from 08:00 to 20:00 (Shanghai), taken and past ones marked.

    The visit of `ticket` itself takes nothing: it is the one about to be moved.
    """
    opens = datetime.combine(day, time(OPENS), SHANGHAI)
    closes = datetime.combine(day, time(CLOSES), SHANGHAI)
    taken = _holding(worker, opens, closes).select_related("ticket")
    if ticket is not None:
        taken = taken.exclude(ticket=ticket, state=Visit.State.BOOKED)
    visits = list(taken)
    leaves = list(_leaves(worker, opens, closes).values_list("span", flat=True))
    slots = []
    for start in (opens + SLOT * n for n in range((CLOSES - OPENS) // 2)):
        clash = next((v for v in visits if v.window.lower < start + SLOT and v.window.upper > start), None)
        state = "taken" if clash else "free"
        if any(span.lower < start + SLOT and span.upper > start for span in leaves):
            state = "away"
        if start + SLOT - at < LEFT:
            state = "past"
        slots.append(Slot(start, start + SLOT, state, clash.ticket.number if clash else ""))
    return slots


def window_words(start: datetime, end: datetime) -> str:
    """11月22日 14:00–16:00; the second day is named where the window passes midnight."""
    start, end = _local(start), _local(end)
    until = f"{end:%H:%M}" if end.date() == start.date() else f"{end.month}月{end.day}日 {end:%H:%M}"
    return f"{start.month}月{start.day}日 {start:%H:%M}–{until}"


def clock_words(at: datetime) -> str:
    """11月22日 14:05, the local time."""
    local = _local(at)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def window_payload(start: datetime, end: datetime) -> dict[str, str]:
    """What the event keeps of a window: words for people, ISO times for clocks."""
    return {
        "window": window_words(start, end),
        "from": _local(start).isoformat(),
        "until": _local(end).isoformat(),
    }


def _take(ticket: Ticket, start: datetime, end: datetime, at: datetime) -> Visit:
    _check_window(start, end, at)
    worker = Worker.objects.filter(user=ticket.handler_id).select_related("user").first()
    if worker is None:
        raise BadWindow("处理人没有维修人员档案，不能预约时段。")
    # Two bookings of one worker queue up here instead of meeting in the constraint.
    Worker.objects.select_for_update(of=("self",), no_key=True).get(pk=worker.pk)
    _drop_leftovers(worker)
    if _leaves(worker, start, end).exists():
        raise BadWindow(f"{worker.user.full_name}这段时间请假，请选择其他时段或改派。")
    clash = _clash(worker, start, end)
    if clash:
        raise DoubleBooked(clash)
    try:
        # A savepoint, so that the words of the clash can still be read.
        with transaction.atomic():
            return Visit.objects.create(
                ticket=ticket, worker=worker, window=DateTimeTZRange(start, end), created_at=at
            )
    except IntegrityError as error:
        clash = _clash(worker, start, end)
        if not clash:
            raise
        raise DoubleBooked(clash) from error


def _check_window(start: datetime, end: datetime, at: datetime) -> None:
    if end <= start:
        raise BadWindow("结束时间必须晚于开始时间。")
    if end - start > LONGEST:
        raise BadWindow("一次预约最长 12 小时。")
    if end - at < LEFT:
        raise BadWindow("该时段已经过去或即将结束，请选择之后的时段。")
    if start - at > AHEAD:
        raise BadWindow("最多可预约 90 天以内的时段。")


def _clash(worker: Worker, start: datetime, end: datetime) -> str:
    visit = _holding(worker, start, end).select_related("ticket").first()
    if visit is None:
        return ""
    words = window_words(visit.window.lower, visit.window.upper)
    return f"{worker.user.full_name}在 {words} 已有预约（{visit.ticket.number}），请选择其他时段。"


def _leaves(worker: Worker, start: datetime, end: datetime) -> QuerySet[Leave]:
    return Leave.objects.filter(
        worker=worker, state=Leave.State.APPROVED, span__overlap=DateTimeTZRange(start, end)
    )


def _holding(worker: Worker, start: datetime, end: datetime):
    return Visit.objects.filter(
        worker=worker, state__in=HOLDING, window__overlap=DateTimeTZRange(start, end)
    ).order_by("window")


def _drop_leftovers(worker: Worker) -> None:
    """Free windows of tickets that are no longer this worker's or have ended without a word to us."""
    booked = Visit.objects.filter(worker=worker, state=Visit.State.BOOKED)
    mine = booked.filter(
        ticket__handler=F("worker__user"), ticket__status__in=[Status.SCHEDULED, Status.SUSPENDED]
    )
    booked.exclude(pk__in=mine.values("pk")).update(
        state=Visit.State.CANCELLED, reason="工单已不在该师傅手上"
    )


def _booked(ticket: Ticket):
    return Visit.objects.filter(ticket=ticket, state=Visit.State.BOOKED)


def _local(moment: datetime) -> datetime:
    return moment.astimezone(SHANGHAI)
