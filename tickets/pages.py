"""What the pages of a ticket show, as the components of docs/ui.md take it."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse

from core.templatetags.fangxiu import dated, when
from tickets import kinds, pausing, reads, told, workflow
from tickets.actors import Actor
from tickets.clocks import REST_OVER
from tickets.models import Evidence, Kind, Status, Ticket, TicketEvent

# The states of the usual way, as the stepper shows them.
WAY = [
    ("登记", {Status.INCOMPLETE, Status.REGISTERED}),
    ("派单", {Status.IN_REVIEW, Status.DISPATCHED, Status.DEFERRED}),
    ("上门", {Status.ACCEPTED, Status.SCHEDULED, Status.SURVEYING}),
    ("方案", {Status.PLAN_REVIEW, Status.OWNER_CONSENT}),
    ("维修", {Status.REPAIRING, Status.PRE_INSPECTION}),
    ("验收", {Status.OWNER_ACCEPTANCE}),
    ("回访", {Status.COMPLETED}),
    ("闭环", {Status.CLOSED, Status.ARCHIVED}),
]
# The same for the owner, for whom it is done once they have signed.
OWNER_WAY = [
    ("登记", {Status.INCOMPLETE, Status.REGISTERED}),
    ("派单", {Status.IN_REVIEW, Status.DISPATCHED, Status.DEFERRED}),
    ("上门", {Status.ACCEPTED, Status.SCHEDULED, Status.SURVEYING, Status.PLAN_REVIEW, Status.OWNER_CONSENT}),
    ("维修", {Status.REPAIRING, Status.PRE_INSPECTION}),
    ("验收", {Status.OWNER_ACCEPTANCE}),
    ("完成", {Status.COMPLETED, Status.CLOSED, Status.ARCHIVED}),
]
# What an owner may read of the history: what happened, not who said what inside.
OWNER_EVENTS = {
    "register": "已登记您的报修",
    "contact_caller": "客服已与您联系核实",
    "reply": "已答复您",
    "answer_accident": "负责人已答复您",
    "save_incomplete": "已收到您的报修",
    "acknowledge": "客服已确认收到",
    "repeat_call": "已记下您的再次来电",
    "call_back_unreached": "客服给您回电，未接通",
    "dispatch": "已安排师傅",
    "reassign": "已更换师傅",
    "activate_backup": "已更换维修单位",
    "accept": "师傅已接单",
    "contact": "师傅已联系您",
    "schedule": "已预约上门时间",
    "reschedule": "已改约上门时间",
    "depart": "师傅已出发",
    "arrive": "师傅已到场",
    "no_access": "师傅上门时无人",
    "contain": "已做应急处理",
    "submit_plan": "维修方案待您确认",
    "approve_plan": "维修方案待您确认",
    "consent": "您已确认方案",
    "refuse_plan": "您未同意方案",
    "finish": "师傅已完工，工程师检查中",
    "pass_inspection": "工程师检查合格，待您验收",
    "fail_inspection": "工程师要求继续整改",
    "pass_acceptance": "您已验收",
    "refuse_acceptance": "您要求继续整改",
    "urge": "已催单，办理人和主管已收到",
    "suspend": "维修暂停",
    "resume": "维修恢复",
    "defer": "已延期办理",
    "close": "本次报修已完成",
    "fail_follow_up": "已安排再次整改",
    "cancel": "报修已取消",
    "merge": "已并入另一张工单一起处理",
    "transfer": "已转交责任单位",
}
# What is answered with words goes a shorter way (IN-11).
ANSWER_WAY = [
    ("登记", {Status.INCOMPLETE, Status.REGISTERED, Status.DEFERRED}),
    ("答复", set()),
    ("回访", {Status.COMPLETED}),
    ("闭环", {Status.CLOSED, Status.ARCHIVED}),
]
# Said otherwise where nobody comes to mend something.
ANSWERED_EVENTS = {
    "urge": "已催单，客服和主管已收到",
    "close": "本次报修已办结",
    "merge": "已与另一件并在一起处理",
}
ENDED_EARLY = {Status.CANCELLED, Status.MERGED, Status.TRANSFERRED}


def duration(minutes: int) -> str:
    """So many minutes in words."""
    if minutes < 60:
        return f"{minutes}分钟"
    if minutes % 60:
        return f"{minutes // 60}小时{minutes % 60}分钟"
    return f"{minutes // 60}小时"


def way_of(ticket: Ticket) -> Sequence[tuple[str, set[Status]]]:
    """The way of an answered kind: the follow-up stands on it only where a reply leads there."""
    called = kinds.of(ticket.kind).replied == Status.COMPLETED
    return [step for step in ANSWER_WAY if called or step[0] != "回访"]


def stepper(ticket: Ticket, way: Sequence[tuple[str, set[Status]]] = WAY) -> list[dict[str, str]]:
    """Where the ticket is on the usual way."""
    if ticket.kind in kinds.ANSWERED:
        way = way_of(ticket)
    status = ticket.suspended_from if ticket.status == Status.SUSPENDED else ticket.status
    places = [number for number, (_, states) in enumerate(way) if status in states]
    here = places[0] if places else -1
    done = status in way[-1][1]
    steps = []
    for number, (label, _) in enumerate(way):
        state = "done" if number < here or done else "current" if number == here else "todo"
        steps.append({"label": label, "state": "skipped" if status in ENDED_EARLY else state})
    return steps


def owner_stepper(ticket: Ticket) -> list[dict[str, str]]:
    """The same in the owner's words."""
    words = {"闭环": "完成"} | ({"维修": "服务"} if ticket.kind == Kind.PLANNED else {})
    steps = stepper(ticket, OWNER_WAY)
    return [step | {"label": words.get(step["label"], step["label"])} for step in steps]


def timeline(ticket: Ticket, events: Sequence[TicketEvent] | None = None) -> list[dict[str, Any]]:
    """Every event for staff, the newest first; `events` where the page has read them."""
    return [_entry(event) for event in (reads.events_of(ticket) if events is None else events)]


def company_timeline(ticket: Ticket) -> list[dict[str, Any]]:
    """What a company outside may read, the newest first: not which neighbours follow the ticket (DI-12)."""
    return [_entry(event) for event in reads.events_of(ticket) if event.name != "follow"]


# What stands in the way of a ticket: put aside, sent back or ended early, always with a reason.
STANDING = {
    "suspend": "已挂起",
    "defer": "已延期",
    "return_for_information": "退回补充",
    "decline": "师傅拒单",
    "take_back": "无人应答，已收回",
    "no_access": "上门无人",
    "reject_plan": "方案被退回",
    "refuse_plan": "业主不同意方案",
    "fail_inspection": "预验收不合格",
    "refuse_acceptance": "业主验收不通过",
    "fail_follow_up": "回访没有解决",
    "cancel": "已作废",
    "transfer": "已转出",
}
# What rests, what has ended; everything else went back a step.
ASIDE_ICONS = dict.fromkeys(("suspend", "defer", "no_access"), "pause-circle")
ASIDE_ICONS |= {"cancel": "x-circle", "transfer": "box-arrow-right"}


def aside(ticket: Ticket, events: Sequence[TicketEvent] | None = None) -> dict[str, str] | None:
    """Why the work rests, was sent back or has ended early; None while it goes its way (SL-04, SL-10).

    `events`, the newest first, where the page has read them.
    """
    events = reads.events_of(ticket) if events is None else events
    # What was sent back before a pause is still to be put right after it.
    passing = set() if ticket.status == Status.SUSPENDED else {"suspend", "resume"}
    moves = (each for each in events if each.from_status != each.to_status and each.name not in passing)
    last = next(moves, None)
    if last is None or last.to_status != ticket.status or last.name not in STANDING:
        return None
    more = pausing.label(last.payload)
    if ticket.deferred_until and last.name == "defer":
        more = f"到{dated(ticket.deferred_until)}自动恢复办理"
    if last.name == "no_access" and any(each.name == REST_OVER and each.seq > last.seq for each in events):
        more = "时限已继续计算"
    title = STANDING[last.name]
    icon = ASIDE_ICONS.get(last.name, "arrow-counterclockwise")
    return {"title": f"{title}：{more}" if more else title, "why": last.reason, "icon": icon}


def case_timeline(events: Iterable[TicketEvent]) -> list[dict[str, Any]]:
    """Events of several tickets, each saying which one it is of (IN-21)."""
    return [_entry(event) | {"title": f"{event.ticket.place_label} {event.label}"} for event in events]


def _entry(event: TicketEvent) -> dict[str, Any]:
    return {
        "at": event.at,
        "title": event.label,
        "actor": event.actor_name,
        "text": event.reason,
        "round": event.round,
        "tone": "danger" if event.name.startswith(("fail", "refuse", "decline", "cancel")) else "neutral",
        "changes": told.changes(event),
    }


def owner_timeline(ticket: Ticket) -> list[dict[str, Any]]:
    """What the owner may read, the newest first: no names of inside people, no inside words."""
    own_words = Q(name="comment", actor_kind="owner")
    words = OWNER_EVENTS | ANSWERED_EVENTS if ticket.kind in kinds.ANSWERED else OWNER_EVENTS
    events = ticket.events.filter(Q(name__in=OWNER_EVENTS) | own_words).order_by("-seq")
    return [
        {
            "at": event.at,
            "title": words.get(event.name, "您的留言").replace("报修", kinds.owner_word(ticket.kind)),
            "text": _owner_text(event),
            "round": event.round,
        }
        for event in events
    ]


def _owner_text(event: TicketEvent) -> str:
    if event.name == "comment":
        return event.reason
    # The window stands where it was agreed.
    window = "" if event.name == "depart" else event.payload.get("window", "")
    return window or event.payload.get("reply", "") or _deferral(event)


def _deferral(event: TicketEvent) -> str:
    """Until when and why, of a ticket that is put off (SL-10)."""
    if event.name != "defer" or not event.payload.get("until"):
        return ""
    return f"改到{when(date.fromisoformat(event.payload['until']))}办理，原因：{event.reason}"


def evidence_items(rows: Iterable[Evidence]) -> list[dict[str, Any]]:
    """Photos, videos and signatures for components/evidence_grid.html."""
    return [
        {
            "url": reverse("evidence", args=[row.pk]),
            "thumb_url": reverse("evidence_thumb", args=[row.pk]) if row.thumbnail else "",
            "kind": row.kind,
            "caption": f"{row.get_stage_display()} · {row.added_by_name}{_agreed(row)}",
            "taken_at": row.added_at,
        }
        for row in rows
    ]


def _agreed(row: Evidence) -> str:
    """Who agreed to a recording (IN-12), where it was read with the row."""
    return f" · {row.agreed.given_by}{dated(row.agreed.asked_at)}同意" if row.agreed else ""


# Steps that have a page of their own, by what they need.
PAGES = {
    "worker": "dispatch_review",
    "proposal": "dispatch_review",
    "details": "ticket_complete",
    "follow_up": "ticket_follow_up",
    "reply": "ticket_reply",
    "backup": "partners_backup",
}
PAGE_LABELS = {"partners_backup": "启用备选单位", "dispatch_review": "复核派单", "ticket_follow_up": "回访"}
FIELD_NEEDS = {"photo", "plan", "window", "signature"}


def actions(ticket: Ticket, by: Actor, events: Sequence[TicketEvent]) -> list[dict[str, str]]:
    """Links to the steps this person may take now, the main one first; field work is on the phone pages.

    One of them is primary. Of its `events`, those of this round say what the next step is.
    """
    found: dict[str, dict[str, str]] = {}
    if workflow.may(ticket, "contact_caller", by) and kinds.of(ticket.kind).contact_first:
        url = reverse("ticket_contact", args=[ticket.number])
        called = any(e.name == "contact_caller" and e.round == ticket.round for e in events)
        kind = "secondary" if called else "primary"
        found["contact_caller"] = {"label": "记录联系核实", "url": url, "kind": kind}
    for button in workflow.buttons(ticket, by):
        if button.needs == "window" and not (by.user and ticket.handler_id == by.user.pk):
            name = "dispatch_schedule"
            url = reverse(name, args=[ticket.number])
            entry = {"label": button.label, "url": url, "kind": "secondary"}
        elif button.needs in FIELD_NEEDS:
            name = "field_ticket"
            entry = {
                "label": "到现场页面办理",
                "url": reverse(name, args=[ticket.number]),
                "kind": "secondary",
            }
            if by.user and ticket.handler_id != by.user.pk:
                continue
        elif button.needs in PAGES:
            name = PAGES[button.needs]
            label = PAGE_LABELS.get(name, button.label)
            entry = {"label": label, "url": reverse(name, args=[ticket.number]), "kind": "primary"}
        else:
            name = button.name
            url = reverse("ticket_step", args=[ticket.number, button.name])
            entry = {"label": button.label, "url": url, "kind": button.tone}
        found.setdefault(name, entry)
    shown = sorted(found.values(), key=lambda entry: entry["kind"] != "primary")
    for entry in shown[1:]:
        if entry["kind"] == "primary":
            entry["kind"] = "secondary"
    return shown


# So many likely next steps stand out on a phone; one more is not worth folding.
NEAR = 2


def near_and_more(buttons: Sequence[dict[str, str]]) -> tuple[Sequence[dict[str, str]], ...]:
    """The buttons of a ticket, the likely ones and those that a phone folds under 更多操作."""
    if len(buttons) <= NEAR + 1:
        return buttons, []
    return buttons[:NEAR], buttons[NEAR:]


def whereabouts(ticket: Ticket) -> dict[str, Any]:
    """Where the ticket is, as `estates.queries.hints_for` takes it."""
    return {name: getattr(ticket, name) for name in ("unit", "building", "place", "estate")}
