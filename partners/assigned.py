"""Since when a company has a ticket, under which agreement, and by when it must do what (WA-06, WA-12)."""

from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, OuterRef, QuerySet, Subquery

from dispatch.models import Visit
from partners.models.lapse import Need
from tickets.calendars import SHANGHAI
from tickets.models import Holder, Status, Ticket, TicketEvent
from tickets.states import WITH_WORKER
from warranty import contractors
from warranty.models import Agreement

GIVES = ("dispatch", "reassign", "activate_backup")
# Where a company has something to do: until accepted, until arrived, until finished.
LIMITED = (*WITH_WORKER, Status.OWNER_CONSENT)
ON_THE_WAY = (Status.ACCEPTED, Status.SCHEDULED)


@dataclass(frozen=True)
class Limit:
    """One limit that counts now: what must be done, and by when."""

    need: str
    due_at: datetime


def with_companies() -> QuerySet[Ticket]:
    """Tickets that a company has and must do something about, with `company`, `since` and `booked`."""
    given = TicketEvent.objects.filter(ticket=OuterRef("pk"), name__in=GIVES).order_by("-seq")
    window = Visit.objects.filter(ticket=OuterRef("pk"), state=Visit.State.BOOKED)
    return (
        Ticket.objects.filter(status__in=LIMITED, handler__worker__contractor__isnull=False)
        .select_related("estate", "fault", "building")
        .prefetch_related("fault__trades")
        .annotate(
            company=F("handler__worker__contractor"),
            since=Subquery(given.values("at")[:1]),
            booked=Subquery(window.values("window")[:1]),
        )
    )


def trades_of(ticket: Ticket) -> list[int]:
    """Keys of the trades that the ticket's fault asks for."""
    return [trade.pk for trade in ticket.fault.trades.all()] if ticket.fault else []


def agreement_of(ticket: Ticket, contractor_id: int, *, on: date) -> Agreement | None:
    """The agreement under which this company works on the ticket: for the place and trade, else any here."""
    found = contractors.agreements_for(
        estate_id=ticket.estate_id, trade_ids=trades_of(ticket), on=on, building=ticket.building
    )
    any_here = Agreement.objects.in_force(on).filter(estate=ticket.estate_id)
    return (
        found.filter(contractor=contractor_id).first()
        or any_here.filter(contractor=contractor_id).select_related("contractor").first()
    )


class Terms:
    """The agreements of tickets and the days they give, asked once for all tickets alike: for one pass."""

    def __init__(self) -> None:
        self._here: dict[Hashable, list[Agreement]] = {}
        self._agreements: dict[Hashable, Agreement | None] = {}
        self._days: dict[Hashable, int] = {}

    def of(self, ticket: Ticket) -> Agreement | None:
        """The agreement under which the company of a ticket of `with_companies` has it."""
        on = local_day(ticket.since)
        signed = [each for each in self._signed(ticket) if each.valid_from <= on <= each.valid_to]
        if len(signed) < 2:
            # Without a choice place and trade decide nothing.
            return signed[0] if signed else None
        key = (ticket.company, ticket.estate_id, ticket.building_id, frozenset(trades_of(ticket)), on)
        if key not in self._agreements:
            self._agreements[key] = agreement_of(ticket, ticket.company, on=on)
        return self._agreements[key]

    def _signed(self, ticket: Ticket) -> list[Agreement]:
        key = (ticket.company, ticket.estate_id)
        if key not in self._here:
            rows = Agreement.objects.filter(contractor=ticket.company, estate=ticket.estate_id)
            self._here[key] = list(rows.filter(contractor__active=True).select_related("contractor"))
        return self._here[key]

    def days(self, agreement: Agreement, trades: Collection[int]) -> int:
        """Calendar days until the work must be done."""
        key = (agreement.pk, frozenset(trades))
        if key not in self._days:
            self._days[key] = contractors.complete_days(agreement=agreement, trade_ids=trades)
        return self._days[key]


def last_given(ticket: Ticket, contractor_id: int) -> datetime | None:
    """When a worker of this company was last given the ticket; None for never."""
    rows = Holder.objects.filter(ticket=ticket, user__worker__contractor=contractor_id)
    return rows.order_by("-since").values_list("since", flat=True).first()


def limits_of(ticket: Ticket, agreement: Agreement, terms: Terms) -> Iterable[Limit]:
    """The limits that count for a ticket of `with_companies` as it stands, in the order of the work."""
    if ticket.status == Status.DISPATCHED:
        yield Limit(Need.ACCEPT, ticket.since + timedelta(hours=agreement.accept_hours))
    elif ticket.status in ON_THE_WAY:
        # A window that the owner agreed to goes before the hours.
        by_hours = ticket.since + timedelta(hours=agreement.arrive_hours)
        yield Limit(Need.ARRIVE, ticket.booked.upper if ticket.booked else by_hours)
    days = terms.days(agreement, trades_of(ticket))
    due = ticket.since + timedelta(days=days)
    yield Limit(Need.COMPLETE, due)


def late_limits(ticket: Ticket, agreement: Agreement, terms: Terms, *, at: datetime) -> list[Limit]:
    """The limits that are missed at `at`; time put aside with a reason moves the last one."""
    late = [limit for limit in limits_of(ticket, agreement, terms) if limit.due_at <= at]
    if not any(limit.need == Need.COMPLETE for limit in late):
        return late
    aside = _time_aside(ticket)
    moved = [
        Limit(limit.need, limit.due_at + aside) if limit.need == Need.COMPLETE else limit for limit in late
    ]
    return [limit for limit in moved if limit.due_at <= at]


def _time_aside(ticket: Ticket) -> timedelta:
    """How long the ticket was put aside since its company has it."""
    total, began = timedelta(), None
    events = ticket.events.filter(at__gte=ticket.since, name__in=["suspend", "resume"]).order_by("seq")
    for name, moment in events.values_list("name", "at"):
        if name == "suspend":
            began = moment
        elif began:
            total, began = total + (moment - began), None
    return total


def local_day(at: datetime) -> date:
    """The day in Shanghai."""
    return at.astimezone(SHANGHAI).date()
