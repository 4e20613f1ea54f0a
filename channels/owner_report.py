"""What an owner reports, complains of or asks by phone becomes a ticket: once, with its photos, and never
without a person who confirms it (IN-05, IN-11, IN-13)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.timezone import localdate

from core.db import joined
from estates import labels
from estates.models import Estate, Household, Owner, PublicPlace, Unit
from knowledge.models import FaultCategory, Script
from knowledge.queries import fill
from tickets import fieldwork, intake, workflow
from tickets.actors import Actor
from tickets.levels import Danger
from tickets.models import Channel, Evidence, Kind, Port, Status, Ticket

# Open online reports of one phone; the sixth waits until one is done (T05).
OPEN_PER_PHONE = 5
MINE_SHOWN = timedelta(days=730)
# The guide to be read out when the answer to a layman's question is yes.
RESCUE_OF = {Danger.RUNNING_WATER: "R01", Danger.POWER_THREAT: "R05"}
UNKNOWN_REPORTER = "报修手机号不在该房屋的住户档案中，请电话核实身份和房号。"
_WORDS = re.compile(r"\w+")


class TooManyOpen(Exception):
    """The phone has as many open reports as one may have."""


@dataclass(frozen=True)
class Told:
    """What an owner answered on the phone."""

    phone: str
    name: str
    estate: Estate
    description: str
    wanted: str
    unit: Unit | None = None
    place: PublicPlace | None = None
    said_place: str = ""
    fault: FaultCategory | None = None
    dangers: Sequence[str] = field(default_factory=tuple)
    photos: Sequence[Any] = field(default_factory=tuple)
    channel: str = Channel.OWNER_H5
    kind: str = Kind.REPAIR
    details: Mapping[str, str] = field(default_factory=dict)


@joined
def submit(told: Told, *, at: datetime) -> Ticket:
    """Open the ticket and keep its photos; one that lacks something waits in 待补充 for a call back.

    A dwelling in whose book the phone does not stand is taken as said, and a note
    asks the desk to verify it. Raises TooManyOpen, and core.store.RefusedFile for
    photos beyond the quota; then nothing is kept.
    """
    _one_at_a_time(told.phone)
    if open_reports(told.phone).count() >= OPEN_PER_PHONE:
        raise TooManyOpen
    owner = owner_in(told.unit, told.phone)
    ticket = intake.register(intake=_intake(told, owner, at), by=Actor("owner", told.name), at=at)
    if told.unit and owner is None:
        workflow.note(ticket=ticket, name="check_identity", by=Actor.system(), at=at, reason=UNKNOWN_REPORTER)
    if told.photos:
        by = Actor.owner(ticket_id=ticket.pk, name=told.name)
        fieldwork.add_photos(ticket=ticket, photos=told.photos, stage=Evidence.Stage.REPORT, by=by, at=at)
    return Ticket.objects.get(pk=ticket.pk)


def _one_at_a_time(phone: str) -> None:
    # Fifty reports at once would each count the ones before; until the commit they queue up here.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"owner-report:{phone}"])


def _intake(told: Told, owner: Owner | None, at: datetime) -> intake.Intake:
    said = f"（业主自述位置：{told.said_place}）" if told.said_place else ""
    return intake.Intake(
        estate=told.estate,
        started_at=at,
        channel=told.channel,
        # It reaches the repair department by itself: no other port has to pass it on (IN-13).
        port=Port.REPAIR,
        unit=told.unit,
        place=told.place,
        owner=owner,
        reporter_name=told.name,
        reporter_phone=told.phone,
        fault=told.fault,
        description="\n".join(filter(None, [told.description.strip(), said])),
        wanted=told.wanted,
        dangers=tuple(told.dangers),
        kind=told.kind,
        details=told.details,
    )


def open_reports(phone: str) -> QuerySet[Ticket]:
    """Online reports of a phone that the house still has to do something about."""
    tickets = Ticket.objects.open().exclude(status=Status.COMPLETED)
    return tickets.filter(reporter_phone=phone, report__channel=Channel.OWNER_H5)


def mine(phone: str, *, at: datetime) -> QuerySet[Ticket]:
    """The tickets reported with a phone in the last two years, the newest first."""
    found = Ticket.objects.filter(reporter_phone=phone, registered_at__gt=at - MINE_SHOWN)
    return found.select_related("estate", "fault", "handler").order_by("-registered_at", "-pk")


def homes(phone: str) -> list[Household]:
    """The households whose member has this phone, owners first by the order of the book."""
    rows = Household.objects.current(on=localdate()).filter(owner__phone=phone)
    return list(
        rows.select_related("owner", "unit__estate", "unit__building__estate").order_by("unit_id", "pk")
    )


def owner_in(unit: Unit | None, phone: str) -> Owner | None:
    """The person of a dwelling who has this phone, or None."""
    if unit is None:
        return None
    rows = unit.households.current(on=localdate()).filter(owner__phone=phone)
    row = rows.select_related("owner").order_by("pk").first()
    return row.owner if row else None


def place_said(estate: Estate, text: str) -> tuple[Unit | None, PublicPlace | None]:
    """The dwelling or public place that somebody's words name without doubt; (None, None) otherwise."""
    label = labels.spoken_label(text)
    unit = Unit.objects.select_related("estate", "building__estate").filter(estate=estate, label=label)
    if label and (found := unit.first()):
        return found, None
    said = labels.clean(text)
    places = [
        place
        for place in PublicPlace.objects.filter(estate=estate).select_related("estate", "building__estate")
        if said in {labels.clean(f"{place.building.name if place.building else ''}{place.name}")}
    ]
    return None, places[0] if len(places) == 1 else None


def faults_meant(text: str, *, at_home: bool = False, limit: int = 5) -> list[FaultCategory]:
    """The faults that an owner's sentences may mean, best first; of equals, those `at_home` may have.

    A desk clerk types words, an owner tells a story: here each fault is weighed by
    what callers say of it that stands in the text, and by how much of its place does.
    """
    text = text.casefold()
    pairs = _pairs(text)
    weighed = []
    for fault in FaultCategory.objects.filter(active=True):
        said = max((len(word) for word in fault.synonyms.casefold().split() if word in text), default=0)
        named = len(pairs & _pairs(f"{fault.area}/{fault.component}/{fault.fault}".casefold()))
        weight = 2 * said + 2 * named - (2 if at_home and fault.place == FaultCategory.Place.PUBLIC else 0)
        if said or named:
            weighed.append((-weight, fault.code, fault))
    return [fault for _, _, fault in sorted(weighed, key=lambda row: row[:2])[:limit]]


def _pairs(text: str) -> set[str]:
    """Every two characters that stand side by side in a word: Chinese needs no more to be compared."""
    return {part[place : place + 2] for part in _WORDS.findall(text) for place in range(len(part) - 1)}


def rescue_guides() -> dict[str, Script]:
    """For dangers a layman is asked about, the guide that says what to do now (IN-15)."""
    scripts = {
        script.code: script for script in Script.objects.filter(active=True, code__in=RESCUE_OF.values())
    }
    for script in scripts.values():
        script.words = fill(script.body, {})
    return {danger.value: scripts[code] for danger, code in RESCUE_OF.items() if code in scripts}
