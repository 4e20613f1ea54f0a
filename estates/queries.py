"""Reads across the estates floor: the desk's one search box, households, hints, care flags."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.timezone import localdate

from core import phones
from core.rows import Query, prepared_cursor
from estates import labels
from estates.lookups import Scope
from estates.models import Batch, Building, CareFlag, Estate, Hint, Household, Owner, PublicPlace, Unit
from estates.rules import knows_inside

TAIL_LENGTH = 4
_ROOM = re.compile(r"(?=.*\d)[0-9A-Z]{2,8}", re.IGNORECASE)
_LETTERS = re.compile(r"[a-z]{2,30}", re.IGNORECASE)
_DIALLED = re.compile(r"\+?[\d\s()-]+")


# `Estate.objects.visible_to(user)` in plain words: the filter of every list asks.
CHOICES = "SELECT id, name FROM estates_estate WHERE %s OR id = ANY(%s) ORDER BY code"


def estate_choices(user: Any) -> list[tuple[int, str]]:
    """Key and name of every estate in the user's scope, by code."""
    if not user.is_authenticated or not user.is_active:
        return []
    with prepared_cursor() as cursor:
        cursor.execute(CHOICES, [user.sees_all_estates, user.estate_ids()])
        return cursor.fetchall()


@dataclass(frozen=True)
class UnitHit:
    """One line of the desk's search: a dwelling, who lives there, and what matched."""

    unit: Unit
    owner: Owner | None
    relation: str
    reason: str


def search_units(user: Any, text: str, limit: int = 12) -> list[UnitHit]:
    """Dwellings in the user's scope for a phone, room, name or pinyin initials (IN-03).

    Takes a full number or at least 4 of its first or last digits, `3-2-1201`,
    `3栋2单元1201`, `1201`, the beginning of a Chinese name, or its initials; an
    estate's name, code or initials may stand before any of them. Several kinds
    that match share the places: `1201` finds rooms and phone numbers.
    """
    text = unicodedata.normalize("NFKC", text).replace("\0", "").strip()[:60]
    if not text or not user.is_authenticated:
        return []
    estates, rest = _split_estate(user, text)
    search = _Search(user=user, estates=estates, limit=limit, on=localdate())
    groups = [group for find in _finders(rest) if (group := find(search, rest))]
    return _share(groups, limit)


@dataclass(frozen=True)
class _Search:
    user: Any
    estates: list[int] | None
    limit: int
    on: date

    @cached_property
    def scope(self) -> Scope:
        """Where the indexes are asked; what they find is read through `visible_to` again."""
        estates = self.estates
        if estates is None and not self.user.sees_all_estates:
            estates = list(self.user.estate_ids())
        return Scope(estates=estates, on=self.on, limit=self.limit)

    def units(self, ids: Sequence[int]) -> list[Unit]:
        """These dwellings in this order."""
        units = Unit.objects.visible_to(self.user).select_related("building__estate", "estate")
        return _in_order(units, ids)

    def households(self) -> QuerySet[Household]:
        rows = Household.objects.visible_to(self.user).current(on=self.on)
        rows = rows.select_related("owner", "unit__building__estate", "unit__estate")
        return rows if self.estates is None else rows.filter(unit__estate_id__in=self.estates)

    def hits(self, key: str, start: str, reason: str) -> list[UnitHit]:
        """Hits of the households whose key begins with this."""
        rows = _in_order(self.households(), self.scope.households(key, start))
        return [_hit(row.unit, row, reason) for row in rows]


def _in_order(rows: QuerySet, ids: Sequence[int]) -> list:
    found = rows.in_bulk(ids) if ids else {}
    return [found[pk] for pk in ids if pk in found]


Finder = Callable[[_Search, str], list[UnitHit]]


def _finders(text: str) -> Iterable[Finder]:
    if labels.spoken_label(text):
        yield _by_label
    elif _ROOM.fullmatch(text):
        yield _by_room
    if phones.normalise(text) or (_DIALLED.fullmatch(text) and len(_digits(text)) >= TAIL_LENGTH):
        yield _by_phone
    if _LETTERS.fullmatch(text):
        yield _by_pinyin
    elif not text.isascii():
        yield _by_name


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _split_estate(user: Any, text: str) -> tuple[list[int] | None, str]:
    """The estates a leading word names, and the rest; (None, text) when it names none."""
    found = re.fullmatch(r"(\S+)\s+(.+)|([^\d\s]{2,})(\d.*)", text)
    if not found:
        return None, text
    word, rest = (part for part in found.groups() if part is not None)
    named = Q(code__iexact=word) | Q(name__startswith=word)
    if word.isascii():
        named |= Q(pinyin__startswith=word.lower()) | Q(pinyin__contains=f" {word.lower()}")
    estates = list(Estate.objects.visible_to(user).filter(named).values_list("pk", flat=True))
    return (estates, rest) if estates else (None, text)


def _by_label(search: _Search, text: str) -> list[UnitHit]:
    label = labels.spoken_label(text)
    ids = search.scope.labels(label)
    building, _, room = label.partition("-")
    if room and "-" not in room:
        ids += [pk for pk in search.scope.doors(building, room) if pk not in ids]
    return _with_owner(search, ids[: search.limit])


def _by_room(search: _Search, text: str) -> list[UnitHit]:
    return _with_owner(search, search.scope.rooms(labels.room_name(text)))


def _with_owner(search: _Search, ids: list[int]) -> list[UnitHit]:
    found = search.units(ids)
    first: dict[int, Household] = {}
    for row in _owners_first(search.households().filter(unit__in=found)) if found else ():
        first.setdefault(row.unit_id, row)
    return [_hit(unit, first.get(unit.pk), "房号") for unit in found]


def _by_phone(search: _Search, text: str) -> list[UnitHit]:
    if number := phones.normalise(text):
        return search.hits("phone", number, "电话")
    digits = _digits(text)
    return search.hits("tail", digits[::-1], "电话尾号") + search.hits("phone", digits, "电话开头")


def _by_name(search: _Search, text: str) -> list[UnitHit]:
    return search.hits("name", text, "姓名")


def _by_pinyin(search: _Search, text: str) -> list[UnitHit]:
    return search.hits("pinyin", text.lower(), "拼音")


def _hit(unit: Unit, row: Household | None, reason: str) -> UnitHit:
    if row is None:
        return UnitHit(unit, None, "", reason)
    return UnitHit(unit, row.owner, row.get_relation_display(), reason)


def _share(groups: list[list[UnitHit]], limit: int) -> list[UnitHit]:
    """At most `limit` hits, each kind with a fair share, nothing twice."""
    fair = max(1, limit // max(1, len(groups)))
    first = [hit for group in groups for hit in group[:fair]]
    rest = [hit for group in groups for hit in group[fair:]]
    once: dict[tuple[int, int | None], UnitHit] = {}
    for hit in first + rest:
        once.setdefault((hit.unit.pk, hit.owner and hit.owner.pk), hit)
    kept = list(once.values())[:limit]
    order = {hit.reason: n for n, hit in reversed(list(enumerate(kept)))}
    return sorted(kept, key=lambda hit: order[hit.reason])


def _owners_first(rows: QuerySet[Household]) -> QuerySet[Household]:
    kinds = [When(relation=value, then=Value(rank)) for rank, value in enumerate(Household.Relation.values)]
    return rows.annotate(rank=Case(*kinds, output_field=IntegerField())).order_by("rank", "pk")


# Parts of a query: a dwelling with where it stands, and what is asked of a person besides the row:
# the keys of their dwellings, the estates of these, the kinds of their care flags.
HOME_TABLES = (
    "estates_unit unit JOIN estates_building building ON building.id = unit.building_id"
    " JOIN estates_batch batch ON batch.id = building.batch_id"
    " JOIN estates_estate estate ON estate.id = unit.estate_id"
)
HOME_MODELS = {"unit": Unit, "building": Building, "batch": Batch, "estate": Estate}
OF_OWNER = (
    "ARRAY(SELECT unit_id FROM estates_household WHERE owner_id = owner.id)",
    "ARRAY(SELECT unit.estate_id FROM estates_household JOIN estates_unit unit ON unit.id = unit_id"
    " WHERE owner_id = owner.id)",
    "ARRAY(SELECT kind FROM estates_careflag WHERE owner_id = owner.id)",
)
HOME = Query(f"FROM {HOME_TABLES} WHERE unit.id = %s", **HOME_MODELS)
OWNER = Query("FROM estates_owner owner WHERE owner.id = %s", *OF_OWNER, owner=Owner)
FLAGS = Query("FROM estates_careflag flag WHERE flag.owner_id = %s", flag=CareFlag)


HINTS = Query(
    "FROM estates_hint hint WHERE hint.estate_id = %s AND (hint.unit_id = %s OR hint.unit_id IS NULL AND"
    " (hint.building_id IS NULL OR hint.building_id = %s)) AND (%s OR NOT hint.inside_only)"
    " ORDER BY CASE WHEN hint.unit_id IS NOT NULL THEN 0 WHEN hint.building_id IS NOT NULL THEN 1 ELSE 2 END,"
    " hint.id",
    hint=Hint,
)


def find_home(user: Any, pk: int) -> Unit | None:
    """The dwelling of this key with building, batch and estate, if the user's scope has it; one query."""
    found = HOME.first(pk)
    return home_of(user, *found) if found else None


def home_of(user: Any, unit: Unit | None, building: Building, batch: Batch, estate: Estate) -> Unit | None:
    """The dwelling of a found row, put together, if the user's scope has it."""
    if unit is None or not user.may_see_estate(unit.estate_id):
        return None
    building.batch, building.estate = batch, estate
    unit.building, unit.estate = building, estate
    return unit


def find_owner(user: Any, pk: int) -> Owner | None:
    """The person of this key, if one of their dwellings is in the user's scope; one query.

    `unit_ids` of the answer holds the keys of all their dwellings; its care flags are known.
    """
    found = OWNER.first(pk)
    return owner_of(user, *found) if found else None


def owner_of(
    user: Any, owner: Owner | None, unit_ids: list[int], estate_ids: list[int], care: list[str]
) -> Owner | None:
    """The person of a found row, put together, if one of their dwellings is in the user's scope."""
    if owner is None or not any(user.may_see_estate(estate_id) for estate_id in estate_ids):
        return None
    owner.known_care, owner.unit_ids = care, set(unit_ids)
    return owner


def care_kinds(owner: Owner) -> list[str]:
    """The kinds of a person's care flags in the order of the list of kinds (IN-09).

    One plain query, or none for a person from `find_owner`.
    """
    known = getattr(owner, "known_care", None)
    held = {flag.kind for (flag,) in FLAGS.all(owner.pk)} if known is None else set(known)
    return [kind for kind in CareFlag.Kind.values if kind in held]


def household_of(unit: Unit, *, on: date | None = None) -> list[Household]:
    """Who lives in a dwelling on a day (today), owners first, with their care flags loaded."""
    rows = unit.households.current(on=on or localdate()).select_related("owner")
    return list(_owners_first(rows).prefetch_related("owner__care_flags"))


def hints_for(
    user: Any,
    *,
    unit: Unit | None = None,
    building: Building | None = None,
    place: PublicPlace | None = None,
    estate: Estate | None = None,
) -> list[Hint]:
    """What one should know before going there, the nearest first (IN-19).

    A dwelling also gets the hints of its building and estate. The caller has
    already made sure that the user may see the place; those who work there see
    its hints without having the estate in their scope. Hints for inside eyes
    are left out for everybody else.
    """
    building_id = unit.building_id if unit else place.building_id if place else building and building.pk
    place_of = unit or place or building
    estate_id = place_of.estate_id if place_of else estate.pk
    rows = HINTS.all(estate_id, unit and unit.pk, building_id, knows_inside(user))
    return [hint for (hint,) in rows]


def care_flags(owner: Owner) -> list[CareFlag]:
    """The care flags of a person, in the order of the list of kinds (IN-09)."""
    order = {value: n for n, value in enumerate(CareFlag.Kind.values)}
    return sorted(owner.care_flags.all(), key=lambda flag: order[flag.kind])
