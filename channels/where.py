"""Saying where in a few strokes: public places, and for the desks dwellings too (IN-06, IN-01)."""

import re
from dataclasses import dataclass

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Coalesce, Concat

from accounts.models import User
from estates.models import PublicPlace, Unit
from estates.queries import find_home, search_units

LIMIT = 12
# 3栋电梯 is a building and a place, however they are written together.
_PIECES = re.compile(r"\d+[栋幢座]|\d+号楼|[A-Za-z]+|\d+|[^\W\d_A-Za-z]+")
_VALUE = re.compile(r"([up])([0-9]{1,18})")


@dataclass(frozen=True)
class Hit:
    """A place to choose: what the form sends for it, and how people call it."""

    value: str
    label: str
    hint: str


def find(user: User, text: str, *, homes: bool = False) -> list[Hit]:
    """What the words may mean within the user's estates, dwellings first where they are asked for."""
    text = text.strip()[:60]
    if not text:
        return []
    found = []
    if homes:
        # Several people of one dwelling are one place.
        units = {hit.unit.pk: hit.unit for hit in search_units(user, text)}
        found = [hit_of(unit) for unit in units.values()]
    return [*found, *map(hit_of, _places(user, text))][:LIMIT]


def _places(user: User, text: str) -> QuerySet[PublicPlace]:
    building = Coalesce("building__name", Value(""))
    whole = Concat("estate__name", F("estate__code"), building, "name", output_field=CharField())
    places = PublicPlace.objects.visible_to(user).annotate(whole=whole)
    for piece in _PIECES.findall(text):
        places = places.filter(whole__icontains=piece)
    return places.select_related("estate", "building").order_by("estate_id", "building_id", "name")[:LIMIT]


def hit_of(where: Unit | PublicPlace) -> Hit:
    """The line of a dwelling or public place."""
    if isinstance(where, Unit):
        return Hit(
            f"u{where.pk}", f"{where.building.name}{where.entrance}{where.room}", where.building.estate.name
        )
    building = where.building.name if where.building else ""
    return Hit(f"p{where.pk}", f"{building}{where.name}", where.estate.name)


def named(user: User, value: str, *, homes: bool = False) -> Unit | PublicPlace | None:
    """The place that a form names, if this user may name it."""
    found = _VALUE.fullmatch(value)
    if found is None:
        return None
    if found[1] == "u":
        return find_home(user, int(found[2])) if homes else None
    places = PublicPlace.objects.visible_to(user).select_related("estate", "building__batch")
    return places.filter(pk=found[2]).first()


def used_lately(user: User, *, limit: int = 4) -> list[Hit]:
    """The public places that this person has reported last: the round is the same every day."""
    places = PublicPlace.objects.visible_to(user).filter(tickets__report__taken_by=user)
    recent = places.order_by("-tickets__registered_at").select_related("estate", "building")[:20]
    return list({place.pk: hit_of(place) for place in recent}.values())[:limit]
