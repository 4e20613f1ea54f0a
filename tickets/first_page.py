"""What every handler sees first: what fails, what waits for them, what they owe (SL-09)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from accounts.models import User
from tickets import delays, kinds
from tickets.lines import Line, lines, values_of
from tickets.models import Clock, Ticket
from tickets.queries import with_next_due
from tickets.states import Status

SOON = timedelta(hours=2)
ROWS, OWED = 10, 6
# Who may take the step that a ticket of these kinds in these states waits for.
WAITS = {
    "dispatch_ticket": (kinds.SENT, (Status.REGISTERED, Status.IN_REVIEW)),
    "reply_ticket": (kinds.ANSWERED, (Status.REGISTERED,)),
    "review_plan": (kinds.SENT, (Status.PLAN_REVIEW,)),
    "inspect_ticket": (kinds.SENT, (Status.PRE_INSPECTION,)),
    "follow_up_ticket": (tuple(kinds.POLICIES), (Status.COMPLETED,)),
}


@dataclass(frozen=True)
class Part:
    """Some of the tickets of a part of the page, and how many there are."""

    count: int
    lines: Sequence[Line]


def read(user: User, *, now: datetime) -> dict[str, Any]:
    """Everything of the page that depends on who looks."""
    watched = with_next_due(Ticket.objects.visible_to(user).open())
    waiting = waiting_for(user)
    owed = delays.owed_by(user, now=now)
    return {
        "breached": _part(watched.filter(next_due__lt=now), now),
        "soon": _part(watched.filter(next_due__gte=now, next_due__lte=now + SOON), now),
        "waiting": _part(waiting, now) if waiting is not None else None,
        "owed": owed[:OWED],
        "owed_count": owed.count(),
        "estates": by_estate(user, now=now) if _looks_across(user) else [],
    }


def waiting_for(user: User) -> QuerySet[Ticket] | None:
    """Tickets whose next step this user may take, by limit; None for those who take no steps."""
    mine = [
        Q(kind__in=of, status__in=states)
        for permission, (of, states) in WAITS.items()
        if user.has_perm(f"tickets.{permission}")
    ]
    if not mine:
        return None
    return with_next_due(Ticket.objects.visible_to(user).filter(reduce(or_, mine)))


def by_estate(user: User, *, now: datetime) -> list[dict[str, Any]]:
    """Open and late tickets of each estate in the user's scope, the worst first."""
    late = Clock.objects.filter(
        stopped_at__isnull=True, paused_at__isnull=True, due_at__lt=now, ticket__in=_open(user).values("pk")
    )
    rows = (
        _open(user)
        .order_by()
        .values("estate", "estate__name")
        .annotate(open=Count("pk"), late=Count("pk", filter=Q(pk__in=late.values("ticket"))))
    )
    return sorted(rows, key=lambda row: (-row["late"], -row["open"]))


def _open(user: User) -> QuerySet[Ticket]:
    return Ticket.objects.visible_to(user).open()


def _looks_across(user: User) -> bool:
    """Those who answer for whole estates: who review plans, and who only look on."""
    return user.has_perm("tickets.review_plan") or not user.has_perm("tickets.register_ticket")


def _part(tickets: QuerySet[Ticket], now: datetime) -> Part:
    rows = tickets.order_by(F("next_due").asc(nulls_last=True), "level", "pk")
    return Part(tickets.order_by().count(), lines(values_of(rows)[:ROWS], now=now))
