"""What must be written down before a step, and what of it is missing (IN-11, SL-06).

`workflow.require` asks here, so every door is stopped in the same way and can
say what is missing and where it is filled in.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import F
from django.urls import reverse

from accounts.models import User
from tickets import kinds, openings
from tickets.kind_sheets import Sheet
from tickets.models import Class, ClassCase, Errand, Evidence, KindDetails, Ruling, Ticket
from tickets.models.responsibility import CONTRACTORS_MEND


@dataclass(frozen=True)
class Missing:
    """What is missing, in words, with the page where it is filled in and that page's name."""

    label: str
    url: str
    page: str


class NotReady(Exception):
    """The step must wait; carries what is missing."""

    def __init__(self, ticket: Ticket, label: str, missing: list[Missing]):
        super().__init__(f"{label}前还缺：{'、'.join(each.label for each in missing)}。")
        self.ticket, self.label, self.missing = ticket, label, missing


def missing(ticket: Ticket, step: str) -> list[Missing]:
    """What this step still needs; empty when nothing does. Plain repairs are asked of their fault alone."""
    found = [
        Missing(label, _url("ticket_sheet", ticket, sheet.name), sheet.label)
        for sheet in kinds.sheets_before(ticket.kind, step, level=ticket.level)
        if _applies(sheet, ticket)
        for label in [*sheet.missing(facts_of(ticket)), *_photos(sheet, ticket)]
    ]
    return [*found, *_application(ticket, step), *_contact(ticket, step), *_statement(ticket, step)]


def missing_for(ticket: Ticket, handler: User | None) -> list[Missing]:
    """What must be written down before this person may get the ticket, through whatever door (DI-06, DI-13).

    Contractors alone are asked about: no ticket of theirs without the engineer's word, no 二次返修 before the
    manager has been there.
    """
    return missing_for_contractor(ticket) if works_for_contractor(handler) else []


def missing_for_contractor(ticket: Ticket) -> list[Missing]:
    """What must be written down before any contractor may get the ticket (DI-06, DI-13)."""
    return [*_ruling(ticket), *_manager_visit(ticket)]


def works_for_contractor(handler: User | None) -> bool:
    """Whether this user is a worker of a contractor under warranty.

    Third parties are paid for what others owe: no ruling says whether they may go, their contract does
    (`dispatch.suggest`).
    """
    # The floor above owns the table; a user without a row there has no such attribute.
    return getattr(getattr(handler, "worker", None), "employer", "") == "contractor"


def ruling_of(ticket: Ticket) -> Ruling | None:
    """The engineer's ruling in force: the newest, unless it is disputed."""
    return rulings_of([ticket]).get(ticket.pk)


def rulings_of(tickets: Iterable[Ticket]) -> dict[int, Ruling]:
    """The rulings in force of several tickets, by ticket; one query."""
    newest = Ruling.objects.filter(ticket__in=[ticket.pk for ticket in tickets])
    newest = newest.order_by("ticket_id", "-pk").distinct("ticket_id").select_related("trade", "made_by")
    return {ruling.ticket_id: ruling for ruling in newest if ruling.disputed_at is None}


def covered_under(ticket: Ticket, ruling: Ruling | None) -> str:
    """Whether it is covered, the engineer's word before the machine's: "yes", "no" or "unknown" (WA-02)."""
    return (ruling.covered if ruling else "") or ticket.covered


def liable_instead(ruling: Ruling | None) -> str:
    """Who answers by this ruling where no contractor mends for them, in words; else "" (DI-13)."""
    if ruling is None or ruling.party in CONTRACTORS_MEND:
        return ""
    return ruling.get_party_display()


def awaits_manager(ticket: Ticket) -> bool:
    """Whether this is a 二次返修 that the manager has not been to in this round (DI-06)."""
    return ticket.pk in awaiting_manager([ticket])


def awaiting_manager(tickets: Iterable[Ticket]) -> frozenset[int]:
    """The keys of those of several tickets for which `awaits_manager`; one query at most."""
    again = {ticket.pk for ticket in tickets if openings.is_again(ticket)}
    if not again:
        return frozenset()
    done = Errand.objects.filter(
        ticket__in=again, kind=Errand.Kind.MANAGER, round=F("ticket__round"), done_at__isnull=False
    )
    return frozenset(again - set(done.values_list("ticket", flat=True)))


def _ruling(ticket: Ticket) -> Iterator[Missing]:
    page = (_url("ticket_responsibility", ticket), "责任确认")
    ruling = ruling_of(ticket)
    if ruling is None:
        yield Missing("工程师确认专业与责任（派保修单位）", *page)
    elif other := liable_instead(ruling):
        yield Missing(f"责任已确认为{other}，不属保修单位", *page)


def _manager_visit(ticket: Ticket) -> Iterator[Missing]:
    if awaits_manager(ticket):
        yield Missing(
            "经理上门记录（二次返修，派保修单位）",
            _url("ticket_errand", ticket, Errand.Kind.MANAGER.value),
            "经理上门",
        )


def waits_for(ticket: Ticket) -> dict[str, list[Missing]]:
    """What the next gated steps of this ticket wait for, by step, for the pages that say so beforehand."""
    found = {}
    for transition in ticket.get_available_status_transitions():
        if lacking := missing(ticket, transition.name):
            found[transition.name] = lacking
    return found


def facts_of(ticket: Ticket) -> dict[str, str]:
    """The filled-in fields of the ticket's sheets, read once for each instance."""
    if "details_facts" not in ticket.__dict__:
        row = KindDetails.objects.filter(ticket=ticket).first()
        ticket.__dict__["details_facts"] = row.facts if row else {}
    return ticket.__dict__["details_facts"]


def applying_sheets(ticket: Ticket) -> list[Sheet]:
    """The sheets that this ticket has."""
    return [sheet for sheet in kinds.of(ticket.kind).sheets if _applies(sheet, ticket)]


def _applies(sheet: Sheet, ticket: Ticket) -> bool:
    return not sheet.only or (ticket.fault is not None and getattr(ticket.fault, sheet.only))


def _photos(sheet: Sheet, ticket: Ticket) -> Iterator[str]:
    if sheet.photos:
        there = Evidence.objects.filter(ticket=ticket, kind=Evidence.Kind.PHOTO)[: sheet.photos].count()
        if there < sheet.photos:
            yield "现场照片"


def _application(ticket: Ticket, step: str) -> Iterator[Missing]:
    """Prying a lock or breaking a door waits for the owner's written application (IN-14)."""
    if step == "dispatch" and application_missing(ticket):
        url = f"{_url('ticket_files', ticket)}?stage={Evidence.Stage.APPLICATION}"
        yield Missing("业主签字的书面申请（破坏性作业）", url, "上传书面申请")


def application_missing(ticket: Ticket) -> bool:
    """Whether destructive work still lacks the owner's written application."""
    application = Evidence.Stage.APPLICATION
    return ticket.destructive and not Evidence.objects.filter(ticket=ticket, stage=application).exists()


def _contact(ticket: Ticket, step: str) -> Iterator[Missing]:
    if step != "reply" or not kinds.of(ticket.kind).contact_first:
        return
    if not ticket.events.filter(name="contact_caller", round=ticket.round).exists():
        yield Missing("与投诉人的联系核实", _url("ticket_contact", ticket), "记录联系")


def _statement(ticket: Ticket, step: str) -> Iterator[Missing]:
    """An accident is not closed without its written statement, approved by the director (SL-06)."""
    if ticket.severity != Class.ACCIDENT:
        return
    ends = step == "close" or (step == "reply" and "close" not in kinds.of(ticket.kind).steps)
    if not ends:
        return
    case = ClassCase.objects.filter(ticket=ticket).first()
    if case is None or case.answered_at is None:
        yield Missing("负责人的答复", _url("ticket_answer", ticket), "事故答复")
    if not ticket.statements.filter(approved=True).exists():
        yield Missing("经批准的事故说明", _url("ticket_statement", ticket), "事故说明")


def _url(name: str, ticket: Ticket, *args: str) -> str:
    return reverse(name, args=[ticket.number, *args])
