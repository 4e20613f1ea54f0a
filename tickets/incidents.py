"""The incident log 突发事件: entered once, shown to every call it touches, callers told at its end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import F, Prefetch

from accounts.models import User
from core import phones
from core.db import joined
from core.templatetags.fangxiu import when
from estates.models import Building, Estate, PublicPlace, Unit
from knowledge.models import FaultCategory
from notices.outbox import Recipient, post
from tickets.models import Incident, IncidentCall

MAY = "tickets.register_ticket"


class AlreadyEnded(Exception):
    """Somebody ended the incident before; nothing was written."""


@dataclass(frozen=True)
class Facts:
    """What is known of an incident. No buildings: the whole estate; no faults: whatever people call about."""

    estate: Estate
    title: str
    words: str
    started_at: datetime
    expected_end: datetime | None = None
    buildings: Sequence[Building] = field(default_factory=tuple)
    faults: Sequence[FaultCategory] = field(default_factory=tuple)


@dataclass(frozen=True)
class Caller:
    """Who called about an incident, from where; empty where they did not say."""

    name: str = ""
    phone: str = ""
    unit: Unit | None = None
    place: PublicPlace | None = None
    note: str = ""

    @property
    def label(self) -> str:
        """Where the call came from, as a ticket would name it."""
        if self.unit:
            return f"{self.unit.building.name}{self.unit.entrance}{self.unit.room}"
        return self.place.name if self.place else ""


@joined
def enter(*, facts: Facts, by: User, at: datetime) -> Incident:
    """Open an incident; from now on every call it touches shows it. Raises PermissionDenied."""
    _must_see(by, facts.estate.pk)
    incident = Incident.objects.create(
        estate=facts.estate,
        title=facts.title,
        words=facts.words,
        started_at=facts.started_at,
        expected_end=facts.expected_end,
        entered_by=by,
        entered_at=at,
    )
    _set_reach(incident, facts)
    return incident


@joined
def change(*, incident: Incident, facts: Facts, by: User) -> Incident:
    """Other words, another reach or another expected end; the estate stays. Raises AlreadyEnded."""
    incident = _open(incident, by)
    incident.title, incident.words = facts.title, facts.words
    incident.started_at, incident.expected_end = facts.started_at, facts.expected_end
    incident.save(update_fields=["title", "words", "started_at", "expected_end"])
    _set_reach(incident, facts)
    return incident


@joined
def attach(*, incident: Incident, caller: Caller, by: User, at: datetime) -> IncidentCall:
    """Write down a call about it instead of opening a ticket; the same phone again counts once.

    Raises AlreadyEnded: whoever calls after the end has a fault of their own.
    """
    incident = _open(incident, by)
    known = incident.calls.filter(phone=caller.phone).first() if caller.phone else None
    if known:
        known.times, known.last_at = known.times + 1, at
        known.note = caller.note or known.note
        known.save(update_fields=["times", "last_at", "note"])
        return known
    Incident.objects.filter(pk=incident.pk).update(call_count=F("call_count") + 1)
    return IncidentCall.objects.create(
        incident=incident,
        name=caller.name,
        phone=caller.phone,
        unit=caller.unit,
        place_label=caller.label,
        note=caller.note,
        taken_by=by,
        at=at,
        last_at=at,
    )


@joined
def end(*, incident: Incident, words: str, by: User, at: datetime) -> int:
    """It is over: every caller with a mobile number is told once; returns how many messages went out.

    Raises AlreadyEnded.
    """
    incident = _open(incident, by)
    incident.ended_at, incident.end_words = max(at, incident.started_at), words
    incident.save(update_fields=["ended_at", "end_words"])
    numbers = incident.calls.exclude(phone="").values_list("phone", flat=True)
    return post(
        template="N21",
        key=f"incident:{incident.pk}",
        recipients=[Recipient.phone(number) for number in numbers if phones.MOBILE.fullmatch(number)],
        values={
            "项目": incident.estate.name,
            "问题": incident.title,
            "内容": words,
            "电话": incident.estate.hotline,
        },
        at=at,
    )


def touching_call(
    user: User, *, estate_id: int, building_id: int | None, fault_id: int | None
) -> list[Incident]:
    """The incidents in force that a call from there is about, those of its very fault first.

    An incident limited to other faults is left out once the caller's fault is known. Each has
    `matches`: whether it names the fault.
    """
    going_on = Incident.objects.visible_to(user).going_on()
    found = going_on.touching(estate_id=estate_id, building_id=building_id)
    faults = Prefetch("faults", FaultCategory.objects.only("fault"))
    rows = list(found.order_by("-started_at").prefetch_related(faults, "buildings"))
    for incident in rows:
        incident.matches = fault_id in {fault.pk for fault in incident.faults.all()}
    if fault_id:
        rows = [row for row in rows if row.matches or not row.faults.all()]
    return sorted(rows, key=lambda row: not row.matches)


def sentence(incident: Incident) -> str:
    """From when, and until when as far as is known."""
    until = f"，预计{when(incident.expected_end)}恢复" if incident.expected_end else "，恢复时间待定"
    return f"{when(incident.started_at)}开始{until}"


def _open(incident: Incident, by: User) -> Incident:
    _must_see(by, incident.estate_id)
    incident = Incident.objects.select_for_update(of=("self",)).select_related("estate").get(pk=incident.pk)
    if incident.ended_at:
        raise AlreadyEnded(f"“{incident.title}”已于{when(incident.ended_at)}结束。")
    return incident


def _must_see(by: User, estate_id: int) -> None:
    if not (by.has_perm(MAY) and by.may_see_estate(estate_id)):
        raise PermissionDenied("突发事件由本项目的前台与调度岗位登记。")


def _set_reach(incident: Incident, facts: Facts) -> None:
    incident.buildings.set(facts.buildings)
    incident.faults.set(facts.faults)
