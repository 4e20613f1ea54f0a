"""Tickets written straight into the tables, so that a test knows every moment of them by heart."""

from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from django.db import transaction

from estates.models import Estate
from tests.snapshots import loaded
from tickets.models import Acceptance, Clock, PolicyVersion, Report, Status, Ticket, TicketEvent
from tickets.presets import load_policies

SHANGHAI = ZoneInfo("Asia/Shanghai")
_numbers = count(1)


def at(text: str) -> datetime:
    """A moment of Shanghai's clock: "11-30 23:59" of 2026, or with a year in front."""
    text = text if text.startswith("20") else f"2026-{text}"
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@transaction.atomic
def ticket(estate: Estate, registered: datetime, *, status: str = Status.REGISTERED, **facts) -> Ticket:
    """A ticket with its first event."""
    if not PolicyVersion.objects.exists():
        loaded(load_policies)
    report = Report.objects.create(estate=estate, channel="phone", started_at=registered, saved_at=registered)
    row = Ticket.objects.create(
        **{"number": f"T{next(_numbers)}", "place_label": "3栋1单元101", "description": "漏水"} | facts,
        report=report,
        estate=estate,
        status=status,
        registered_at=registered,
        policy=PolicyVersion.objects.first(),
    )
    _append(row, 1, "register", registered, 1, "")
    return row


@transaction.atomic
def event(row: Ticket, name: str, moment: datetime, *, round_: int = 1, reason: str = "") -> None:
    """Something that happened to it; where it stands is left alone."""
    row.version += 1
    _append(row, row.version, name, moment, round_, row.status, reason)
    Ticket.objects.filter(pk=row.pk).update(version=row.version)


def _append(row, seq, name, moment, round_, came_from, reason=""):
    TicketEvent.objects.create(
        ticket=row,
        seq=seq,
        name=name,
        label=name,
        from_status=came_from,
        to_status=row.status,
        round=round_,
        actor_kind="system",
        actor_name="系统",
        at=moment,
        reason=reason,
    )


def clock(row: Ticket, kind: str, due: datetime, stopped: datetime | None, **facts) -> Clock:
    """A clock of it, of the first round unless told otherwise."""
    return Clock.objects.create(
        **{"round": 1} | facts,
        ticket=row,
        kind=kind,
        started_at=row.registered_at,
        due_at=due,
        stopped_at=stopped,
    )


def rated(row: Ticket, moment: datetime, stars: int | None, *, round_: int = 1) -> None:
    """The owner signed and gave stars, or signed without."""
    Acceptance.objects.create(ticket=row, round=round_, work_done="更换", stars=stars, signed_at=moment)
    event(row, "pass_acceptance", moment, round_=round_)
