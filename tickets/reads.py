"""One ticket and what hangs on it, in plain queries: the page that is opened more than any other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from core.rows import Query
from estates.models import Building, Estate, Owner, PublicPlace, Unit
from knowledge.models import Department, FaultCategory
from tickets.models import (
    Acceptance,
    CareTask,
    Case,
    CaseTicket,
    Clock,
    Evidence,
    FollowUp,
    Holder,
    PlanCard,
    PolicySet,
    PolicyVersion,
    RecordingConsent,
    Report,
    Ticket,
    TicketEvent,
)

TICKET = Query(
    "FROM tickets_ticket ticket JOIN estates_estate estate ON estate.id = ticket.estate_id"
    " JOIN tickets_report report ON report.id = ticket.report_id"
    " JOIN tickets_policyversion policy ON policy.id = ticket.policy_id"
    " JOIN tickets_policyset policies ON policies.id = policy.policy_id"
    " LEFT JOIN estates_building building ON building.id = ticket.building_id"
    " LEFT JOIN estates_unit unit ON unit.id = ticket.unit_id"
    " LEFT JOIN estates_publicplace place ON place.id = ticket.place_id"
    " LEFT JOIN estates_owner owner ON owner.id = ticket.owner_id"
    " LEFT JOIN knowledge_faultcategory fault ON fault.id = ticket.fault_id"
    " LEFT JOIN knowledge_department department ON department.id = ticket.department_id"
    " LEFT JOIN accounts_user handler ON handler.id = ticket.handler_id WHERE ticket.number = %s",
    ticket=Ticket,
    estate=Estate,
    report=Report,
    policy=PolicyVersion,
    policies=PolicySet,
    building=Building,
    unit=Unit,
    place=PublicPlace,
    owner=Owner,
    fault=FaultCategory,
    department=Department,
    handler=User,
)
CLOCKS = Query(
    "FROM tickets_clock clock WHERE clock.ticket_id = %s ORDER BY clock.round, clock.id", clock=Clock
)
EVENTS = Query(
    "FROM tickets_ticketevent event WHERE event.ticket_id = %s ORDER BY event.seq DESC", event=TicketEvent
)
EVIDENCE = Query(
    "FROM tickets_evidence item LEFT JOIN tickets_recordingconsent consent ON consent.evidence_id = item.id"
    " WHERE item.ticket_id = %s ORDER BY item.added_at, item.id",
    item=Evidence,
    consent=RecordingConsent,
)
PLAN = Query(
    "FROM tickets_plancard plan LEFT JOIN tickets_evidence signature ON signature.id = plan.signature_id"
    " WHERE plan.ticket_id = %s ORDER BY plan.number DESC LIMIT 1",
    plan=PlanCard,
    signature=Evidence,
)
ACCEPTANCES = Query(
    "FROM tickets_acceptance sheet LEFT JOIN tickets_evidence signature ON signature.id = sheet.signature_id"
    " LEFT JOIN accounts_user person ON person.id = sheet.inspected_by_id"
    " WHERE sheet.ticket_id = %s ORDER BY sheet.round DESC",
    sheet=Acceptance,
    signature=Evidence,
    person=User,
)
FOLLOW_UPS = Query(
    "FROM tickets_followup call JOIN accounts_user person ON person.id = call.called_by_id"
    " WHERE call.ticket_id = %s ORDER BY call.called_at DESC",
    call=FollowUp,
    person=User,
)
BESIDE = Query(
    "FROM tickets_ticket ticket"
    " LEFT JOIN tickets_holder holder ON holder.ticket_id = ticket.id AND holder.until IS NULL"
    " LEFT JOIN accounts_user person ON person.id = holder.user_id"
    " LEFT JOIN tickets_caseticket link ON link.ticket_id = ticket.id"
    " LEFT JOIN tickets_case kase ON kase.id = link.case_id"
    " LEFT JOIN accounts_user responsible ON responsible.id = kase.responsible_id"
    " LEFT JOIN tickets_caretask care ON care.ticket_id = ticket.id"
    " LEFT JOIN accounts_user carer ON carer.id = care.done_by_id WHERE ticket.id = %s",
    holder=Holder,
    person=User,
    link=CaseTicket,
    kase=Case,
    responsible=User,
    care=CareTask,
    carer=User,
)
NEIGHBOURS = Query(
    "FROM tickets_ticket ticket LEFT JOIN knowledge_faultcategory fault ON fault.id = ticket.fault_id"
    " WHERE ticket.unit_id = %s AND ticket.id <> %s"
    " ORDER BY ticket.registered_at DESC, ticket.id DESC LIMIT 5",
    ticket=Ticket,
    fault=FaultCategory,
)


# No such sheet without one of these events: the page has read them, and asks for no more than there is.
PLANNED = frozenset({"submit_plan", "submit_plan_for_review"})
FINISHED = frozenset({"finish", "pass_acceptance"})
CALLED = frozenset({"close", "fail_follow_up", "follow_up_unreached"})


def find(user: Any, number: str) -> Ticket | None:
    """The ticket of this number with all that it refers to, if this user may see it (T01)."""
    found = TICKET.first(number)
    if found is None or not found[0].is_visible_to(user):
        return None
    ticket, estate, report, policy, policies, building, unit, place, owner, fault, department, handler = found
    policy.policy = policies
    ticket.estate, ticket.report, ticket.policy = estate, report, policy
    ticket.building, ticket.unit, ticket.place = building, unit, place
    ticket.owner, ticket.fault, ticket.handler = owner, fault, handler
    ticket.department = department
    for where in filter(None, (building, unit, place)):
        where.estate = estate
    for where in filter(None, (unit, place)):
        if building and where.building_id == building.pk:
            where.building = building
    return ticket


def clocks_of(ticket: Ticket) -> list[Clock]:
    """Its clocks in the order of rounds."""
    return [clock for (clock,) in CLOCKS.all(ticket.pk)]


def events_of(ticket: Ticket) -> list[TicketEvent]:
    """Its history, the newest event first."""
    return [event for (event,) in EVENTS.all(ticket.pk)]


def evidence_of(ticket: Ticket) -> list[Evidence]:
    """Its photos, recordings and signatures in the order they came."""
    items = []
    for item, consent in EVIDENCE.all(ticket.pk):
        item.agreed = consent
        items.append(item)
    return items


def plan_of(ticket: Ticket, events: Sequence[TicketEvent]) -> PlanCard | None:
    """Its newest plan card with the signature."""
    found = PLAN.first(ticket.pk) if _has(events, PLANNED) else None
    if found is None:
        return None
    plan, plan.signature = found
    return plan


def acceptances_of(ticket: Ticket, events: Sequence[TicketEvent]) -> list[Acceptance]:
    """Its acceptance sheets, the last round first, with signature and inspector."""
    sheets = []
    for sheet, signature, person in ACCEPTANCES.all(ticket.pk) if _has(events, FINISHED) else ():
        sheet.signature, sheet.inspected_by = signature, person
        sheets.append(sheet)
    return sheets


def follow_ups_of(ticket: Ticket, events: Sequence[TicketEvent]) -> list[FollowUp]:
    """Its follow-up calls, the newest first, with the caller."""
    calls = []
    for call, person in FOLLOW_UPS.all(ticket.pk) if _has(events, CALLED) else ():
        call.called_by = person
        calls.append(call)
    return calls


def _has(events: Sequence[TicketEvent], names: frozenset[str]) -> bool:
    return any(event.name in names for event in events)


@dataclass(frozen=True)
class Beside:
    """Who has a ticket now, and what ties it to others: its place in a case, the housekeeper's task."""

    holder: Holder | None
    link: CaseTicket | None
    care: CareTask | None


def beside(ticket: Ticket) -> Beside:
    """Its present holder, its case with the responsible person, its care task with who did it."""
    holder, person, link, case, responsible, care, carer = BESIDE.all(ticket.pk)[0]
    if holder:
        holder.user = person
    if link:
        case.responsible, link.case = responsible, case
    if care:
        care.done_by = carer
    return Beside(holder, link, care)


def others_of_unit(user: Any, ticket: Ticket) -> list[Ticket]:
    """The newest other tickets of the dwelling that this user may see."""
    if ticket.unit_id is None:
        return []
    if not user.has_perm("tickets.view_estate_tickets"):
        mine = Ticket.objects.visible_to(user).filter(unit=ticket.unit_id).exclude(pk=ticket.pk)
        return list(mine.select_related("fault")[:5])
    others = []
    for other, fault in NEIGHBOURS.all(ticket.unit_id, ticket.pk):
        if other.is_visible_to(user):
            other.fault = fault
            others.append(other)
    return others
