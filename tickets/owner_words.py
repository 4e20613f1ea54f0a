"""What happens next, in words for the owner: one sentence for each state, as the kind needs it (S2)."""

from datetime import date, datetime

from core.templatetags.fangxiu import dated, in_full
from tickets import kinds, requirements, rules, visit_rules
from tickets.models import Clock, Kind, Ruling, Ticket
from tickets.states import PAUSABLE, Status

NEXT = {
    Status.INCOMPLETE: "客服会尽快打电话向您问清细节，请保持电话畅通。",
    Status.REGISTERED: "正在为您安排师傅，安排好后发短信告诉您。",
    Status.IN_REVIEW: "正在为您安排师傅，安排好后发短信告诉您。",
    Status.DISPATCHED: "已通知师傅，接单后会打电话与您约时间。",
    Status.ACCEPTED: "师傅会打电话与您约上门时间，请保持电话畅通。",
    Status.SCHEDULED: "师傅会在约定时段上门，请留人在家，开门前请核对工牌。",
    Status.SURVEYING: "师傅在查看现场，随后给出维修方案。",
    Status.PLAN_REVIEW: "维修方案正在审核，审核后请您确认。",
    Status.OWNER_CONSENT: "维修方案已经出来，请您查看并签字，确认后开始维修。",
    Status.REPAIRING: "正在维修。",
    Status.PRE_INSPECTION: "师傅已完工，工程师检查合格后请您验收。",
    Status.OWNER_ACCEPTANCE: "已经修好，请您验收并评价。",
    Status.COMPLETED: "维修已完成，我们会打电话回访。还有问题请在回访时告诉我们，或直接留言。",
    Status.CLOSED: "本次报修已完成，谢谢您。",
    Status.ARCHIVED: "本次报修已完成，谢谢您。",
    Status.SUSPENDED: "维修暂停，恢复时会通知您。",
    Status.DEFERRED: "已约定延期办理，到期后会与您联系。",
    Status.CANCELLED: "这件报修已取消。",
    Status.MERGED: "这件报修与另一件是同一问题，已合并一起处理。",
    Status.TRANSFERRED: "这件报修已转交责任单位处理。",
}
# The same for what is answered with words (IN-11).
NEXT_ANSWER = {
    Status.REGISTERED: "我们正在核实，会尽快给您答复。",
    Status.DEFERRED: "已约定延期答复，到期后会与您联系。",
    Status.MERGED: "这件报修与另一件是同一件事，已合并一起答复。",
    Status.COMPLETED: "已经答复您，我们会打电话回访。还有问题请在回访时告诉我们，或直接留言。",
    Status.CLOSED: "已经答复您，谢谢您。",
    Status.ARCHIVED: "已经答复您，谢谢您。",
}
# Where nobody has to be at home.
NEXT_OUTSIDE = {
    Status.DISPATCHED: "已通知师傅，接单后到现场处理，不用您在场。",
    Status.ACCEPTED: "师傅已接单，会到现场处理，不用您在场；有不清楚的地方会打电话问您。",
    Status.SCHEDULED: "师傅会在约定时段到现场处理，不用您在场。",
}
# And for what is done for money, where nothing was broken.
NEXT_SERVICE = {
    Status.REGISTERED: "客服会先向您报价，您同意后安排师傅。",
    Status.IN_REVIEW: "客服会先向您报价，您同意后安排师傅。",
    Status.SURVEYING: "师傅在查看现场，随后与您确认做法。",
    Status.PLAN_REVIEW: "做法正在审核，审核后请您确认。",
    Status.OWNER_CONSENT: "做法和费用已经出来，请您查看并签字，确认后开始。",
    Status.REPAIRING: "师傅正在做。",
    Status.OWNER_ACCEPTANCE: "已经做完，请您验收并评价。",
    Status.COMPLETED: "服务已完成，我们会打电话回访。还有问题请在回访时告诉我们，或直接留言。",
    Status.SUSPENDED: "服务暂停，恢复时会通知您。",
}
# What the badge says instead of the desk's word for the state.
STATE = {
    Status.IN_REVIEW: "安排中",
    Status.DEFERRED: "已约延期",
    Status.PLAN_REVIEW: "方案审核中",
    Status.OWNER_CONSENT: "待您确认",
    Status.PRE_INSPECTION: "检查中",
    Status.OWNER_ACCEPTANCE: "待您验收",
    Status.CLOSED: "已完成",
    Status.ARCHIVED: "已完成",
    Status.SUSPENDED: "已暂停",
    Status.CANCELLED: "已取消",
}
NEXT_OF = {Kind.PLANNED: NEXT_SERVICE, **dict.fromkeys(kinds.ANSWERED, NEXT_ANSWER)}
HELD = "小区正在应急处置，这件报修暂停上门，时限顺延，恢复后马上通知您。漏水、停电等急事请打服务热线。"
# What an owner is told of when its limit is over (SL-05); the other limits are our own affair.
PROMISED = {Clock.Kind.ARRIVE: "上门", Clock.Kind.COMPLETE: "修好"}
# From dispatch until the owner has signed, the worker may be called.
_REACHABLE = {Status.DISPATCHED, *PAUSABLE, Status.SUSPENDED}
_ANSWERED = {Status.COMPLETED, Status.CLOSED, Status.ARCHIVED}
_ENDED_EARLY = {Status.CANCELLED, Status.MERGED, Status.TRANSFERRED}
# Until somebody is there, the guide for this fault may still help.
WAITING = {
    Status.INCOMPLETE,
    Status.REGISTERED,
    Status.IN_REVIEW,
    Status.DISPATCHED,
    Status.ACCEPTED,
    Status.SCHEDULED,
}


def next_words(ticket: Ticket) -> str:
    """What the owner may expect now."""
    if ticket.suspended_for == rules.HELD:
        return HELD.replace("报修", kinds.owner_word(ticket.kind))
    words = NEXT | NEXT_OF.get(ticket.kind, {}) | (NEXT_OUTSIDE if ticket.place_id else {})
    return words.get(Status(ticket.status), "").replace("报修", kinds.owner_word(ticket.kind))


def apology(ticket: Ticket, *, at: datetime) -> str:
    """That a limit promised to the owner is over, while it is not made good; "" where none is (SL-05)."""
    open_ones = ticket.clocks.filter(kind__in=PROMISED, stopped_at=None, paused_at=None, due_at__lte=at)
    late = open_ones.order_by("due_at").first()
    if late is None:
        return ""
    deed = "到场" if ticket.place_id and late.kind == Clock.Kind.ARRIVE else PROMISED[late.kind]
    hotline = "着急请拨打页面下方的服务热线。" if ticket.estate.hotline else ""
    return f"没能在{dated(late.due_at)}前{deed}，已请主管督促，会尽快处理好。{hotline}"


def state_word(ticket: Ticket) -> str:
    """Where the ticket stands, in the owner's words."""
    return STATE.get(Status(ticket.status), ticket.get_status_display())


def subject(ticket: Ticket) -> dict[str, str]:
    """What the owner's pages call this ticket, and who reads what the owner adds to it."""
    # Before somebody goes, and once nobody goes any more, the desk reads it.
    goes = ticket.handler_id and ticket.status in _REACHABLE and ticket.kind not in kinds.ANSWERED
    who = "师傅" if goes else "客服"
    return {
        "word": kinds.owner_word(ticket.kind),
        "title": _title(ticket),
        "state": state_word(ticket),
        "comment_hint": "补充情况，客服会看到" if who == "客服" else "补充情况、改时间，师傅会看到",
        "urged": f"已催单：{who}和主管都收到了，会尽快与您联系。",
    }


def _title(ticket: Ticket) -> str:
    """The fault, or what became of a ticket that has none."""
    word = kinds.owner_word(ticket.kind)
    if ticket.fault:
        return ticket.fault.title
    if ticket.status in _ENDED_EARLY:
        return word
    return (
        f"{word}已答复" if ticket.status in _ANSWERED and ticket.kind in kinds.ANSWERED else f"{word}已收到"
    )


def cover(ticket: Ticket, ruling: Ruling | None) -> str:
    """Whether it is under warranty, for whoever owns it; "" where nothing was judged (WA-02).

    The stored reason is the desk's: it says who pays between ourselves and the builder.
    """
    if ruling and ruling.covered:
        return f"经工程师核实，{'' if ruling.covered == 'yes' else '不'}在保修期内。"
    verdict = ticket.verdict
    if not verdict:
        return ""
    if ticket.covered not in {"yes", "no"}:
        return "是否在保修期内，由工程师核对后确认。"
    # ISO dates compare as the days do.
    covered = ticket.covered == "yes"
    if covered and verdict.get("reported_on", "") < verdict.get("delivered_on", ""):
        return "房屋还没有到交付日，由项目部在交付前修好。"
    return _cover_until(verdict.get("term", ""), verdict.get("owner_until", ""), covered=covered)


def _cover_until(term: str, until: str, *, covered: bool) -> str:
    if not until:
        return f"{term}在保修期内。" if covered else f"{term}不在保修范围内。"
    words = in_full(date.fromisoformat(until))
    if covered:
        return f"{term}在保修期内，保修到{words}。"
    return f"{term}的保修期到{words}为止，报修时已过保修期。"


def answers(ticket: Ticket) -> list[tuple[str, str]]:
    """What the owner was asked besides when it was reported, as pairs of question and answer."""
    sheet, facts = kinds.opening_sheet(ticket.kind), requirements.facts_of(ticket)
    asks = sheet.asks if sheet else ()
    return [(ask.as_asked.label, ask.as_asked.words(facts[ask.name])) for ask in asks if facts.get(ask.name)]


def number_to_call(ticket: Ticket) -> str:
    """Whom the owner rings about a visit: the worker or, by the ticket's policy, the hotline (DI-05)."""
    hotline = ticket.estate.hotline
    if ticket.handler is None or visit_rules.read(ticket.policy.rules).owner_calls == visit_rules.HOTLINE:
        return hotline
    return ticket.handler.phone or hotline


def worker_phone(ticket: Ticket) -> str:
    """That number while the worker works for this owner, or "" (the dispatch message names it too)."""
    return number_to_call(ticket) if ticket.handler and ticket.status in _REACHABLE else ""


def at_door(ticket: Ticket) -> bool:
    """Whether the worker may still ring at the owner's door, who should look at the badge then."""
    return ticket.place_id is None and ticket.status in _REACHABLE


def worker_role(ticket: Ticket) -> str:
    """What stands beside the worker's name, so that the door is opened to the right person (DI-05)."""
    number = ticket.handler.job_number if ticket.handler else ""
    return f"维修师傅 · 工号 {number}" if number else "维修师傅"
