"""Tickets as lists show them: read as plain values, since a list needs little of many rows."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from core.templatetags.fangxiu import when
from tickets.models import Class, Clock, Kind, Ticket
from tickets.queries import with_next_due
from tickets.states import Status

FIELDS = (
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
    "next_due",
    "next_clock",
)
LONGEST_PROBLEM = 40


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
    """The tickets as `lines` takes them; `tickets` may have their `next_due` already."""
    if "next_due" not in tickets.query.annotations:
        tickets = with_next_due(tickets)
    return tickets.values_list(*FIELDS)


def lines(values: QuerySet, *, now: datetime) -> list[Line]:
    """The lines of a page of `values_of`."""
    labels, clocks = dict(Status.choices), dict(Clock.Kind.choices)
    kinds, classes = dict(Kind.choices), dict(Class.choices)
    # Every address differs in the number alone.
    before, _, after = reverse("ticket", args=["0-0"]).partition("0-0")
    return [
        Line(
            number=number,
            url=f"{before}{number}{after}",
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
            due,
            clock,
        ) in values
    ]


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_PROBLEM else f"{text[: LONGEST_PROBLEM - 1]}…"
