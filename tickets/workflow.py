"""The one door for a ticket's state (design.md).

Pages, admin actions, tasks, imports and sensors all come through `step` and
`note`. Each locks the row, checks who may, moves the machine, appends the
event, moves holder and clocks, and writes the messages, in one transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django_fsm import can_proceed, has_transition_perm

from core import queue
from core.db import joined
from core.rows import Query, build, insert
from tickets import clock_store, holding, kinds, messages, openings, requirements, rules
from tickets.actors import Actor
from tickets.clocks import Fact
from tickets.models import Clock, PolicyVersion, Ticket, TicketEvent
from tickets.models.machine import ORDER
from tickets.states import ENDED, URGEABLE, WITH_WORKER, Status


class StepTaken(Exception):
    """The ticket has moved on; carries it and its last event, for a page that says who and when."""

    def __init__(self, ticket: Ticket):
        super().__init__(f"{ticket.number} 已不在这一步")
        self.ticket = ticket
        self.last = ticket.events.order_by("-seq").select_related("actor").first()


class ReasonMissing(ValueError):
    """The step asks for a reason and got none."""


NotReady = requirements.NotReady


class StepForbidden(PermissionDenied):
    """This actor may not take this step."""


@dataclass(frozen=True)
class StepButton:
    """A step that an actor may take now, with the words for its button."""

    name: str
    label: str
    tone: str
    reason: bool
    needs: str


@dataclass(frozen=True)
class Note:
    """Something that happens to a ticket without moving it."""

    label: str
    rule: rules.Rule
    statuses: tuple[str, ...] | None = None
    reason: bool = False


BEFORE_DISPATCH = (Status.INCOMPLETE, Status.REGISTERED, Status.IN_REVIEW)
# Where something can still be written down or raised: everywhere but behind the end.
NOT_OVER = tuple(status for status in Status if status not in ENDED)
MAY_RAISE = rules.any_of(rules.may_triage, rules.may_dispatch, rules.may_supervise, rules.is_system)
NOTES = {
    "contact": Note(
        "联系业主",
        rules.any_of(rules.is_handler, rules.may_dispatch),
        (Status.DISPATCHED, Status.ACCEPTED, Status.SCHEDULED, Status.SURVEYING),
    ),
    "depart": Note("出发", rules.is_handler, (Status.ACCEPTED, Status.SCHEDULED)),
    "contain": Note(
        "应急止损", rules.is_handler, (Status.SURVEYING, Status.OWNER_CONSENT, Status.PLAN_REVIEW)
    ),
    "comment": Note("备注", rules.any_of(rules.works_on_tickets, rules.is_handler, rules.is_owner)),
    # The system brings what a message of the owner's still had to fetch.
    "add_evidence": Note(
        "补充照片",
        rules.any_of(
            rules.works_on_tickets, rules.is_handler, rules.is_owner, rules.took_it, rules.is_system
        ),
    ),
    "change_level": Note(
        "调整级别", rules.any_of(rules.may_triage, rules.may_dispatch, rules.is_system), NOT_OVER, reason=True
    ),
    "fill_sheet": Note("补充资料", rules.any_of(rules.may_fill_sheets, rules.is_handler), NOT_OVER),
    "contact_caller": Note("联系核实", rules.may_answer, (Status.REGISTERED,)),
    "raise_important": Note("转为重要", MAY_RAISE, NOT_OVER, reason=True),
    "raise_accident": Note("转为事故", MAY_RAISE, NOT_OVER, reason=True),
    "lower_class": Note("降低类别", rules.may_lower, NOT_OVER, reason=True),
    "ask_overrun": Note("提请超期审批", rules.is_system, NOT_OVER),
    "decide_overrun": Note("超期审批", rules.may_supervise, NOT_OVER, reason=True),
    "report_on_site": Note("现场超时报告", rules.is_system, NOT_OVER),
    "supervise": Note("督办", rules.any_of(rules.may_supervise, rules.is_system), reason=True),
    "answer_accident": Note("事故答复", rules.may_direct, NOT_OVER),
    "submit_statement": Note("提交事故说明", rules.any_of(rules.may_judge, rules.may_supervise), NOT_OVER),
    "decide_statement": Note("审批事故说明", rules.may_direct, NOT_OVER),
    "follow_up_unreached": Note("回访未接通", rules.may_follow_up, (Status.COMPLETED,)),
    "propose": Note("系统建议", rules.any_of(rules.is_system, rules.may_dispatch)),
    # How it reaches a worker (DI-04), and what a person says of it afterwards (DI-03).
    "offer": Note("放出待领", rules.any_of(rules.is_system, rules.may_dispatch), (Status.IN_REVIEW,)),
    "remind_worker": Note("提醒接单", rules.is_system, (Status.DISPATCHED,)),
    "review_after": Note("事后复核", rules.may_dispatch),
    "urge": Note("催单", rules.any_of(rules.works_on_tickets, rules.is_owner), URGEABLE),
    # What ties a ticket to other people and tickets (IN-09, IN-18, IN-21).
    "follow": Note("有人跟进", rules.any_of(rules.works_on_tickets, rules.is_system), URGEABLE),
    "join_case": Note("关联案件", rules.works_on_tickets),
    "hand_case": Note("案件负责人变更", rules.works_on_tickets),
    "care": Note("管家一对一跟进", rules.works_on_tickets),
    # What is done in person (DI-06, EX-11).
    "manager_visit": Note("经理上门", rules.may_visit_in_person, NOT_OVER, reason=True),
    "remind_contact": Note("提醒再次联系", rules.is_system, (Status.ACCEPTED,)),
    "rest_over": Note("未再约定，恢复计时", rules.is_system, (Status.ACCEPTED,)),
    "closed_door_help": Note("多次上门无人跟进", rules.works_on_tickets, reason=True),
    # Whose fault it is (DI-13).
    "rule": Note("责任确认", rules.may_judge, NOT_OVER, reason=True),
    "dispute_ruling": Note(
        "责任异议", rules.any_of(rules.was_given_to, rules.may_judge), NOT_OVER, reason=True
    ),
    "plan_joint": Note(
        "约定联合踏勘", rules.any_of(rules.may_judge, rules.may_dispatch), NOT_OVER, reason=True
    ),
    "hold_joint": Note("联合踏勘", rules.works_on_tickets, NOT_OVER, reason=True),
    "cancel_joint": Note("取消联合踏勘", rules.works_on_tickets, NOT_OVER, reason=True),
    # What other departments and companies owe us for this ticket (DI-11).
    "coordinate": Note("发起协作", rules.works_on_tickets, NOT_OVER),
    "coordinate_answer": Note("协作回复", rules.works_on_tickets),
    "coordinate_change": Note("协作变更", rules.works_on_tickets),
    "coordinate_end": Note("协作结束", rules.works_on_tickets),
    # Destructive work (IN-14).
    "mark_destructive": Note("标记破坏性作业", rules.works_on_tickets, BEFORE_DISPATCH),
    "add_application": Note("上传书面申请", rules.works_on_tickets),
    "rate": Note("业主评价", rules.is_owner, (Status.COMPLETED, Status.CLOSED)),
    # What another port has heard is handed on by its own short form.
    "relay": Note("转房修", rules.works_on_tickets, (Status.INCOMPLETE, Status.REGISTERED, Status.IN_REVIEW)),
    # A report that another port took has reached the repair department (IN-13).
    "relay_received": Note(
        "房修接收",
        rules.any_of(rules.may_dispatch, rules.may_judge),
        BEFORE_DISPATCH,
    ),
    # A machine speaks again of a fault that has its ticket (IN-07).
    "alarm": Note("设备告警", rules.is_system),
    # A report that no person took down is confirmed by one; a clock stops on it (IN-13).
    "acknowledge": Note("确认收到", rules.works_on_tickets, BEFORE_DISPATCH),
    # Why a limit was missed (tickets.delays).
    "explain_delay": Note("说明超时原因", rules.any_of(rules.is_handler, rules.works_on_tickets)),
    "check_identity": Note("身份待核实", rules.is_system),
    # The caller rings again about what is being worked on (IN-08), or was not reached (IN-04).
    "repeat_call": Note(
        "重复来电",
        rules.may_register,
        tuple(status for status in Status if status not in {*ENDED, Status.COMPLETED}),
    ),
    # What passes between us and a company outside (DI-12, DI-13).
    "name_craftsman": Note(
        "指派本单位师傅", rules.is_handler, (*WITH_WORKER, Status.OWNER_CONSENT, Status.SUSPENDED)
    ),
    "contractor_notice": Note(
        "发函单位", rules.any_of(rules.may_dispatch, rules.may_judge, rules.is_system), NOT_OVER
    ),
    "contractor_dispute": Note("单位异议", rules.is_or_was_company, reason=True),
    "decide_dispute": Note("异议处理", rules.any_of(rules.may_judge, rules.may_supervise), reason=True),
    "call_back_unreached": Note(
        "回电未接通", rules.any_of(rules.may_register, rules.may_triage), (Status.INCOMPLETE,)
    ),
}


@joined
def step(
    *,
    ticket: Ticket,
    name: str,
    by: Actor,
    at: datetime,
    reason: str = "",
    payload: Mapping[str, Any] | None = None,
    version: int | None = None,
    **values: Any,
) -> Ticket:
    """Take a step of the machine and return the ticket as it stands afterwards.

    `values` are the arguments of the transition besides `at`; `payload` is kept with the
    event; `version`, where given, must be the one the actor saw. Raises
    StepTaken, StepForbidden, NotReady or ReasonMissing, and then nothing was written.
    """
    ticket = require(ticket=ticket, name=name, by=by)
    if version is not None and version != ticket.version:
        raise StepTaken(ticket)
    came_from = ticket.status
    words = run(ticket, name, at=at, reason=reason, values=values)
    ticket.save(update_fields=["status", "version", *words["saves"]])
    event = insert(event_of(ticket, name, words["label"], came_from, by, at, reason, payload))
    holding.hand_over({ticket: at})
    clock_store.refresh(ticket)
    tell(ticket, event)
    return ticket


def run(
    ticket: Ticket, name: str, *, at: datetime, reason: str, values: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Move the machine of a ticket that `check` let through; gives the step's words, writes nothing.

    Raises ReasonMissing, or NotReady where the handler may not have it yet.
    """
    method = getattr(ticket, name)
    words = method._django_fsm.get_transition(ticket.status).custom
    if words["reason"] and not reason.strip():
        raise ReasonMissing(words["label"])
    if lacking := requirements.missing_for(ticket, values.get("handler")):
        raise NotReady(ticket, words["label"], lacking)
    method(at=at, **values)
    ticket.version += 1
    return words


def require(*, ticket: Ticket, name: str, by: Actor) -> Ticket:
    """Lock the row and make sure that this actor may take this step now.

    For services that write something before the step. Raises StepTaken, StepForbidden, or NotReady
    when something must be written down first (IN-11).
    """
    ticket = lock(ticket)
    check(ticket, name, by)
    return ticket


def check(ticket: Ticket, name: str, by: Actor) -> None:
    """Whether this actor may take this step with a locked ticket. Raises as `require`."""
    method = getattr(ticket, name)
    if not can_proceed(method):
        raise StepTaken(ticket)
    if not has_transition_perm(method, by):
        raise StepForbidden("您没有执行这一步的权限。")
    if lacking := requirements.missing(ticket, name):
        raise NotReady(ticket, method._django_fsm.get_transition(ticket.status).custom["label"], lacking)


@joined
def note(
    *,
    ticket: Ticket,
    name: str,
    by: Actor,
    at: datetime,
    reason: str = "",
    payload: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Ticket:
    """Record something that does not move the ticket (`NOTES`); `fields` of the row may change with it.

    Raises StepTaken when the ticket is past it, StepForbidden when the actor may not.
    """
    ticket = lock(ticket)
    about = NOTES[name]
    if about.statuses is not None and ticket.status not in about.statuses:
        raise StepTaken(ticket)
    if not about.rule(ticket, by) or not _may_lower(ticket, by, fields):
        raise StepForbidden("您没有执行这一步的权限。")
    if about.reason and not reason.strip():
        raise ReasonMissing(about.label)
    for field, value in fields.items():
        setattr(ticket, field, value)
    ticket.version += 1
    ticket.save(update_fields=["version", *fields])
    event = insert(event_of(ticket, name, about.label, ticket.status, by, at, reason, payload))
    clock_store.refresh(ticket)
    tell(ticket, event)
    return ticket


def _may_lower(ticket: Ticket, by: Actor, fields: Mapping[str, Any]) -> bool:
    """Whoever makes a ticket less urgent needs a right of their own, through whatever door (SL-01)."""
    return fields.get("level", 0) <= ticket.level or by.kind == "system" or rules.may_lower(ticket, by)


def open_ticket(
    *, ticket: Ticket, name: str, by: Actor, at: datetime, payload: Mapping[str, Any]
) -> TicketEvent:
    """Write the first event, holder, clocks and messages of a row that was just inserted."""
    label = "登记" if name == "register" else "暂存（待补充）"
    event = insert(event_of(ticket, name, label, "", by, at, "", payload))
    holding.begin(ticket, at)
    started = clock_store.start(ticket, Fact(name, at, ticket.round, payload))
    tell(ticket, event, started)
    return event


# Every step of every ticket begins with it.
LOCKED = Query(
    "FROM tickets_ticket ticket JOIN tickets_policyversion policy ON policy.id = ticket.policy_id"
    " WHERE ticket.id = %s FOR NO KEY UPDATE OF ticket",
    ticket=Ticket,
    policy=PolicyVersion,
)


def lock(ticket: Ticket) -> Ticket:
    """The row with its `policy`, fresh and locked until the transaction ends.

    A fresh query: `refresh_from_db` would lift the protection of `status`. Raises
    Ticket.DoesNotExist, and RuntimeError outside a transaction, where no lock would stay.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a ticket is locked within a transaction")
    found = LOCKED.first(ticket.pk)
    if found is None:
        raise Ticket.DoesNotExist
    locked, locked.policy = found
    return locked


def buttons(ticket: Ticket, by: Actor) -> list[StepButton]:
    """The steps this actor may take now, in the order of the machine."""
    found = []
    for transition in ticket.get_available_status_transitions():
        if transition.has_perm(ticket, by):
            words = transition.custom
            found.append(
                StepButton(transition.name, words["label"], words["tone"], words["reason"], words["needs"])
            )
    # The library lists them by name.
    return sorted(found, key=lambda button: ORDER.index(button.name))


def may(ticket: Ticket, name: str, by: Actor) -> bool:
    """Whether this actor may take this step or note now."""
    if name in NOTES:
        about = NOTES[name]
        return (about.statuses is None or ticket.status in about.statuses) and about.rule(ticket, by)
    method = getattr(ticket, name)
    return can_proceed(method) and has_transition_perm(method, by)


def event_of(ticket, name, label, came_from, by, at, reason, payload) -> TicketEvent:
    """The event of what just happened to the ticket; not written yet."""
    return build(
        TicketEvent,
        ticket=ticket,
        seq=ticket.version,
        name=name,
        label=label,
        from_status=came_from,
        to_status=ticket.status,
        round=ticket.round,
        actor_kind=by.kind,
        actor=by.user,
        actor_name=by.name,
        at=at,
        reason=reason.strip(),
        payload=dict(payload or {}),
    )


def tell(ticket: Ticket, event: TicketEvent, clocks: Sequence[Clock] | None = None) -> None:
    """What an event that was just written sets off: messages, errands, wake-ups."""
    messages.tell(ticket=ticket, event=event, clocks=clocks)
    openings.after(ticket, event)
    if ticket.kind not in kinds.SENT:
        return
    for task in settings.TICKET_STEP_TASKS.get(event.name, ()):
        queue.wake(task, ticket.pk)
