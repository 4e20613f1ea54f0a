"""What time does to tickets: deferred ones come back, closed ones go to the archive."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from core.templatetags.fangxiu import dated
from tickets import workflow
from tickets.actors import Actor
from tickets.models import Ticket
from tickets.states import Status

# A closed ticket stays at hand for complaints before it is filed.
DAYS_BEFORE_ARCHIVE = 7


def undefer_due(*, today: date, at: datetime) -> int:
    """Bring back deferred tickets whose promised day has come (SL-10); returns how many."""
    due = Ticket.objects.filter(status=Status.DEFERRED, deferred_until__lte=today)
    return _step_all(
        due, "undefer", at, reason=lambda ticket: f"延期到{dated(ticket.deferred_until)}，自动恢复"
    )


def archive_closed(*, at: datetime) -> int:
    """File tickets that have been closed for a week (FU-03); returns how many."""
    due = Ticket.objects.filter(status=Status.CLOSED, closed_at__lte=at - timedelta(days=DAYS_BEFORE_ARCHIVE))
    return _step_all(due, "archive", at)


def _step_all(
    tickets, name: str, at: datetime, *, reason: Callable[[Ticket], str] = lambda ticket: ""
) -> int:
    moved = 0
    for ticket in tickets.order_by("pk"):
        try:
            workflow.step(ticket=ticket, name=name, by=Actor.system(), at=at, reason=reason(ticket))
        except workflow.StepTaken:
            continue  # Somebody was faster: that is what we wanted.
        moved += 1
    return moved
