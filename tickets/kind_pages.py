"""What kinds and classes add to the page of a ticket (IN-11, SL-06)."""

from typing import Any

from django.urls import reverse

from tickets import class_queries, kinds, requirements, rules
from tickets.actors import Actor
from tickets.kind_sheets import Sheet
from tickets.models import Class, ClassCase, Kind, Ticket
from tickets.states import ENDED


def context(ticket: Ticket, by: Actor) -> dict[str, Any]:
    """Sheets, what the next steps wait for, and how the class stands; a plain repair costs no query."""
    case = class_queries.case_of(ticket)
    statements = []
    if ticket.severity == Class.ACCIDENT:
        statements = list(ticket.statements.select_related("made_by", "decided_by"))
    return {
        "is_sent": ticket.kind in kinds.SENT,
        "subject_title": f"{ticket.get_kind_display() if ticket.kind != Kind.REPAIR else '报修'}内容",
        "waiting": waiting(ticket),
        "sheets": [sheet_card(ticket, sheet, by) for sheet in requirements.applying_sheets(ticket)],
        "case": case,
        "statements": statements,
        "classes": class_queries.offered_classes(ticket, by),
        "class_links": class_links(ticket, case, statements, by),
    }


def waiting(ticket: Ticket) -> list[dict[str, Any]]:
    """For each step that cannot be taken yet: its name and what it lacks."""
    labels = {each.name: each.custom["label"] for each in ticket.get_available_status_transitions()}
    return [
        {"title": f"{labels[name]}前还缺以下内容", "lacking": lacking}
        for name, lacking in requirements.waits_for(ticket).items()
    ]


def sheet_card(ticket: Ticket, sheet: Sheet, by: Actor) -> dict[str, Any]:
    """One sheet as the page shows it; `url` leads to its form for who may fill it in."""
    facts = requirements.facts_of(ticket)
    may = ticket.status not in ENDED and rules.may_fill(ticket, sheet, by)
    return {
        "label": sheet.label,
        "rows": [(ask.label, ask.words(facts[ask.name])) for ask in sheet.asks if facts.get(ask.name)],
        "url": reverse("ticket_sheet", args=[ticket.number, sheet.name]) if may else "",
    }


def said(ticket: Ticket) -> list[tuple[str, str]]:
    """What its kind asks for and what was written down: service, quote, device. Label and words."""
    facts = requirements.facts_of(ticket)
    asks = (ask for sheet in requirements.applying_sheets(ticket) for ask in sheet.asks)
    return [(ask.label, ask.words(facts[ask.name])) for ask in asks if facts.get(ask.name)]


def class_links(ticket: Ticket, case: ClassCase | None, statements: list, by: Actor) -> list[dict[str, str]]:
    """What this person may do about the class now."""
    if case is None or ticket.status in ENDED:
        return []
    found = []
    if case.asked_at and rules.may_supervise(ticket, by):
        found.append(("审批超期", "ticket_overrun"))
    if ticket.severity == Class.ACCIDENT:
        found += _accident_links(ticket, case, statements, by)
    return [{"label": label, "url": reverse(name, args=[ticket.number])} for label, name in found]


def _accident_links(ticket: Ticket, case: ClassCase, statements: list, by: Actor):
    last = statements[0] if statements else None
    if not case.answered_at and rules.may_direct(ticket, by):
        yield "答复业主", "ticket_answer"
    writes = rules.may_judge(ticket, by) or rules.may_supervise(ticket, by)
    if writes and (last is None or last.approved is False):
        yield "编写事故说明", "ticket_statement"
    if last and last.approved is None and rules.may_direct(ticket, by):
        yield "审批事故说明", "ticket_statement_decide"
