"""What hangs between departments in an estate at a moment, frozen as words for the weekly list (S4)."""

from dataclasses import asdict, dataclass
from datetime import datetime

from coordination import pauses
from coordination.models import Request, WeeklyItem
from core.templatetags.fangxiu import dated
from tickets.models import Status, Ticket, TicketEvent
from tickets.pages import duration

MOST = 300


@dataclass(frozen=True)
class Line:
    """One line of the list: what stands in `WeeklyItem.facts`."""

    number: str
    counterpart: str
    about: str
    asked: str
    owner: str
    since: str
    due: str
    late: str
    last: str


def lines(estate_id: int, *, at: datetime) -> list[WeeklyItem]:
    """Unsaved items of the estate: the longest overdue request first, then tickets without a request."""
    requests = Request.objects.filter(estate=estate_id).waiting()
    listed = requests.listed().select_related("ticket__fault").prefetch_related("events")[:MOST]
    items = [
        WeeklyItem(request=each, ticket=each.ticket, facts=asdict(_of_request(each, at))) for each in listed
    ]
    asked = {each.ticket_id for each in items}
    for ticket in _waiting_tickets(estate_id):
        if ticket.pk not in asked and (event := _waits_for_others(ticket)):
            items.append(WeeklyItem(ticket=ticket, facts=asdict(_of_ticket(ticket, event, at))))
    return items


def _of_request(request: Request, at: datetime) -> Line:
    events = list(request.events.all())
    last = events[-1]
    late = int((at - request.due_at).total_seconds() // 60)
    return Line(
        number=request.number,
        counterpart=request.whom,
        about=_about(request.ticket),
        asked=request.asked,
        owner=request.owner.full_name,
        since=dated(request.asked_at),
        due=dated(request.due_at),
        late=f"逾期{_days(late)}" if late > 0 else "",
        last=f"{dated(last.at)} {last.get_name_display()}：{last.words}"[:200],
    )


def _of_ticket(ticket: Ticket, event: TicketEvent, at: datetime) -> Line:
    waited = int((at - event.at).total_seconds() // 60)
    return Line(
        number=ticket.number,
        counterpart="尚未发起协作单",
        about=_about(ticket),
        asked=event.reason,
        owner=event.actor_name,
        since=dated(event.at),
        due="",
        late=f"已等待{_days(waited)}",
        last=f"{dated(event.at)} {event.label}",
    )


def _about(ticket: Ticket | None) -> str:
    if ticket is None:
        return "项目事项"
    what = ticket.problem
    return f"{ticket.number} {ticket.place_label} {what}"


def _days(minutes: int) -> str:
    return f"{minutes // 1440}天" if minutes >= 1440 else duration(minutes)


def _waiting_tickets(estate_id: int) -> list[Ticket]:
    rows = Ticket.objects.filter(estate=estate_id, status=Status.SUSPENDED).select_related("fault")
    return list(rows.order_by("registered_at")[:MOST])


def _waits_for_others(ticket: Ticket) -> TicketEvent | None:
    """The event that put the ticket aside, if that was for another department."""
    event = ticket.events.filter(name="suspend").order_by("-seq").first()
    return event if event and event.payload.get("pause") == pauses.REASON else None
