"""Every change to a cross-department request (DI-11).

Ask, remind, write the answer down, move the deadline or the person, end. Each act appends to the
request's thread, leaves its trace on the ticket, and says who must be told when.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.core.files.base import File

from accounts.models import User
from coordination import letters, limits, pauses, rules
from coordination.calendars import calendar_of
from coordination.models import Counterpart, Request, RequestEvent
from coordination.thread import Name, lock, record
from core.db import joined
from core.store import FileInfo
from core.templatetags.fangxiu import dated
from estates.models import Estate
from notices.outbox import Letter, post_many
from tickets import workflow
from tickets.actors import Actor
from tickets.calendars import WorkingHours
from tickets.models import Ticket

State = Request.State
Files = Sequence[tuple[File, FileInfo]]


@dataclass(frozen=True)
class Contact:
    """Whom to reach at the counterpart; every part may be empty."""

    unit: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class Asking:
    """What is asked of whom, and who of us runs after it; `due_at` None takes the usual limit."""

    estate: Estate
    counterpart: Counterpart
    asked: str
    owner: User
    contact: Contact = Contact()
    ticket: Ticket | None = None
    due_at: datetime | None = None
    pause: bool = False


@joined
def ask(*, asking: Asking, by: Actor, at: datetime) -> Request:
    """Open a request; the counterpart and its owner are told, the ticket says so and may be put aside.

    Raises PermissionDenied, workflow.StepTaken for a ticket that is over or has moved on, KeyError
    where the ticket's policy knows no such pause.
    """
    _require_work(asking, by)
    assert by.user is not None
    calendar = calendar_of(asking.counterpart)
    working = calendar if isinstance(calendar, WorkingHours) else None
    due_at = asking.due_at or limits.due(at, limit=asking.counterpart.limit, working=working)
    request = Request.objects.create(
        estate=asking.estate,
        ticket=asking.ticket,
        counterpart=asking.counterpart,
        asked=asking.asked.strip(),
        owner=asking.owner,
        **{f"contact_{part}": value for part, value in vars(asking.contact).items()},
        asked_by=by.user,
        asked_at=at,
        due_at=due_at,
        promised_at=due_at,
        pauses=asking.pause,
        next_look_at=limits.next_look(at, due_at, after=at, calendar=calendar),
    )
    facts = [*_facts(request), ("已发给", letters.way(request))]
    record(request=request, name=Name.ASKED, by=by, at=at, words=request.asked, facts=facts)
    _trace(request, "coordinate", f"{request.whom}：{request.asked}", by=by, at=at)
    if asking.pause:
        pauses.pause(request, by=by, at=at)
    _tell(_asked(request, by), at=at)
    return request


@joined
def remind(*, request: Request, means: str, words: str, send: bool, by: Actor, at: datetime) -> RequestEvent:
    """Somebody reminded the counterpart: by `means` (words such as 电话), and by N17 where `send`.

    Raises Moved when it was answered meanwhile, PermissionDenied.
    """
    request = lock(request, State.OPEN)
    _require_work(request, by)
    facts = [("方式", means), ("对方", request.contact_name or request.whom)]
    if send:
        facts.append(("已发给", letters.way(request)))
    event = record(request=request, name=Name.REMINDED, by=by, at=at, words=words, facts=facts)
    if send:
        _tell([letters.to_counterpart(request, cause=f"by-hand:{event.pk}")], at=at)
    return event


@joined
def answer(*, request: Request, words: str, files: Files, by: Actor, at: datetime) -> Request:
    """The counterpart's answer, typed in, with its papers; a ticket that waited for it goes on.

    Raises Moved when it was answered before, RefusedFile, PermissionDenied.
    """
    request = lock(request, State.OPEN)
    _require_work(request, by)
    request.state, request.answered_at, request.next_look_at = State.ANSWERED, at, None
    request.save(update_fields=["state", "answered_at", "next_look_at"])
    late = "晚于期限" if at > request.due_at else ""
    facts = [("附件", f"{len(files)}个" if files else ""), ("时限", late)]
    record(request=request, name=Name.ANSWERED, by=by, at=at, words=words, facts=facts, files=files)
    _trace(request, "coordinate_answer", f"{request.whom}：{words}", by=by, at=at)
    pauses.resume(request, at=at, why=f"{request.whom}已回复")
    if by.user != request.owner:
        told = letters.to_staff("X04", request, [request.owner_id], cause="answered", words=words[:200])
        _tell([told], at=at)
    return request


@joined
def change(
    *, request: Request, owner: User, due_at: datetime, reason: str, by: Actor, at: datetime
) -> Request:
    """Another deadline or another person of ours, and why; the first promise stays. Raises Moved."""
    request = lock(request, State.OPEN)
    _require_work(request, by)
    facts, handed = [], owner != request.owner
    if due_at != request.due_at:
        facts.append(("期限", f"{dated(request.due_at)} → {dated(due_at)}"))
    if handed:
        facts.append(("负责人", f"{request.owner.full_name} → {owner.full_name}"))
    if not facts:
        return request
    _due_anew(request, due_at, at=at)
    request.owner = owner
    request.save(update_fields=["owner", "due_at", "next_look_at", "escalated"])
    record(request=request, name=Name.CHANGED, by=by, at=at, words=reason, facts=facts)
    what = "，".join(f"{label} {value}" for label, value in facts)
    _trace(request, "coordinate_change", f"{request.whom}：{what}。{reason}", by=by, at=at)
    if handed and owner != by.user:
        _tell([letters.to_staff("X03", request, [owner.pk], cause=f"owner:{owner.pk}")], at=at)
    return request


@joined
def reopen(*, request: Request, due_at: datetime, reason: str, by: Actor, at: datetime) -> Request:
    """The answer does not do: the counterpart owes another by a new deadline. Raises Moved."""
    request = lock(request, State.ANSWERED)
    _require_work(request, by)
    request.state, request.answered_at, request.pauses = State.OPEN, None, False
    _due_anew(request, due_at, at=at)
    fields = ["state", "answered_at", "pauses", "due_at", "next_look_at", "escalated"]
    request.save(update_fields=fields)
    facts = [("新期限", dated(due_at)), ("已发给", letters.way(request))]
    event = record(request=request, name=Name.REOPENED, by=by, at=at, words=reason, facts=facts)
    _trace(request, "coordinate_change", f"{request.whom}的回复不够：{reason}", by=by, at=at)
    _tell([letters.to_counterpart(request, cause=f"reopened:{event.pk}")], at=at)
    return request


@joined
def end(*, request: Request, done: bool, words: str, by: Actor, at: datetime) -> Request:
    """Done once the answer was checked, or cancelled with a reason. Raises Moved.

    An open request cannot be done: the answer comes first.
    """
    request = lock(request, *([State.ANSWERED] if done else [State.OPEN, State.ANSWERED]))
    _require_work(request, by)
    request.state = State.DONE if done else State.CANCELLED
    request.ended_at, request.next_look_at = at, None
    request.save(update_fields=["state", "ended_at", "next_look_at"])
    name = Name.DONE if done else Name.CANCELLED
    record(request=request, name=name, by=by, at=at, words=words)
    what = f"{request.whom}：{name.label}。{words}"
    _trace(request, "coordinate_end", what, by=by, at=at)
    pauses.resume(request, at=at, why=f"协作单已{name.label}")
    return request


def _require_work(row: Request | Asking, by: Actor) -> None:
    probe = row if isinstance(row, Request) else Request(estate=row.estate)
    if not rules.may_work(probe, by):
        raise PermissionDenied("协作单由负责本项目工单的岗位办理。")


def _due_anew(request: Request, due_at: datetime, *, at: datetime) -> None:
    calendar = calendar_of(request.counterpart)
    if due_at != request.due_at:
        request.escalated = 0
    request.due_at = due_at
    request.next_look_at = limits.next_look(request.asked_at, due_at, after=at, calendar=calendar)


def _facts(request: Request) -> list[tuple[str, str]]:
    return [
        ("对象", request.whom),
        ("联系人", request.contact_name),
        ("期限", dated(request.due_at)),
        ("负责人", request.owner.full_name),
    ]


def _asked(request: Request, by: Actor) -> Iterable[Letter]:
    yield letters.to_counterpart(request, cause="asked")
    if request.owner != by.user:
        yield letters.to_staff("X03", request, [request.owner_id], cause=f"owner:{request.owner_id}")


def _tell(written: Iterable[Letter], *, at: datetime) -> None:
    post_many((letter for letter in written if letter.recipients), at=at)


def _trace(request: Request, name: str, words: str, *, by: Actor, at: datetime) -> None:
    """What the ticket's own history says of it."""
    if request.ticket is not None:
        payload = pauses.proof_of(request)
        request.ticket = workflow.note(
            ticket=request.ticket, name=name, by=by, at=at, reason=words[:500], payload=payload
        )
