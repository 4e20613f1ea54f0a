"""What is open in a dwelling, and what was repaired there before, while its caller is on the line (IN-08)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count

from accounts.models import User
from core.db import joined
from core.rows import insert
from estates.models import Unit
from knowledge.models import FaultCategory
from tickets import workflow
from tickets.actors import Actor
from tickets.intake import Intake
from tickets.models import Report, Status, Ticket, TicketEvent
from tickets.states import ENDED

# How long a repair is watched: domain.md K09.
OBSERVED = timedelta(days=90)
REPAIRED = (Status.COMPLETED, Status.CLOSED, Status.ARCHIVED)
# A repaired ticket is not open to the caller, though its follow-up call may still be due.
OPEN = tuple(status for status in Status if status not in {*ENDED, Status.COMPLETED})
LONGEST_LOOK = 60
# What the column of an event's reason holds.
LONGEST_REASON = 500


@dataclass(frozen=True)
class Open:
    """A ticket that somebody works on; `calls` counts how often the caller rang again."""

    ticket: Ticket
    same_part: bool
    calls: int


@dataclass(frozen=True)
class Earlier:
    """A repair that is over, `days` ago; `same_fault` and not only the same part."""

    ticket: Ticket
    days: int
    same_fault: bool
    watched: bool


@dataclass(frozen=True)
class Repeats:
    """What to offer: calls to attach to, and repairs that this may be the 二次返修 of."""

    open: Sequence[Open] = field(default_factory=list)
    earlier: Sequence[Earlier] = field(default_factory=list)

    @property
    def same_open(self) -> bool:
        """Whether the very part the caller speaks of is being worked on."""
        return any(each.same_part for each in self.open)


def find(
    user: User, unit: Unit, fault: FaultCategory | None, *, covered: bool, said: bool, now: datetime
) -> Repeats:
    """The repeats to offer for a call about this part of this dwelling (IN-08).

    Open tickets of the same part go first; without a fault all open ones are given. Repairs
    of the part count within `OBSERVED`, or while it is `covered`. With `said`, the caller's
    word 已修过, every repair of the dwelling is given, those of the part first.
    """
    tickets = Ticket.objects.visible_to(user).filter(unit=unit).select_related("fault", "handler")
    newest = list(tickets.order_by("-registered_at")[:LONGEST_LOOK])
    working = [ticket for ticket in newest if ticket.status in OPEN]
    calls = _calls(working)
    found = [Open(ticket, _same_part(ticket, fault), calls.get(ticket.pk, 0)) for ticket in working]
    found.sort(key=lambda each: not each.same_part)
    done = [ticket for ticket in newest if ticket.status in REPAIRED and ticket.completed_at]
    earlier = [_earlier(ticket, fault, now) for ticket in done]
    if not said:
        kept = [each for each in earlier if _same_part(each.ticket, fault) and (covered or each.watched)]
    else:
        kept = sorted(earlier, key=lambda each: not _same_part(each.ticket, fault))
    return Repeats(open=found, earlier=kept)


def _same_part(ticket: Ticket, fault: FaultCategory | None) -> bool:
    if fault is None or ticket.fault is None:
        return False
    return (ticket.fault.area, ticket.fault.component) == (fault.area, fault.component)


def _earlier(ticket: Ticket, fault: FaultCategory | None, now: datetime) -> Earlier:
    since = now - ticket.completed_at
    same = fault is not None and ticket.fault_id == fault.pk
    return Earlier(ticket, max(since.days, 0), same, since <= OBSERVED)


def _calls(tickets: Sequence[Ticket]) -> dict[int, int]:
    """How often the caller rang again about these tickets, by their keys."""
    if not tickets:
        return {}
    rows = TicketEvent.objects.filter(ticket__in=tickets, name="repeat_call").order_by()
    return dict(rows.values_list("ticket_id").annotate(number=Count("pk")))


def find_open(user: User, pk: int) -> Ticket | None:
    """The ticket a call may be attached to, if it is open and in the user's scope."""
    tickets = Ticket.objects.visible_to(user).select_related("estate")
    return tickets.filter(pk=pk, status__in=OPEN).first()


def find_earlier(user: User, pk: int) -> Ticket | None:
    """The ticket a 二次返修 is to go back to, if it is in the user's scope; see `may_follow`."""
    return Ticket.objects.visible_to(user).filter(pk=pk).first()


def may_follow(earlier: Ticket, unit: Unit | None) -> bool:
    """Whether a new ticket of this dwelling can be the 二次返修 of that one."""
    return unit is not None and earlier.unit_id == unit.pk and earlier.status in REPAIRED


@joined
def attach_call(
    *, ticket: Ticket, call: Intake, by: Actor, at: datetime, report: Report | None = None
) -> Ticket:
    """Write the call down with the open ticket it is about, instead of a new one (重复报修, IN-08).

    Who has the ticket is told. The call is a report of its own, or part of `report` when it is
    about several faults. Raises workflow.StepTaken when the ticket was closed meanwhile.
    """
    ticket = workflow.lock(ticket)
    report = report or insert(
        Report(
            estate=ticket.estate,
            channel=call.channel,
            port=call.port,
            taken_by=by.user,
            started_at=call.started_at,
            saved_at=max(at, call.started_at),
        )
    )
    payload: dict[str, Any] = {
        "report": report.pk,
        "channel": str(report.channel),
        "port": str(report.port),
        "times": _calls([ticket]).get(ticket.pk, 0) + 1,
    }
    if call.reporter_name and call.reporter_name != ticket.reporter_name:
        payload["caller"] = call.reporter_name
    words = call.description.strip() or "业主再次来电询问进展"
    if len(words) > LONGEST_REASON:
        payload["words"] = words
    return workflow.note(
        ticket=ticket, name="repeat_call", by=by, at=at, reason=words[:LONGEST_REASON], payload=payload
    )
