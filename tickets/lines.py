"""Tickets as lists show them: read as plain values, since a list needs little of many rows."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from core.addresses import address
from core.templatetags.fangxiu import when
from tickets.models import Class, Clock, Kind, Ticket
from tickets.queries import next_dues
from tickets.states import Status

FIELDS = (
    "pk",
    "number",
    "level",
    "estate__name",
    "place_label",
    "fault__fault",
    "description",
    "rework",
    "kind",
    "severity",
    "urged",
    "status",
    "handler__full_name",
)
LONGEST_PROBLEM = 40
NO_LIMIT = ("", None)


@dataclass(frozen=True, slots=True)
class Line:
    """One ticket in a list. Times are words; `late` tells whether the next limit is over."""

    number: str
    url: str
    level: int
    place: str
    problem: str
    rework: bool
    # Words for what is no plain repair and no plain class; empty otherwise.
    kind: str
    severity: str
    severity_label: str
    urged: int
    status: str
    status_label: str
    handler: str
    clock: str
    due: str
    late: bool


def values_of(tickets: QuerySet[Ticket]) -> QuerySet:
    """The tickets as `lines` takes them."""
    return tickets.values_list(*FIELDS)


def lines(values: QuerySet, *, now: datetime) -> list[Line]:
    """The lines of a page of `values_of`, with one more query for their limits."""
    rows = list(values)
    # Asked for by key: as a subquery of the list it would be worked out for each row on its own.
    dues = next_dues(row[0] for row in rows)
    labels, clocks = dict(Status.choices), dict(Clock.Kind.choices)
    kinds, classes = dict(Kind.choices), dict(Class.choices)

    return [
        Line(
            number=number,
            url=address("ticket", number),
            level=level,
            place=f"{estate} {place}",
            problem=_short(fault or description),
            rework=rework,
            kind="" if kind == Kind.REPAIR else kinds[kind],
            severity="" if severity == Class.DAILY else severity,
            severity_label=classes[severity],
            urged=urged,
            status=status,
            status_label=labels[status],
            handler=handler or "",
            clock=clocks.get(clock, ""),
            due=when(due),
            late=due is not None and due < now,
        )
        for (
            pk,
            number,
            level,
            estate,
            place,
            fault,
            description,
            rework,
            kind,
            severity,
            urged,
            status,
            handler,
        ) in rows
        for clock, due in [dues.get(pk, NO_LIMIT)]
    ]


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_PROBLEM else f"{text[: LONGEST_PROBLEM - 1]}…"
