"""What other limits would do to the tickets that are open today (SL-02).

Tickets keep the version they were accepted under, so nothing here is ever written: it is the answer
to "what if they were accepted under these rules".
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from estates.models import Estate
from tickets import clock_store, clocks, policies
from tickets.models import Clock, Ticket, TicketEvent

# Computed while somebody waits; beyond it the newest stand for the rest.
MOST = 2000
NAMED = 50


@dataclass(frozen=True)
class Breach:
    """A clock that would be over its limit now, and is not today."""

    number: str
    place: str
    label: str
    before: datetime | None
    after: datetime


@dataclass
class Effect:
    """How many tickets were looked at and what would be different of their running clocks."""

    tickets: int = 0
    of: int = 0
    touched: int = 0
    earlier: int = 0
    later: int = 0
    begun: int = 0
    ended: int = 0
    breached: int = 0
    breaches: list[Breach] = field(default_factory=list)

    @property
    def moved(self) -> int:
        """How many due times would be others."""
        return self.earlier + self.later


def preview(*, estates: Iterable[Estate], on: date, now: datetime) -> Effect:
    """Compare the open tickets of these estates with what the policies in force `on` would ask of them."""
    ids = [estate.pk for estate in estates]
    open_ = Ticket.objects.open().filter(estate__in=ids)
    tickets = list(open_.select_related("policy").order_by("-registered_at", "-pk")[:MOST])
    effect = Effect(tickets=len(tickets), of=open_.count() if len(tickets) == MOST else len(tickets))
    rules = {key: _rules(key, on) for key in {ticket.estate_id for ticket in tickets}}
    calendars = clock_store.calendars_for([rule for each in rules.values() for rule in each])
    facts, stored = _facts(tickets), _stored(tickets)
    for ticket in tickets:
        readings = clocks.read(rules[ticket.estate_id], facts[ticket.pk], calendars)
        _compare(effect, ticket, stored[ticket.pk], readings, now)
    effect.breaches = effect.breaches[:NAMED]
    return effect


def _rules(estate_id: int, on: date) -> list[clocks.Rule]:
    try:
        return clocks.parse_rules(policies.settle(estate_id=estate_id, on=on).rules)
    except policies.NoPolicy:
        return []


def _facts(tickets: Sequence[Ticket]) -> Mapping[int, list[clocks.Fact]]:
    found = defaultdict(list)
    rows = TicketEvent.objects.filter(ticket__in=[ticket.pk for ticket in tickets]).order_by("seq")
    for key, *row in rows.values_list("ticket_id", "name", "at", "round", "payload"):
        found[key].append(clocks.Fact(*row))
    return found


def _stored(tickets: Sequence[Ticket]) -> Mapping[int, dict[str, Clock]]:
    found: dict[int, dict[str, Clock]] = defaultdict(dict)
    rounds = {ticket.pk: ticket.round for ticket in tickets}
    for row in Clock.objects.filter(ticket__in=rounds, stopped_at__isnull=True):
        if row.round == rounds[row.ticket_id]:
            found[row.ticket_id][row.kind] = row
    return found


def _compare(
    effect: Effect,
    ticket: Ticket,
    stored: Mapping[str, Clock],
    readings: Iterable[clocks.Reading],
    now: datetime,
) -> None:
    running = {
        reading.kind: reading
        for reading in readings
        if reading.round == ticket.round and reading.stopped_at is None
    }
    before = (effect.moved, effect.begun, effect.ended)
    for kind, reading in running.items():
        row = stored.get(kind)
        if row is None:
            effect.begun += 1
        elif row.due_at != reading.due_at:
            sooner = row.due_at is None or (reading.due_at is not None and reading.due_at < row.due_at)
            effect.earlier += sooner
            effect.later += not sooner
        was_late = row is not None and row.due_at is not None and row.due_at < now
        if reading.due_at and reading.breached(now) and not was_late:
            effect.breached += 1
            effect.breaches.append(
                Breach(
                    ticket.number,
                    ticket.place_label,
                    reading.source.label,
                    row.due_at if row else None,
                    reading.due_at,
                )
            )
    effect.ended += len(stored.keys() - running.keys())
    effect.touched += before != (effect.moved, effect.begun, effect.ended)
