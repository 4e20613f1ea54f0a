"""Taking a report: from the first words of a call to a ticket with number, level, verdict and clocks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from core.db import joined
from core.rows import Beside, build, draw, insert, together
from estates.models import Building, CareFlag, Estate, Owner, PublicPlace, Unit
from estates.queries import care_kinds
from knowledge.models import Department, FaultCategory
from tickets import (
    care,
    complaints,
    handling,
    kinds,
    level_rules,
    levels,
    numbers,
    policies,
    wishes,
    workflow,
)
from tickets.actors import Actor
from tickets.calendars import SHANGHAI
from tickets.models import CareTask, Channel, Kind, Port, Report, Status, Ticket
from warranty.verdicts import verdict_for


@dataclass(frozen=True)
class Intake:
    """What was taken down. Empty strings and None are what the caller could not say yet."""

    estate: Estate
    started_at: datetime
    channel: str = Channel.PHONE
    port: str = Port.PROPERTY
    kind: str = Kind.REPAIR
    unit: Unit | None = None
    place: PublicPlace | None = None
    owner: Owner | None = None
    reporter_name: str = ""
    reporter_phone: str = ""
    fault: FaultCategory | None = None
    description: str = ""
    wanted: str = ""
    dangers: Sequence[str] = field(default_factory=tuple)
    repeat_of: Ticket | None = None
    # The caller's word 已修过, whether or not an earlier ticket was found (IN-08).
    said_repaired: bool = False
    # What the kind asks besides (tickets.kinds), and whose matter it is (IN-11).
    details: Mapping[str, str] = field(default_factory=dict)
    department: Department | None = None

    def missing(self) -> list[str]:
        """The labels of what must be known before a ticket can be dispatched (IN-04)."""
        needed = {
            "报修人": self.reporter_name,
            # A machine has none, and whoever is on a round is one of us.
            "联系电话": self.reporter_phone or self.channel in (Channel.SENSOR, Channel.PATROL),
            "房屋或公共部位": self.unit or self.place,
            "故障分类": self.fault,
            "故障描述": self.description.strip(),
            "期望时间": self.wanted,
        }
        policy, sheet = kinds.of(self.kind), kinds.opening_sheet(self.kind)
        lacking = [label for label in policy.needs if not needed[label]]
        return [*lacking, *(sheet.missing(self.details) if sheet else [])]

    @property
    def building(self) -> Building | None:
        """The building of the unit or place, where it has one."""
        found = self.unit or self.place
        return found.building if found else None


@joined
def register(
    *, intake: Intake, by: Actor, at: datetime, along: Callable[[Ticket], None] | None = None
) -> Ticket:
    """Open one ticket of one report and start its clocks (IN-01 … IN-04).

    With something missing the ticket waits in 待补充 and cannot be dispatched. What `along` inserts
    is written by the statement that writes the ticket.
    """
    report_key, key, serial, stamp = draw(Report, Ticket, numbers.SERIAL, beside=_policies_for(intake, at))
    report = build(
        Report,
        id=report_key,
        estate=intake.estate,
        channel=intake.channel,
        port=intake.port,
        taken_by=by.user,
        started_at=intake.started_at,
        saved_at=max(at, intake.started_at),
    )
    with together():
        insert(report)
        ticket = _open(_ticket(report, intake, at, key, serial, stamp), intake, by, at)
        if along:
            along(ticket)
    return _of_kind(_care_for(ticket, at), intake, by, at)


@joined
def add_to_report(*, report: Report, intake: Intake, by: Actor, at: datetime) -> Ticket:
    """Open a further ticket of the same report, one for each fault (IN-10)."""
    key, serial, stamp = draw(Ticket, numbers.SERIAL, beside=_policies_for(intake, at))
    with together():
        ticket = _open(_ticket(report, intake, at, key, serial, stamp), intake, by, at)
    return _of_kind(_care_for(ticket, at), intake, by, at)


def _policies_for(intake: Intake, at: datetime) -> Beside:
    return policies.stamped(estate_id=intake.estate.pk, on=at.astimezone(SHANGHAI).date())


def _ticket(report: Report, intake: Intake, at: datetime, key: int, serial: int, stamp: str | None) -> Ticket:
    flags = _care_words(intake)
    level = _assess(intake, flags, at)
    ticket = build(
        Ticket,
        id=key,
        report=report,
        number=numbers.number_of(serial, estate_code=intake.estate.code, at=at),
        status=Status.INCOMPLETE if intake.missing() else Status.REGISTERED,
        kind=intake.kind,
        estate=intake.estate,
        level=level.level,
        level_reason=level.reason,
        policy=policies.current(estate_id=intake.estate.pk, on=at.astimezone(SHANGHAI).date(), stamp=stamp),
        registered_at=at,
        repeat_of=intake.repeat_of,
        **_facts(intake),
        **_verdict(intake, at),
    )
    ticket.care_words = flags
    return ticket


def _care_for(ticket: Ticket, at: datetime) -> Ticket:
    """Owners with a care flag get a housekeeper of their own (IN-09)."""
    if ticket.care_words:
        care.open_task(ticket=ticket, flags=ticket.care_words, at=at)
    return ticket


def _open(ticket: Ticket, intake: Intake, by: Actor, at: datetime) -> Ticket:
    """Insert the row with its first event, holder, clocks and messages."""
    missing = intake.missing()
    workflow.open_ticket(
        ticket=insert(ticket),
        name="save_incomplete" if missing else "register",
        by=by,
        at=at,
        payload=_payload(intake, ticket.level, missing),
    )
    return ticket


def _of_kind(ticket: Ticket, intake: Intake, by: Actor, at: datetime) -> Ticket:
    """What other kinds than a repair bring along (IN-11); a plain repair costs nothing here."""
    if intake.details:
        handling.keep(ticket=ticket, facts=intake.details, at=at)
    if intake.kind == Kind.COMPLAINT:
        return complaints.taken(ticket=ticket, facts=intake.details, by=by, at=at)
    return ticket


@joined
def complete(*, ticket: Ticket, intake: Intake, by: Actor, at: datetime) -> Ticket:
    """Fill in what was missing; the clocks of the work start now (IN-04).

    Raises ValueError when something is still missing; workflow.StepTaken when it was done already.
    """
    if missing := intake.missing():
        raise ValueError("、".join(missing))
    flags = _care_words(intake)
    level = _assess(intake, flags, at)
    ticket = workflow.lock(ticket)
    fields = _facts(intake) | _verdict(intake, at)
    if intake.repeat_of:
        fields["repeat_of"] = intake.repeat_of
    fields["wanted"] = wishes.said_of(intake.wanted, on=localdate(at), report=localdate(ticket.registered_at))
    for name, value in fields.items():
        setattr(ticket, name, value)
    ticket.level, ticket.level_reason = level.level, level.reason
    ticket.save(update_fields=[*fields, "level", "level_reason"])
    completed = workflow.step(
        ticket=ticket, name="complete_details", by=by, at=at, payload=_payload(intake, level.level, [])
    )
    if flags and not CareTask.objects.filter(ticket=completed).exists():
        completed.care_words = flags
    return _of_kind(_care_for(completed, at), intake, by, at)


def _care_words(intake: Intake) -> tuple[str, ...]:
    """What the house book says of the owner, in words."""
    if intake.owner is None:
        return ()
    return tuple(CareFlag.Kind(kind).label for kind in care_kinds(intake.owner))


def _assess(intake: Intake, flags: Sequence[str], at: datetime) -> levels.Assessment:
    on = at.astimezone(SHANGHAI).date()
    fault = intake.fault
    raises = level_rules.raises(fault=fault, estate_id=intake.estate.pk, on=on) if fault else []
    if intake.kind == Kind.COMPLAINT:
        raises += complaints.raises(unit=intake.unit, phone=intake.reporter_phone, at=at)
    return levels.assess(
        default=fault.default_level if fault else kinds.of(intake.kind).level_for(intake.details),
        basis="故障分类" if fault else Kind(intake.kind).label if intake.kind != Kind.REPAIR else "未定故障",
        dangers=intake.dangers,
        care=flags,
        repeat=intake.repeat_of is not None or intake.said_repaired,
        raises=raises,
    )


def _facts(intake: Intake) -> dict[str, Any]:
    return {
        "building": intake.building,
        "unit": intake.unit,
        "place": intake.place,
        "place_label": _place_label(intake),
        "owner": intake.owner,
        "reporter_name": intake.reporter_name,
        "reporter_phone": intake.reporter_phone,
        "fault": intake.fault,
        "department_id": _department(intake),
        "destructive": intake.fault is not None and intake.fault.destructive,
        "description": intake.description.strip(),
        "wanted": intake.wanted,
    }


def _department(intake: Intake) -> int | None:
    if intake.department:
        return intake.department.pk
    return intake.fault.department_id if intake.fault else None


def _place_label(intake: Intake) -> str:
    if intake.unit:
        return f"{intake.unit.building.name}{intake.unit.entrance}{intake.unit.room}"
    if intake.place:
        building = intake.place.building
        return f"{building.name if building else ''}{intake.place.name}"
    return "位置待补充" if "房屋或公共部位" in kinds.of(intake.kind).needs else "未指明位置"


def _verdict(intake: Intake, at: datetime) -> dict[str, Any]:
    if intake.fault is None:
        return {}
    verdict = verdict_for(
        estate=intake.estate,
        unit=intake.unit,
        building=intake.building,
        place=intake.place,
        component=intake.fault.coverage,
        at=at,
    )
    return {"phase": verdict.phase, "covered": verdict.covered, "verdict": verdict.as_json()}


def _payload(intake: Intake, level: int, missing: list[str]) -> dict[str, Any]:
    # What decides which clocks run must stand in the events: they are computed from nothing else.
    payload: dict[str, Any] = {
        "level": level,
        "kind": str(intake.kind),
        "channel": str(intake.channel),
        "port": str(intake.port),
        "started_at": intake.started_at.isoformat(),
    }
    if intake.dangers:
        payload["dangers"] = list(intake.dangers)
    if intake.repeat_of:
        payload["repeat_of"] = intake.repeat_of.number
    if intake.said_repaired:
        payload["said_repaired"] = True
    if intake.details:
        payload["details"] = dict(intake.details)
    if missing:
        payload["missing"] = missing
    return payload
