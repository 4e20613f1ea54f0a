"""Every change to the house book that is not typed into admin: one at a time or by the thousand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from core import phones
from estates import labels, pinyin
from estates.models import Area, Batch, Building, CareFlag, Estate, Household, Owner, Unit

BATCH_SIZE = 2000


@dataclass(frozen=True)
class Door:
    """A dwelling of a building, before it has a row."""

    room: str
    entrance: str = ""
    floor: int | None = None
    layout: str = ""
    size_m2: Decimal | None = None
    contract_handover_on: date | None = None
    taken_over_on: date | None = None


@dataclass(frozen=True)
class Resident:
    """A person and the dwelling they belong to; `pinyin` only to override the generated initials."""

    unit: Unit
    name: str
    phone: str
    relation: str = Household.Relation.OWNER
    care: Sequence[str] = field(default_factory=tuple)
    since: date | None = None
    pinyin: str = ""


def create_estate(*, code: str, name: str, area: Area, **more: Any) -> Estate:
    """An estate with its search keys; `more` are further fields of the model."""
    more.setdefault("pinyin", pinyin.place_key(name))
    return Estate.objects.create(code=code, name=name, area=area, **more)


def create_building(*, batch: Batch, name: str) -> Building:
    """A building handed over with a batch; its estate is the batch's."""
    return Building.objects.create(estate_id=batch.estate_id, batch=batch, name=name)


@transaction.atomic
def create_units(*, building: Building, doors: Iterable[Door]) -> list[Unit]:
    """Dwellings of a building, labelled; raises IntegrityError when a door exists already."""
    units = [
        Unit(
            estate_id=building.estate_id,
            building=building,
            label=labels.label(building.name, door.entrance, door.room),
            **vars(door),
        )
        for door in doors
    ]
    return Unit.objects.bulk_create(units, batch_size=BATCH_SIZE)


def create_unit(*, building: Building, room: str, **more: Any) -> Unit:
    """One dwelling; `more` are the other fields of `Door`."""
    return create_units(building=building, doors=[Door(room=room, **more)])[0]


@transaction.atomic
def move_in(residents: Iterable[Resident]) -> list[Household]:
    """Households for people; a person who comes twice (name and phone) gets one row.

    Raises ValueError for a phone number that is none. Owners already in the
    database are not looked for: that is the work of the import.
    """
    owners: dict[tuple[str, str], Owner] = {}
    flags: dict[tuple[str, str, str], CareFlag] = {}
    households = []
    for person in residents:
        key = person.name, _phone(person.phone)
        owner = owners.setdefault(key, new_owner(*key, initials=person.pinyin))
        households.append(
            Household(unit=person.unit, owner=owner, relation=person.relation, since=person.since)
        )
        for kind in person.care:
            flags.setdefault((*key, kind), CareFlag(owner=owner, kind=kind))
    Owner.objects.bulk_create(owners.values(), batch_size=BATCH_SIZE)
    CareFlag.objects.bulk_create(flags.values(), batch_size=BATCH_SIZE)
    return Household.objects.bulk_create(households, batch_size=BATCH_SIZE)


def create_household(*, unit: Unit, name: str, phone: str, **more: Any) -> Household:
    """One person in a dwelling; `more` are the other fields of `Resident`."""
    return move_in([Resident(unit=unit, name=name, phone=phone, **more)])[0]


def new_owner(name: str, phone: str, *, initials: str = "") -> Owner:
    """An unsaved owner with search keys; `initials` overrides the generated ones."""
    return Owner(name=name, phone=phone, pinyin=initials.lower() or pinyin.initials(name))


def rename_owner(owner: Owner, name: str) -> None:
    """Give an owner another name in memory; initials typed by hand stay."""
    if owner.pinyin in ("", pinyin.initials(owner.name)):
        owner.pinyin = pinyin.initials(name)
    owner.name = name


def _phone(typed: str) -> str:
    number = phones.normalise(typed)
    if not number:
        raise ValueError(f"not a phone number: {typed!r}")
    return number


@transaction.atomic
def relabel(building: Building) -> int:
    """Give the dwellings of a renamed building their new short labels; returns how many changed."""
    changed = []
    for unit in building.units.all():
        label = labels.label(building.name, unit.entrance, unit.room)
        if label != unit.label:
            unit.label = label
            changed.append(unit)
    return Unit.objects.bulk_update(changed, ["label"], batch_size=500)
