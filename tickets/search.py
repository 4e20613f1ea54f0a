"""The desk's one box: tickets, dwellings and public places for what was typed (IN-03)."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core import phones
from estates.models import PublicPlace
from estates.queries import UnitHit, search_units
from tickets import words
from tickets.models import Ticket

LONGEST = 50
UNITS_ASKED = 4
_NUMBER = re.compile(r"[A-Z0-9]{2,12}-\d{0,6}(?:-\d{0,12})?", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """What one search brought, each kind the best first."""

    tickets: list[Ticket]
    units: list[UnitHit]
    places: list[PublicPlace]

    def __bool__(self) -> bool:
        return bool(self.tickets or self.units or self.places)


def search(user: Any, typed: str, *, limit: int = 8) -> Found:
    """Everything in the user's scope that answers this: a ticket's number or its last digits,
    a phone number, a room, a name or its initials, words of a description, a public place.
    """
    text = clean(typed)
    if not text or not user.is_authenticated:
        return Found([], [], [])
    units = search_units(user, text, limit)
    ids = dict.fromkeys(by_number(user, text, limit))
    ids |= dict.fromkeys(_by_phone(user, text, limit))
    ids |= dict.fromkeys(words.find(user, text, limit))
    ids |= dict.fromkeys(_of_units(user, units, limit - len(ids)))
    return Found(_tickets(user, list(ids)[:limit]), units, places(user, text))


def clean(typed: str) -> str:
    """What was typed, in half-width and without what no text holds."""
    return unicodedata.normalize("NFKC", typed).replace("\0", "").strip()[:LONGEST]


def by_number(user: Any, text: str, limit: int) -> list[int]:
    """Keys of the tickets whose number begins with this, which must hold the estate's code."""
    if not _NUMBER.fullmatch(text):
        return []
    # Without an order, which would sort all tickets of the estate first.
    rows = Ticket.objects.visible_to(user).filter(number__startswith=text.upper()).order_by()
    return sorted(rows.values_list("pk", flat=True)[:limit], reverse=True)


def places(user: Any, text: str, limit: int = 4) -> list[PublicPlace]:
    """Public places whose name holds this; two characters at least."""
    if text.isascii() or len(text) < 2:
        return []
    rows = PublicPlace.objects.visible_to(user).select_related("building__estate", "estate")
    return list(rows.filter(name__contains=text).order_by("estate_id", "building_id", "name")[:limit])


def _by_phone(user: Any, text: str, limit: int) -> Iterable[int]:
    phone = phones.normalise(text)
    if not phone:
        return []
    rows = Ticket.objects.visible_to(user).filter(reporter_phone=phone).order_by()
    return sorted(rows.values_list("pk", flat=True)[: 10 * limit], reverse=True)[:limit]


def _of_units(user: Any, units: list[UnitHit], limit: int) -> list[int]:
    """The newest tickets of the dwellings that were found, where few were."""
    keys = {hit.unit.pk for hit in units}
    if limit <= 0 or not 0 < len(keys) <= UNITS_ASKED:
        return []
    rows = Ticket.objects.visible_to(user).filter(unit__in=keys).order_by("-registered_at")
    return list(rows.values_list("pk", flat=True)[:limit])


def _tickets(user: Any, ids: list[int]) -> list[Ticket]:
    """These tickets in this order, as far as the user may see them."""
    found = Ticket.objects.visible_to(user).select_related("fault", "estate", "unit").in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]
