"""Leave: a worker asks, a supervisor answers, and nobody forgets the visits in between (DI-08)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from accounts.models import User
from accounts.queries import everyone_with, staff_with
from core.db import joined
from dispatch.models import Leave, Visit, Worker
from dispatch.rosters import DAY, NOON
from notices.outbox import Recipient, post
from tickets.calendars import SHANGHAI

LONGEST = timedelta(days=120)
HOLDING = (Leave.State.ASKED, Leave.State.APPROVED)
PARTS = {"all": "全天", "morning": "上午", "afternoon": "下午"}


class LeaveRefused(ValueError):
    """The leave cannot be asked for or decided like that; the message says why in Chinese."""


def may_ask(user: User) -> bool:
    """Whether this user asks for leave on the phone: own workers do.

    When a company's people are away is the company's matter; it sees its tickets here, not our rosters
    (domain.md §7). What of it we must know for a suggestion, the desk writes down.
    """
    outside = user.has_perm("warranty.act_for_company") and not user.is_superuser
    return user.has_perm("tickets.work_ticket") and not outside


def phone_page(worker: Worker) -> str:
    """Where a message about roster or leave leads this worker."""
    return reverse("field_leave" if worker.employer == Worker.Employer.OWN else "field_home")


def span_of(first: date, last: date, part: str = "all") -> tuple[datetime, datetime]:
    """The half-open time of whole days, or of half of one day; `part` is a key of `PARTS`."""
    start, end = time.min if part != "afternoon" else NOON, last
    if part == "morning":
        return datetime.combine(first, start, SHANGHAI), datetime.combine(end, NOON, SHANGHAI)
    return datetime.combine(first, start, SHANGHAI), datetime.combine(end + DAY, time.min, SHANGHAI)


def span_words(leave: Leave) -> str:
    """11月26日 or 11月26日下午 or 11月26日–11月28日."""
    start, end = (moment.astimezone(SHANGHAI) for moment in (leave.span.lower, leave.span.upper))
    last = end - timedelta(seconds=1)
    words = f"{start.month}月{start.day}日" + ("下午" if start.time() == NOON else "")
    if start.date() == last.date():
        return words + ("上午" if end.time() == NOON else "")
    return f"{words}–{last.month}月{last.day}日" + ("上午" if end.time() == NOON else "")


@joined
def ask(*, worker: Worker, span: tuple[datetime, datetime], kind: str, reason: str, at: datetime) -> Leave:
    """Ask for leave; supervisors of the worker's estates are told. Raises LeaveRefused.

    A span that is over, longer than `LONGEST`, or that meets another leave asked for or approved is refused.
    """
    start, end = span
    if end <= start:
        raise LeaveRefused("结束日期不能早于开始日期。")
    if end <= at:
        raise LeaveRefused("这段时间已经过去，不能再请假。")
    if end - start > LONGEST:
        raise LeaveRefused(f"一次最多请 {LONGEST.days} 天。")
    try:
        with transaction.atomic():
            leave = Leave.objects.create(worker=worker, span=span, kind=kind, reason=reason, asked_at=at)
    except IntegrityError as error:
        raise LeaveRefused(f"与已有的请假重叠：{_overlapping(worker, span)}。") from error
    leave.refresh_from_db()
    values = {"工程师": str(worker), "时段": span_words(leave), "原因": reason, "数量": len(visits_in(leave))}
    _tell("W51", leave, deciders_of(worker) - {worker.user_id}, values, at, _page(leave))
    return leave


def _overlapping(worker: Worker, span: tuple[datetime, datetime]) -> str:
    rows = Leave.objects.filter(worker=worker, state__in=HOLDING, span__overlap=span)
    return "、".join(f"{span_words(row)}（{row.get_state_display()}）" for row in rows)


@joined
def withdraw(*, leave: Leave) -> Leave:
    """The worker needs it no longer. Raises LeaveRefused when it was refused or is withdrawn already."""
    leave = Leave.objects.select_for_update().get(pk=leave.pk)
    if leave.state not in HOLDING:
        raise LeaveRefused(f"这次请假{leave.get_state_display()}，不能撤回。")
    leave.state = Leave.State.WITHDRAWN
    leave.save(update_fields=["state"])
    return leave


@joined
def decide(*, leave: Leave, approve: bool, answer: str, by: User, at: datetime) -> Leave:
    """Say yes, or no with a reason; the worker is told, and the dispatchers of the visits in between.

    Raises LeaveRefused when somebody has decided already, for the own leave, or for a no without a reason.
    """
    leave = Leave.objects.select_for_update(of=("self",)).select_related("worker__user").get(pk=leave.pk)
    # A booking holds this row too: either it sees the leave, or the leave sees the visit.
    Worker.objects.select_for_update(of=("self",), no_key=True).get(pk=leave.worker_id)
    if leave.worker.user_id == by.pk:
        raise LeaveRefused("不能审批自己的请假。")
    if leave.state != Leave.State.ASKED:
        raise LeaveRefused(f"这次请假{leave.get_state_display()}，不用再审批。")
    if not approve and not answer.strip():
        raise LeaveRefused("不批准时请写明原因。")
    leave.state = Leave.State.APPROVED if approve else Leave.State.REFUSED
    leave.answer, leave.decided_by, leave.decided_at = answer.strip(), by, at
    leave.save(update_fields=["state", "answer", "decided_by", "decided_at"])
    words = {"时段": span_words(leave), "内容": leave.get_state_display(), "原因": leave.answer}
    _tell("W52", leave, {leave.worker.user_id}, words, at, phone_page(leave.worker))
    if approve and (visits := visits_in(leave)):
        _tell_dispatchers(leave, visits, at)
    return leave


def _tell_dispatchers(leave: Leave, visits: Sequence[Visit], at: datetime) -> None:
    readers = {
        pk
        for estate in {visit.ticket.estate_id for visit in visits}
        for pk in staff_with(permission="tickets.dispatch_ticket", estate_id=estate).values_list(
            "pk", flat=True
        )
    }
    values = {
        "工程师": str(leave.worker),
        "时段": span_words(leave),
        "数量": len(visits),
        "单号": "、".join(visit.ticket.number for visit in visits[:5]),
    }
    _tell("W53", leave, readers, values, at, reverse("dispatch_leaves") + "?tab=clash")


def visits_in(leave: Leave) -> list[Visit]:
    """The visits still booked in the time of a leave, in their order: each is to be moved or given away."""
    found = Visit.objects.filter(worker=leave.worker_id, state=Visit.State.BOOKED, window__overlap=leave.span)
    return list(found.select_related("ticket__estate", "worker__user").order_by("window"))


def clashing(at: datetime) -> QuerySet[Visit]:
    """Booked visits whose worker has approved leave then, until they are moved or given away."""
    leaves = Leave.objects.filter(
        worker=OuterRef("worker"), state=Leave.State.APPROVED, span__overlap=OuterRef("window")
    )
    return (
        Visit.objects.filter(Exists(leaves), state=Visit.State.BOOKED, window__endswith__gt=at)
        .select_related("ticket__estate", "ticket__fault", "worker__user")
        .order_by("window")
    )


def deciders_of(worker: Worker) -> set[int]:
    """Keys of the users who may decide on a leave of this worker."""
    return supervisors_of(worker, permission="dispatch.decide_leave")


def supervisors_of(worker: Worker, *, permission: str) -> set[int]:
    """Keys of the users with this permission who work for one of the worker's estates."""
    if worker.user.sees_all_estates:
        return set(everyone_with(permission=permission).values_list("pk", flat=True))
    return {
        pk
        for estate in worker.user.estates.values_list("pk", flat=True)
        for pk in staff_with(permission=permission, estate_id=estate).values_list("pk", flat=True)
    }


def _tell(template: str, leave: Leave, users: Iterable[int], values: dict, at: datetime, link: str) -> None:
    recipients = [Recipient.staff(pk) for pk in sorted(users)]
    post(
        template=template,
        key=f"leave:{leave.pk}:{leave.state}",
        recipients=recipients,
        values=values,
        at=at,
        link=link,
    )


def _page(leave: Leave) -> str:
    return reverse("dispatch_leave", args=[leave.pk])
