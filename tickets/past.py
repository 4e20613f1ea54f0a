"""Tickets of the time before this house: kept as ended, with one honest event each (IN-16).

Their first and only event says that they were brought in, when, by whom and from
what; it starts no clock and tells nobody, and no figure of ours counts them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from core.db import joined
from core.rows import insert_all
from estates.models import Estate, PublicPlace, Unit
from knowledge.models import FaultCategory
from tickets import policies
from tickets.actors import Actor
from tickets.calendars import SHANGHAI
from tickets.models import Channel, Kind, PolicyVersion, Port, Report, Status, Ticket, TicketEvent

NAME, LABEL = "bring_in", "历史工单导入"


@dataclass(frozen=True)
class Past:
    """One ended ticket of another system or a paper book, as far as it is known."""

    estate: Estate
    old_number: str
    registered_at: datetime
    completed_at: datetime
    closed_at: datetime
    description: str
    cancelled: bool = False
    unit: Unit | None = None
    place: PublicPlace | None = None
    place_label: str = ""
    fault: FaultCategory | None = None
    kind: str = Kind.REPAIR
    channel: str = Channel.PHONE
    port: str = Port.PROPERTY
    level: int = 3
    reporter_name: str = ""
    reporter_phone: str = ""
    # What else the sheet said, for the event: worker, work done, stars.
    more: Mapping[str, str] = field(default_factory=dict)


@joined
def keep(*, rows: Sequence[Past], by: Actor, at: datetime) -> list[Ticket]:
    """Write these tickets, all or none; three statements for a batch of any size up to some hundreds.

    Raises tickets.policies.NoPolicy when an estate has none.
    """
    versions = {row.estate.pk: _policy(row.estate, at) for row in rows}
    reports = [_report(row) for row in rows]
    insert_all(reports)
    numbers = _numbers(rows)
    tickets = [
        _ticket(row, report, number, versions[row.estate.pk])
        for row, report, number in zip(rows, reports, numbers, strict=True)
    ]
    insert_all(tickets)
    insert_all([_event(row, ticket, by, at) for row, ticket in zip(rows, tickets, strict=True)])
    return tickets


def _policy(estate: Estate, at: datetime) -> PolicyVersion:
    # Of their own time there is none; no clock asks.
    return policies.current(estate_id=estate.pk, on=at.astimezone(SHANGHAI).date())


def _numbers(rows: Sequence[Past]) -> list[str]:
    """A number of the house for each, by the day it was registered."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('tickets_serial') FROM generate_series(1, %s)", [len(rows)])
        serials = [serial for (serial,) in cursor.fetchall()]
    return [
        f"{row.estate.code}-{row.registered_at.astimezone(SHANGHAI):%y%m%d}-{serial:04d}"
        for row, serial in zip(rows, serials, strict=True)
    ]


def _report(row: Past) -> Report:
    moments = {"started_at": row.registered_at, "saved_at": row.registered_at}
    return Report(estate=row.estate, channel=row.channel, port=row.port, **moments)


def _ticket(row: Past, report: Report, number: str, policy: PolicyVersion) -> Ticket:
    where = row.unit or row.place
    return Ticket(
        report=report,
        number=number,
        status=Status.CANCELLED if row.cancelled else Status.ARCHIVED,
        kind=row.kind,
        estate=row.estate,
        building_id=where.building_id if where else None,
        unit=row.unit,
        place=row.place,
        place_label=row.place_label,
        reporter_name=row.reporter_name,
        reporter_phone=row.reporter_phone,
        fault=row.fault,
        description=row.description,
        level=row.level,
        level_reason="历史工单原级别",
        policy=policy,
        registered_at=row.registered_at,
        completed_at=None if row.cancelled else row.completed_at,
        closed_at=row.closed_at,
    )


def _event(row: Past, ticket: Ticket, by: Actor, at: datetime) -> TicketEvent:
    said = "；".join(f"{name} {value}" for name, value in {"原单号": row.old_number, **row.more}.items())
    payload: dict[str, Any] = {
        "old_number": row.old_number,
        "registered_at": row.registered_at.isoformat(),
        "completed_at": row.completed_at.isoformat(),
        "closed_at": row.closed_at.isoformat(),
        "level": row.level,
        "kind": str(row.kind),
        "channel": str(row.channel),
        "port": str(row.port),
        **row.more,
    }
    return TicketEvent(
        ticket=ticket,
        seq=1,
        name=NAME,
        label=LABEL,
        to_status=ticket.status,
        round=1,
        actor_kind=by.kind,
        actor=by.user,
        actor_name=by.name,
        at=at,
        reason=said[:500],
        payload=payload,
    )
