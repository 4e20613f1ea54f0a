"""QR codes that say where: on a door, in a lobby, in a lift, at the gate (IN-01, T05).

A code is static and signed, so that it can be printed once and nobody can make
one for a place that does not exist. It gives no right: whoever scans it still
signs in with a phone.
"""

from dataclasses import dataclass

import segno
from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from estates.models import Building, Estate, PublicPlace, Unit

SPOT = "owner_spot"
_SIGNER = {"salt": "channels.qr", "sep": "."}
_KINDS: dict[str, type[Model]] = {"e": Estate, "b": Building, "u": Unit}


@dataclass(frozen=True)
class Spot:
    """The place that a code stands for: the most exact of its parts is known."""

    estate: Estate
    building: Building | None = None
    unit: Unit | None = None
    place: PublicPlace | None = None

    @property
    def words(self) -> str:
        """The place as a sentence would name it: 滨江花园 3栋1号电梯."""
        if self.unit:
            return str(self.unit)
        if self.place:
            return (
                f"{self.place.building or self.estate}{'' if self.place.building else ' '}{self.place.name}"
            )
        return str(self.building or self.estate)


def code_for(row: Estate | Building | Unit | PublicPlace) -> str:
    """What the printed code says of its place; the same for ever, also after the row was renamed."""
    if isinstance(row, PublicPlace):
        return row.token
    kind = next(kind for kind, model in _KINDS.items() if isinstance(row, model))
    return Signer(**_SIGNER).sign(f"{kind}{row.pk}")


def address(row: Estate | Building | Unit | PublicPlace) -> str:
    """The full address that the code leads to."""
    return settings.SITE_URL + reverse("owner_scan", args=[code_for(row)])


def picture(row: Estate | Building | Unit | PublicPlace) -> str:
    """The code as the source of an image: an SVG in a data address."""
    # A quarter of it may be scratched off a lift's wall and it still reads.
    return segno.make(address(row), error="q", micro=False).svg_data_uri(border=2, scale=4)


def find(code: str) -> Spot | None:
    """The place of a code, or None when we never made it."""
    try:
        text = Signer(**_SIGNER).unsign(code)
    except BadSignature:
        place = PublicPlace.objects.select_related("estate", "building__estate").filter(token=code).first()
        return place and Spot(estate=place.estate, building=place.building, place=place)
    return _look(text[:1], text[1:])


def remember(request: HttpRequest, code: str) -> None:
    """Keep in the session what was scanned, for the report that follows."""
    request.session[SPOT] = code


def remembered(request: HttpRequest) -> Spot | None:
    """The place scanned last in this session, if any."""
    code = request.session.get(SPOT)
    return find(code) if code else None


def _look(kind: str, pk: str) -> Spot | None:
    if kind == "e":
        estate = Estate.objects.filter(pk=pk).first()
        return estate and Spot(estate=estate)
    if kind == "b":
        building = Building.objects.select_related("estate").filter(pk=pk).first()
        return building and Spot(estate=building.estate, building=building)
    unit = Unit.objects.select_related("estate", "building__estate").filter(pk=pk).first()
    return unit and Spot(estate=unit.estate, building=unit.building, unit=unit)
