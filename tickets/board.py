"""The live board: every open ticket as a card in the column of its state (SL-07)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, F, Max, Q, QuerySet
from django.urls import reverse

from accounts.models import User
from tickets import precedence
from tickets.calendars import SHANGHAI
from tickets.models import Clock, Ticket, TicketEvent
from tickets.queries import with_next_due
from tickets.states import Status

COLUMNS: Sequence[tuple[str, tuple[str, ...]]] = (
    ("待派单", (Status.INCOMPLETE, Status.REGISTERED, Status.IN_REVIEW)),
    ("待上门", (Status.DISPATCHED, Status.ACCEPTED, Status.SCHEDULED)),
    ("勘查与方案", (Status.SURVEYING, Status.PLAN_REVIEW, Status.OWNER_CONSENT)),
    ("维修中", (Status.REPAIRING,)),
    ("待验收", (Status.PRE_INSPECTION, Status.OWNER_ACCEPTANCE)),
    ("待回访", (Status.COMPLETED,)),
    ("挂起与延期", (Status.SUSPENDED, Status.DEFERRED)),
)
OPEN = [status for _, states in COLUMNS for status in states]
STATUS_LABELS = dict(Status.choices)
CLOCK_LABELS = dict(Clock.Kind.choices)
# Nobody reads more cards than these; the count above them is exact.
CARDS, CARDS_ON_WALL = 20, 4
MOST = 3000
# Within this share of its time a card is marked as about to fail.
SOON = timedelta(hours=2)
RESPONSE_DAYS, COMPLETION_DAYS = 7, 30


@dataclass(frozen=True)
class Choice:
    """What the filters of the board ask for; empty means everything."""

    estate: Any = None
    level: int | None = None
    trade: Any = None
    person: Any = None
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One ticket on the board; `tone` is danger when the limit is over, warn when it is near."""

    number: str
    url: str
    level: int
    place: str
    problem: str
    status: str
    status_label: str
    handler: str
    clock: str
    due: datetime | None
    tone: str
    # Why it stands before all others; empty for most (tickets.precedence).
    first: str


@dataclass(frozen=True)
class Column:
    """A state, or a few that mean the same to who watches: its cards, the most urgent first."""

    label: str
    count: int
    overdue: int
    cards: Sequence[Card]

    @property
    def more(self) -> int:
        return self.count - len(self.cards)


def tickets_of(user: User, choice: Choice) -> QuerySet[Ticket]:
    """What the board is about, open or not."""
    tickets = Ticket.objects.visible_to(user)
    if choice.estate:
        tickets = tickets.filter(estate=choice.estate)
    if choice.level:
        tickets = tickets.filter(level=choice.level)
    if choice.trade:
        tickets = tickets.filter(fault__trades=choice.trade)
    if choice.person:
        tickets = tickets.filter(handler=choice.person)
    return tickets


def columns(tickets: QuerySet[Ticket], choice: Choice, *, now: datetime, cards: int = CARDS) -> list[Column]:
    """The columns with the cards of these tickets, by level and then by limit."""
    rows = with_next_due(tickets.filter(status__in=OPEN))
    if choice.overdue:
        rows = rows.filter(next_due__lt=now)
    values = rows.order_by("level", F("next_due").asc(nulls_last=True), "pk").values_list(
        "number",
        "level",
        "estate__name",
        "place_label",
        "fault__fault",
        "description",
        "status",
        "handler__full_name",
        "next_clock",
        "next_due",
        "estate_id",
        "fault_id",
    )
    rules = precedence.in_force(now)
    found: dict[str, list[Card]] = {status: [] for status in OPEN}
    for row in values[:MOST]:
        card = _card(row, now, rules)
        found[card.status].append(card)
    return [
        _column(label, [card for each in states for card in found[each]], cards) for label, states in COLUMNS
    ]


def _card(row: tuple, now: datetime, rules: Sequence[precedence.Precedence]) -> Card:
    number, level, estate, place, fault, description, status, handler, clock, due, estate_id, fault_id = row
    tone = "neutral"
    if due is not None:
        tone = "danger" if due < now else "warn" if due < now + SOON else "ok"
    return Card(
        number=number,
        url=reverse("ticket", args=[number]),
        level=level,
        place=f"{estate} {place}",
        problem=fault or description or "待补充",
        status=status,
        status_label=STATUS_LABELS[status],
        handler=handler or "",
        clock=CLOCK_LABELS.get(clock, ""),
        due=due,
        tone=tone,
        first=precedence.words_for(rules, estate_id=estate_id, fault_id=fault_id) if rules else "",
    )


def _column(label: str, cards: list[Card], limit: int) -> Column:
    # Those of several states stand together: emergencies, then what is over, then by level.
    cards.sort(
        key=lambda card: (not card.first, card.tone != "danger", card.level, card.due is None, card.due)
    )
    late = sum(card.tone == "danger" for card in cards)
    return Column(label, len(cards), late, cards[:limit])


@dataclass(frozen=True)
class Figures:
    """What stands at the top: numbers of now, of today, and of the last days."""

    open: int
    overdue: int
    registered_today: int
    completed_today: int
    # Of the tickets of the last 30 days, what share is done; None when there were none.
    completion: int | None
    # Minutes from the report to the first contact, mean of the last 7 days; None when there were none.
    response_minutes: float | None


def figures(tickets: QuerySet[Ticket], shown: Sequence[Column], *, now: datetime) -> Figures:
    """The figures of these tickets; `shown` holds their open ones."""
    today = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    recent = tickets.filter(registered_at__gte=now - timedelta(days=COMPLETION_DAYS)).exclude(
        status__in=[Status.CANCELLED, Status.MERGED, Status.TRANSFERRED]
    )
    counted = recent.aggregate(
        all=Count("pk"),
        done=Count("pk", filter=Q(completed_at__isnull=False)),
        today=Count("pk", filter=Q(registered_at__gte=today)),
    )
    contacts = Clock.objects.filter(
        kind=Clock.Kind.CONTACT,
        round=1,
        stopped_at__isnull=False,
        ticket__in=tickets.filter(registered_at__gte=now - timedelta(days=RESPONSE_DAYS)).values("pk"),
    )
    mean = contacts.aggregate(mean=Avg(F("stopped_at") - F("ticket__registered_at")))["mean"]
    return Figures(
        open=sum(column.count for column in shown),
        overdue=sum(column.overdue for column in shown),
        registered_today=counted["today"],
        completed_today=tickets.filter(completed_at__gte=today).count(),
        completion=round(100 * counted["done"] / counted["all"]) if counted["all"] else None,
        response_minutes=mean.total_seconds() / 60 if mean is not None else None,
    )


def stamp(*, now: datetime) -> str:
    """Changes when anything happened to any ticket, and each minute, since time makes cards late.

    One look at an index: most polls end here.
    """
    newest = TicketEvent.objects.aggregate(newest=Max("pk"))["newest"] or 0
    return f"{newest}-{int(now.timestamp()) // 60}"
