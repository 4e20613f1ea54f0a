"""Reads for the pages of an emergency (DI-09)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from dispatch.emergency import record, telling
from dispatch.models import Activation, Held, Order, SquadMember, Supply
from tickets.models import Ticket
from tickets.states import Status

COLUMNS: Sequence[tuple[str, tuple[str, ...]]] = (
    ("待派", (Status.INCOMPLETE, Status.REGISTERED, Status.IN_REVIEW)),
    ("已派未到", (Status.DISPATCHED, Status.ACCEPTED, Status.SCHEDULED)),
    ("处置中", (Status.SURVEYING, Status.PLAN_REVIEW, Status.OWNER_CONSENT, Status.REPAIRING)),
    ("待验收", (Status.PRE_INSPECTION, Status.OWNER_ACCEPTANCE)),
    ("挂起", (Status.SUSPENDED, Status.DEFERRED)),
    ("已完成", (Status.COMPLETED, Status.CLOSED, Status.ARCHIVED)),
)
BUILDINGS, ORDERS, URGENT = 12, 40, 8
OPEN = [status for label, states in COLUMNS if label != "已完成" for status in states]


@dataclass(frozen=True)
class Table:
    """Disaster tickets by level and by where they stand; a row's last number is its sum."""

    columns: Sequence[str]
    rows: Sequence[tuple[int, Sequence[int], int]]
    sums: Sequence[int]
    total: int
    done: int


@dataclass(frozen=True)
class Machine:
    """How far the background work is: `value` of `total` tickets paused, or let go after the end."""

    label: str
    value: int
    total: int
    done: bool


@dataclass(frozen=True)
class Progress:
    """All that the page shows, for one reader."""

    table: Table
    buildings: Sequence[tuple[str, int]]
    waiting: Sequence[Ticket]
    squad: Sequence[tuple[SquadMember, str]]
    present: int
    supplies: Sequence[Supply]
    short: int
    paused: int
    excepted: int
    told: Mapping[str, int]
    checks: Mapping[str, int]
    orders: Sequence[Order]
    machine: Machine


def progress(activation: Activation, user: User) -> Progress:
    """Tickets, people, supplies and orders as they stand; tickets within the reader's scope."""
    tickets = record.disaster_tickets(activation).filter(
        pk__in=Ticket.objects.visible_to(user).order_by().values("pk")
    )
    rows = list(tickets.values_list("level", "status", "estate__name", "building__name"))
    squad = list(activation.squad.select_related("user"))
    supplies = list(activation.supplies.all())
    held = Counter(dict(activation.held.order_by().values_list("state").annotate(Count("pk"))))
    return Progress(
        table=_table(rows),
        buildings=_buildings(rows),
        waiting=_waiting(tickets),
        squad=_places(squad, user if activation.is_open else None),
        present=sum(each.presence == SquadMember.Presence.PRESENT for each in squad),
        supplies=supplies,
        short=sum(each.short > 0 for each in supplies),
        paused=held[Held.State.PAUSED],
        excepted=held[Held.State.EXCEPTED],
        told=_told(activation),
        checks=activation.checks.aggregate(
            all=Count("pk"), done=Count("pk", filter=Q(done_at__isnull=False))
        ),
        orders=list(activation.orders.select_related("by")[:ORDERS]),
        machine=machine(activation, held),
    )


def machine(activation: Activation, held: Mapping[str, int]) -> Machine:
    """How far pausing or letting go is."""
    paused, resumed = held.get(Held.State.PAUSED, 0), held.get(Held.State.RESUMED, 0)
    if activation.state == Activation.State.ACTIVE:
        seen = paused + resumed + held.get(Held.State.EXCEPTED, 0)
        total = max(activation.planned, seen)
        return Machine("暂停3–4级工单", seen, total, seen >= total)
    return Machine("恢复暂停的工单", resumed, paused + resumed, not paused)


def _table(rows: Sequence[tuple]) -> Table:
    place = {status: number for number, (_, states) in enumerate(COLUMNS) for status in states}
    counts = {level: [0] * len(COLUMNS) for level in range(1, 5)}
    for level, status, *_ in rows:
        counts[level][place[status]] += 1
    sums = [sum(numbers) for numbers in zip(*counts.values(), strict=True)]
    found = [(level, numbers, sum(numbers)) for level, numbers in counts.items() if any(numbers)]
    return Table([label for label, _ in COLUMNS], found, sums, len(rows), sums[-1])


def _buildings(rows: Sequence[tuple]) -> list[tuple[str, int]]:
    counted = Counter(
        f"{estate} {building or '公共部位'}" for _, status, estate, building in rows if status in OPEN
    )
    return counted.most_common(BUILDINGS)


def _waiting(tickets: QuerySet[Ticket]) -> list[Ticket]:
    """Those that nobody has yet, the most urgent and oldest first."""
    states = COLUMNS[0][1]
    found = tickets.filter(status__in=states).select_related("estate", "fault")
    return list(found.order_by("level", "registered_at", "pk")[:URGENT])


def _places(squad: Sequence[SquadMember], user: User | None) -> list[tuple[SquadMember, str]]:
    """Each with where they are: on a ticket's site, or where the commander wrote; the latter without a user.

    Where somebody is weeks after the end is nobody's business on the page of that emergency.
    """
    if user is None:
        return [(each, each.place) for each in squad]
    here = (
        Ticket.objects.visible_to(user)
        .filter(handler__in=[each.user_id for each in squad if each.user_id])
        .filter(status__in=(Status.SURVEYING, Status.REPAIRING))
        .select_related("estate")
    )
    sites = {ticket.handler_id: f"{ticket.estate.name} {ticket.place_label}" for ticket in here}
    return [(each, sites.get(each.user_id) or each.place) for each in squad]


def _told(activation: Activation) -> dict[str, int]:
    states = telling.reach(activation)
    return {
        "sent": states.get("sent", 0),
        "waiting": states.get("new", 0) + states.get("sending", 0),
        "failed": states.get("dead", 0),
        "all": sum(states.values()),
    }


def panel(user: User, at: datetime) -> Mapping[str, Any] | None:
    """The emergencies in force, for the first page of every desk; None when there is none."""
    found = Activation.objects.visible_to(user).filter(state=Activation.State.ACTIVE, ends_at__gt=at)
    rows = list(found.select_related("plan", "commander").prefetch_related("estates"))
    return {"rows": rows} if rows else None
