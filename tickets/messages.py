"""Who is told what when something happens to a ticket (OR-03, domain.md §6)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse_lazy
from django.utils.text import Truncator

from accounts.queries import staff_in_role, staff_keys
from core import phones
from core.templatetags.fangxiu import dated
from notices.outbox import Recipient, post
from notices.queries import openid_of
from tickets import kinds, links, owner_words, rules, visit_rules
from tickets.models import Clock, Kind, Ticket, TicketEvent
from tickets.naming import about
from warranty import contractors

Audience = Callable[[Ticket, TicketEvent], list[Recipient]]


def reporter(ticket: Ticket, *, at: datetime) -> list[Recipient]:
    """The reporter, by WeChat where they have proved this phone there, else by SMS; a landline gets none."""
    return _by_phone(ticket.reporter_phone, at=at)


def _by_phone(phone: str, *, at: datetime) -> list[Recipient]:
    if not phones.MOBILE.fullmatch(phone):
        return []
    openid = openid_of(phone, at=at)
    return [Recipient.wechat(openid, fallback=phone) if openid else Recipient.phone(phone)]


def owner(ticket: Ticket, event: TicketEvent) -> list[Recipient]:
    """The reporter of the ticket."""
    return reporter(ticket, at=event.at)


def handler(ticket: Ticket, event: TicketEvent) -> list[Recipient]:
    """The worker who has the ticket now."""
    return [Recipient.staff(ticket.handler_id)] if ticket.handler_id else []


def handler_by_phone(ticket: Ticket, event: TicketEvent) -> list[Recipient]:
    """Our own worker who has the ticket now, on the phone like an owner, at the levels that the policy names.

    A company's contacts are rung by `partners.news`.
    """
    if ticket.handler is None or ticket.level not in visit_rules.read(ticket.policy.rules).sms_levels:
        return []
    if contractors.company_of(ticket.handler) is not None:
        return []
    return _by_phone(ticket.handler.phone or "", at=event.at)


def staff(permission: str) -> Audience:
    """Everybody of the estate who holds a permission of `tickets`."""

    def audience(ticket: Ticket, event: TicketEvent) -> list[Recipient]:
        found = staff_keys(permission=f"tickets.{permission}", estate_id=ticket.estate_id)
        return [Recipient.staff(pk) for pk in found]

    return audience


def role(code: str) -> Audience:
    """Everybody of the estate who holds a role."""

    def audience(ticket: Ticket, event: TicketEvent) -> list[Recipient]:
        found = staff_in_role(code=code, estate_id=ticket.estate_id)
        return [Recipient.staff(pk) for pk in found.values_list("pk", flat=True)]

    return audience


def worker_or_dispatchers(ticket: Ticket, event: TicketEvent) -> list[Recipient]:
    """The worker, or whoever could send one."""
    return handler(ticket, event) or staff("dispatch_ticket")(ticket, event)


def followers(ticket: Ticket, event: TicketEvent) -> list[Recipient]:
    """Who follows a ticket that somebody else reported (IN-18), by SMS."""
    if not ticket.follower_count:
        return []
    numbers = ticket.followers.values_list("phone", flat=True)
    return [Recipient.phone(number) for number in numbers if phones.MOBILE.fullmatch(number)]


def urgent(audience: Audience) -> Audience:
    """The same people, for level 1 only: other tickets wait in their queue without a ring."""
    return lambda ticket, event: audience(ticket, event) if ticket.level == 1 else []


def by_owner(audience: Audience) -> Audience:
    """The same people, for what an owner did: staff know what they write themselves."""
    return lambda ticket, event: audience(ticket, event) if event.actor_kind == "owner" else []


def if_wished(audience: Audience) -> Audience:
    """The same people, when whoever wrote it asked to have it sent."""
    return lambda ticket, event: audience(ticket, event) if event.payload.get("tell_owner") else []


def repairs(audience: Audience) -> Audience:
    """The same people, for what is sent to a worker."""
    return lambda ticket, event: audience(ticket, event) if ticket.kind in kinds.SENT else []


def answered(audience: Audience) -> Audience:
    """The same people, for what is answered with words (IN-11)."""
    return lambda ticket, event: audience(ticket, event) if ticket.kind in kinds.ANSWERED else []


def unsafe(audience: Audience) -> Audience:
    """The same people, for a complaint about safety."""

    def only_then(ticket: Ticket, event: TicketEvent) -> list[Recipient]:
        safety = event.payload.get("details", {}).get("about") == "safety"
        return audience(ticket, event) if ticket.kind == Kind.COMPLAINT and safety else []

    return only_then


def untold(audience: Audience) -> Audience:
    """The same people, unless another message of the same act has told them."""
    return lambda ticket, event: [] if event.payload.get("told") else audience(ticket, event)


def at_home(audience: Audience) -> Audience:
    """The same people, for a dwelling: somebody has to open the door."""
    return lambda ticket, event: [] if ticket.place_id else audience(ticket, event)


def outside(audience: Audience) -> Audience:
    """The same people, for a public place, where nobody has to wait."""
    return lambda ticket, event: audience(ticket, event) if ticket.place_id else []


def granted(audience: Audience) -> Audience:
    """The same people, when more time was allowed."""
    return lambda ticket, event: audience(ticket, event) if event.payload.get("granted") else []


def not_withdrawn(audience: Audience) -> Audience:
    """The same people, unless the owner took it back: they know."""
    return lambda ticket, event: (
        [] if event.actor_kind == "owner" or event.payload.get("withdrawn") else audience(ticket, event)
    )


def singly(audience: Audience) -> Audience:
    """The same people, but not for what the emergency mode holds: it tells all owners in bulk (DI-09)."""
    return lambda ticket, event: [] if event.payload.get("pause") == rules.HELD else audience(ticket, event)


@dataclass(frozen=True)
class Telling:
    """One template to one audience; `linked` messages carry the owner's own link.

    `page` names the ticket's page that the message opens in the inbox; `content`, where given, is
    what the message says of this event.
    """

    template: str
    audience: Audience
    linked: bool = False
    page: str = "ticket"
    content: str = ""


TAKEN = [
    Telling("N01", repairs(owner), linked=True),
    Telling("K01", answered(owner), linked=True),
    Telling("K02", unsafe(staff("supervise_ticket"))),
]
SENT_BACK = [Telling("W10", handler)]
# Who comes and when; what is broken in a lift or lobby needs nobody at home.
COMES = [Telling("N02", at_home(owner), linked=True), Telling("N37", outside(owner), linked=True)]
GIVEN = [Telling("W01", handler, page="field_ticket"), Telling("W68", handler_by_phone)]
TELLINGS: dict[str, list[Telling]] = {
    "save_incomplete": [Telling("N01", owner, linked=True), Telling("W23", urgent(staff("triage_ticket")))],
    "comment": [Telling("W22", by_owner(worker_or_dispatchers))],
    "register": [*TAKEN, Telling("W02", repairs(urgent(staff("dispatch_ticket"))))],
    "complete_details": [Telling("K02", unsafe(staff("supervise_ticket")))],
    "reply": [Telling("K03", owner)],
    "supervise": [Telling("K04", staff("supervise_ticket"))],
    "raise_important": [Telling("K05", staff("supervise_ticket"))],
    "raise_accident": [Telling("K05", staff("supervise_ticket")), Telling("K05", staff("direct_accident"))],
    "ask_overrun": [Telling("K06", staff("supervise_ticket"))],
    "decide_overrun": [Telling("K09", handler), Telling("K11", granted(owner))],
    "report_on_site": [Telling("K07", staff("supervise_ticket"))],
    "answer_accident": [Telling("K03", owner)],
    "submit_statement": [Telling("K10", staff("direct_accident"))],
    "decide_statement": [Telling("K09", staff("supervise_ticket"))],
    "dispatch": [*GIVEN, *COMES],
    "reassign": [*GIVEN, *COMES],
    "activate_backup": [Telling("W01", handler), *COMES],
    "name_craftsman": [Telling("N51", at_home(owner)), Telling("N40", outside(owner))],
    "contractor_dispute": [Telling("P08", staff("judge_ticket"))],
    "decline": [Telling("W08", staff("dispatch_ticket"))],
    "schedule": COMES,
    "reschedule": [Telling("N04", at_home(owner)), Telling("N39", outside(owner))],
    "depart": [Telling("N03", at_home(owner)), Telling("N38", outside(owner))],
    "no_access": [Telling("N62", at_home(owner)), Telling("N41", outside(owner))],
    "remind_contact": [Telling("W66", handler, page="field_ticket")],
    "rest_over": [Telling("W67", handler, page="field_ticket"), Telling("W67", staff("dispatch_ticket"))],
    "dispute_ruling": [Telling("W65", untold(staff("judge_ticket")))],
    "submit_plan": [Telling("N05", owner, linked=True)],
    "approve_plan": [Telling("N05", owner, linked=True)],
    "submit_plan_for_review": [Telling("W09", staff("review_plan"))],
    "reject_plan": SENT_BACK,
    "refuse_plan": SENT_BACK,
    "finish": [Telling("W06", staff("inspect_ticket"))],
    "fail_inspection": SENT_BACK,
    "pass_inspection": [Telling("N06", owner, linked=True)],
    "refuse_acceptance": SENT_BACK,
    "pass_acceptance": [Telling("N07", owner, linked=True)],
    "fail_follow_up": [Telling("W02", staff("dispatch_ticket"))],
    "repeat_call": [Telling("W21", worker_or_dispatchers)],
    "urge": [Telling("W21", worker_or_dispatchers), Telling("W21", role("supervisor"))],
    "suspend": [Telling("N08", singly(owner))],
    "defer": [Telling("N33", owner)],
    "undefer": [Telling("W02", staff("dispatch_ticket"))],
    "explain_delay": [Telling("N32", if_wished(owner))],
    "cancel": [Telling("N34", not_withdrawn(owner))],
    "merge": [Telling("N35", owner)],
    "transfer": [Telling("N36", owner)],
}
# What an owner hears of the time where no window is agreed, by step.
NO_WINDOW = {"depart": "尽快到达"}
NO_APPOINTMENT = {True: "师傅将先与您电话约定时间", False: "尽快到场"}
# What followers hear of, in words that name nobody.
FOLLOWED = {
    "dispatch": "已安排师傅处理",
    "arrive": "师傅已到场",
    "suspend": "暂时停下，恢复后会再通知您",
    "defer": "改期办理，到期会恢复",
    "pass_acceptance": "已修好并通过验收",
    "close": "已办结，感谢关注",
    "cancel": "已撤销",
    "merge": "已并入另一张工单一起处理",
    "transfer": "已转交责任单位处理",
}
for _name, _words in FOLLOWED.items():
    TELLINGS.setdefault(_name, []).append(Telling("N22", followers, content=_words))


def tell(*, ticket: Ticket, event: TicketEvent, clocks: Sequence[Clock] | None = None) -> None:
    """Write the messages of this event to the outbox; nothing where nobody is to be told."""
    for telling in TELLINGS.get(event.name, ()):
        recipients = telling.audience(ticket, event)
        if not recipients:
            continue
        values = values_for(ticket, event, clocks)
        if telling.content:
            # Whoever follows may be a neighbour: a dwelling is named no closer than its building.
            near = ticket.building.name if ticket.unit_id and ticket.building else ticket.place_label
            values |= {"内容": telling.content, "房号": near}
        if telling.linked:
            values["链接"] = links.create(ticket=ticket, at=event.at)
        post(
            template=telling.template,
            key=f"ticket:{ticket.pk}:{event.seq}",
            recipients=recipients,
            values=values,
            at=event.at,
            ticket_id=ticket.pk,
            # Wanted by messages in the inbox alone.
            link=reverse_lazy(telling.page, args=[ticket.number]),
        )


def values_for(
    ticket: Ticket, event: TicketEvent, clocks: Sequence[Clock] | None = None
) -> dict[str, object]:
    """The template variables of `domain.md` §6 for this ticket at this event."""
    worker = ticket.handler
    return about(ticket) | {
        # A company sends people who have no account.
        "工程师": event.payload.get("person") or (worker.full_name if worker else ""),
        "工号": worker.job_number if worker else "",
        "电话": _number(ticket, event),
        "时段": event.payload.get("window", "")
        or NO_WINDOW.get(event.name, NO_APPOINTMENT[not ticket.place_id]),
        "承诺时限": _promise(ticket, event.at, clocks),
        "原因": event.reason,
        "单位": event.payload.get("company", ""),
        "类型": ticket.get_kind_display(),
        "类别": ticket.get_severity_display(),
        "内容": _content(ticket, event),
        "截止": dated(ticket.deferred_until) if event.name == "defer" else _until(event),
        "数量": event.payload.get("times", ""),
    }


def _number(ticket: Ticket, event: TicketEvent) -> str:
    """Whom the owner rings about this message: about an answer of ours the hotline, not the worker."""
    if event.payload.get("reply"):
        return ticket.estate.hotline
    return event.payload.get("person_phone") or owner_words.number_to_call(ticket)


def _content(ticket: Ticket, event: TicketEvent) -> str:
    """What a message about kinds and classes has to say, from what the event carries."""
    payload = event.payload
    if payload.get("reply"):
        return payload["reply"]
    if event.name == "merge" and ticket.merged_into:
        return ticket.merged_into.number
    if "granted" in payload:
        return f"同意延至{_until(event)}" if payload["granted"] else "不同意延期，限期督办"
    if "approved" in payload:
        return "事故说明已批准" if payload["approved"] else "事故说明被退回"
    return payload.get("details", {}).get("demand") or Truncator(ticket.description).chars(60, truncate="…")


def _until(event: TicketEvent) -> str:
    until = event.payload.get("until", "") if "granted" in event.payload else ""
    if not until:
        return ""
    return dated(datetime.fromisoformat(until))


# Limits between ourselves: no promise to an owner.
INSIDE = {Clock.Kind.RELAY, Clock.Kind.INSPECT, Clock.Kind.REPORT_BACK}


def _promise(ticket: Ticket, at: datetime, clocks: Sequence[Clock] | None) -> str:
    rows = clocks if clocks is not None else Clock.objects.filter(ticket=ticket)
    due = [
        row.due_at
        for row in rows
        if row.due_at and row.stopped_at is None and row.due_at > at and row.kind not in INSIDE
    ]
    if not due:
        # The templates say 我们将在…与您联系 and 请在…完成.
        return "最短时间内"
    return f"{dated(min(due))}前"
