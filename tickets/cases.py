"""One cause, several rooms: linking tickets into a case with one responsible person (IN-21)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from accounts.queries import staff_with
from core.db import joined
from estates.models import Unit
from notices.outbox import Recipient, post
from tickets import rules, workflow
from tickets.actors import Actor
from tickets.models import Case, CaseTicket, Ticket, TicketEvent
from tickets.states import URGEABLE

Side = CaseTicket.Side
OTHER_SIDE = {Side.CAUSE: Side.DAMAGE, Side.DAMAGE: Side.CAUSE}
# Floors above and below that a leak may come from or run to.
FLOORS_NEAR = 3
OFFERED = 6
EVENTS_SHOWN = 200


class CannotJoin(ValueError):
    """A ticket that is not of this estate, or belongs to another case; the message names it."""


@dataclass(frozen=True)
class Facts:
    """What a case is about, and who answers for it."""

    title: str
    responsible: User
    cause: str = ""


@joined
def open_case(*, facts: Facts, tickets: Sequence[tuple[Ticket, str]], by: Actor, at: datetime) -> Case:
    """Link tickets of one cause, each with its side; the responsible person is told. Raises CannotJoin."""
    first = tickets[0][0]
    case = Case.objects.create(
        estate_id=first.estate_id,
        title=facts.title,
        cause=facts.cause,
        responsible=facts.responsible,
        opened_by=by.user,
        opened_at=at,
    )
    for ticket, side in tickets:
        join(case=case, ticket=ticket, side=side, by=by, at=at)
    _tell_responsible(case, at)
    return case


@joined
def join(*, case: Case, ticket: Ticket, side: str, by: Actor, at: datetime) -> CaseTicket:
    """Add a ticket to a case. Raises CannotJoin, workflow.StepForbidden."""
    ticket = workflow.lock(ticket)
    known = CaseTicket.objects.filter(ticket=ticket).select_related("case").first()
    if known and known.case_id == case.pk:
        return known
    if known:
        raise CannotJoin(f"{ticket.number} 已在案件“{known.case.title}”里。")
    if ticket.estate_id != case.estate_id:
        raise CannotJoin(f"{ticket.number} 不是这个项目的工单。")
    payload = {"case": case.pk, "case_title": case.title, "side": str(side)}
    workflow.note(ticket=ticket, name="join_case", by=by, at=at, payload=payload)
    return CaseTicket.objects.create(case=case, ticket=ticket, side=side, added_by=by.user, added_at=at)


@joined
def join_call(*, ticket: Ticket, other: Ticket, side: str, by: Actor, at: datetime) -> Case:
    """A call said to have the same cause as another ticket: into its case, or a new one of both."""
    link = CaseTicket.objects.filter(ticket=other).select_related("case").first()
    if link:
        join(case=link.case, ticket=ticket, side=side, by=by, at=at)
        return link.case
    facts = Facts(title=title_for(other), responsible=default_responsible(ticket.estate_id) or by.user)
    sides = [(other, OTHER_SIDE[Side(side)]), (ticket, side)]
    return open_case(facts=facts, tickets=sides, by=by, at=at)


@joined
def change(*, case: Case, facts: Facts, by: Actor, at: datetime) -> Case:
    """Another title, cause or responsible person; a new person is told, and every ticket says so."""
    case = Case.objects.select_for_update().get(pk=case.pk)
    if not may_work(case, by):
        raise PermissionDenied("关联案件由负责本项目的岗位办理。")
    handed_over = case.responsible_id != facts.responsible.pk
    case.title, case.cause, case.responsible = facts.title, facts.cause, facts.responsible
    case.save(update_fields=["title", "cause", "responsible"])
    if handed_over:
        words = f"由{facts.responsible.full_name}负责"
        for link in case.links.select_related("ticket"):
            workflow.note(ticket=link.ticket, name="hand_case", by=by, at=at, reason=words)
        _tell_responsible(case, at)
    return case


def may_work(case: Case, by: Actor) -> bool:
    """Whether this actor may change the case: whoever works on tickets of its estate."""
    return rules.works_on_tickets(case, by)


def candidates(estate_id: int) -> QuerySet[User]:
    """Who can be responsible: the people who triage and judge in this estate."""
    return staff_with(permission="tickets.triage_ticket", estate_id=estate_id)


def default_responsible(estate_id: int) -> User | None:
    """An engineer of the estate, who judges causes; None where there is none."""
    return staff_with(permission="tickets.judge_ticket", estate_id=estate_id).first()


def title_for(ticket: Ticket) -> str:
    """What a case is called that starts from this ticket."""
    what = ticket.fault.fault if ticket.fault else "同一原因"
    return f"{ticket.place_label} {what}，多户受影响"[:80]


def near(user: User, unit: Unit) -> Sequence[Ticket]:
    """Open tickets of other dwellings close above and below, and beside on these floors."""
    tickets = Ticket.objects.visible_to(user).filter(building=unit.building_id, status__in=URGEABLE)
    tickets = tickets.filter(unit__entrance=unit.entrance).exclude(unit=unit)
    if unit.floor is not None:
        tickets = tickets.filter(unit__floor__range=(unit.floor - FLOORS_NEAR, unit.floor + FLOORS_NEAR))
    return list(tickets.select_related("fault", "case_link__case").order_by("-registered_at")[:OFFERED])


def events_of(case: Case) -> Sequence[TicketEvent]:
    """What happened to all its tickets, the newest first, with the ticket of each."""
    events = TicketEvent.objects.filter(ticket__case_link__case=case).select_related("ticket")
    return list(events.order_by("-at", "-pk")[:EVENTS_SHOWN])


def _tell_responsible(case: Case, at: datetime) -> None:
    post(
        template="W25",
        key=f"case:{case.pk}:{case.responsible_id}",
        recipients=[Recipient.staff(case.responsible_id)],
        values={"项目": case.estate.name, "问题": case.title, "数量": case.links.count()},
        at=at,
        link=reverse("desk_case", args=[case.pk]),
    )
