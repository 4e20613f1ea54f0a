"""What has a plate in the demo town: lifts and pumps by building, and who receives for which port."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from accounts.models import User
from channels.models import RelayDuty
from estates.models import Batch, Equipment, Estate, PublicPlace
from tickets.models import Port

# The place, the plate and the maker; what stands there is in place so many days before handover.
LIFTS = {
    "1号电梯": ("1号客梯", "TKJ1000/1.75-JXW", "恒达电梯有限公司"),
    "2号电梯": ("2号担架梯", "TKJ1050/1.75-JXW", "恒达电梯有限公司"),
}
PUMPS = [
    ("生活变频给水泵", "VLR16-80", "清源泵业有限公司"),
    ("集水井潜污泵", "50WQ15-15-1.5", "清源泵业有限公司"),
]
FIRE_PUMP = ("消火栓泵", "XBD8.0/40G-L", "清源泵业有限公司")
BEFORE_HANDOVER = timedelta(days=120)
# Who is told first of what the other ports have heard.
RECEIVERS = {Port.SERVICE: ("clerk", "dispatcher"), Port.CALL_CENTRE: ("clerk",), Port.PROPERTY: ("clerk",)}


def add(*, estates: Sequence[Estate], staff: Mapping[str, User]) -> list[Equipment]:
    """Two lifts and the pumps of each building's garage, one fire pump for each estate."""
    opened = dict(Batch.objects.values_list("estate", "handover_from"))
    places = PublicPlace.objects.filter(estate__in=estates, building__isnull=False).order_by("pk")
    made, with_fire_pump = [], set()
    for place in places:
        plates = [LIFTS[place.name]] if place.name in LIFTS else []
        if place.name == "地下车库":
            first = place.estate_id not in with_fire_pump
            plates = [*PUMPS, *([FIRE_PUMP] if first else [])]
            with_fire_pump.add(place.estate_id)
        made += [_plate(place, *plate, opened[place.estate_id] - BEFORE_HANDOVER) for plate in plates]
    for estate in estates:
        _duties(estate, staff)
    return Equipment.objects.bulk_create(made)


def _plate(place: PublicPlace, name: str, model: str, maker: str, day) -> Equipment:
    return Equipment(
        estate_id=place.estate_id, place=place, name=name, model=model, maker=maker, installed_on=day
    )


def _duties(estate: Estate, staff: Mapping[str, User]) -> None:
    for port, names in RECEIVERS.items():
        duty = RelayDuty.objects.create(estate=estate, port=port)
        duty.receivers.set(staff[name] for name in names)
