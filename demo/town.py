"""The demo town: areas, estates, batches, thousands of dwellings and who lives there, from a seed."""

from datetime import date
from random import Random

from core.db import joined
from demo.names import person, phone
from estates import services
from estates.models import Area, Batch, CareFlag, Estate, Hint, Household, PublicPlace, Unit

AREAS = [("east", "城东片区"), ("west", "城西片区"), ("river", "滨江片区")]
NEIGHBOURS = [("east", "river"), ("west", "river")]
# code, name, area, buildings, entrances, floors, completed, handed over from, to; latitude, longitude
ESTATES = [
    ("BJHY", "滨江花园", "river", 8, 2, 18, date(2024, 6, 30), date(2025, 3, 31), (30.2101, 120.2155)),
    ("CXYF", "翠溪云府", "river", 6, 2, 24, date(2026, 6, 20), date(2026, 9, 15), (30.2012, 120.2304)),
    ("DHJY", "东湖嘉苑", "east", 6, 3, 11, date(2020, 5, 10), date(2020, 9, 1), (30.2671, 120.3018)),
    ("XSMJ", "西山明珠", "west", 5, 2, 16, date(2022, 11, 1), date(2023, 1, 15), (30.2588, 120.0713)),
]
LAYOUTS = [("两室一厅", 89), ("三室两厅", 108), ("三室两厅", 125), ("四室两厅", 142)]
PLACES = ["大堂", "1号电梯", "2号电梯", "地下车库", "楼道"]
HINTS = [
    (Hint.Kind.VALVE, "水表与总阀在楼道管井左侧，需用管井钥匙。", False),
    (Hint.Kind.ACCESS, "单元门禁 8 点后需业主远程开门。", True),
    (Hint.Kind.PETS, "家中有大型犬，进门前请业主拴好。", False),
    (Hint.Kind.DISPUTE, "曾因赔付有争议，沟通全程请留书面记录。", True),
]


@joined
def build(random: Random) -> list[Estate]:
    """Everything of the estates floor; about 3,000 dwellings."""
    areas = {code: Area.objects.create(code=code, name=name) for code, name in AREAS}
    for one, other in NEIGHBOURS:
        areas[one].neighbours.add(areas[other])
    return [_estate(random, areas, row) for row in ESTATES]


def _estate(random: Random, areas: dict[str, Area], row: tuple) -> Estate:
    code, name, area, buildings, entrances, floors, completed, handover, (latitude, longitude) = row
    estate = services.create_estate(
        code=code,
        name=name,
        area=areas[area],
        address=f"{areas[area].name}{name}",
        hotline="0571-88001234",
        latitude=latitude,
        longitude=longitude,
    )
    batch = Batch.objects.create(
        estate=estate,
        name="一期",
        completed_on=completed,
        handover_from=handover,
        handover_to=date.fromordinal(handover.toordinal() + 30),
    )
    for number in range(1, buildings + 1):
        _building(random, batch, number, entrances, floors)
    PublicPlace.objects.create(estate=estate, name="小区大门")
    return estate


def _building(random: Random, batch: Batch, number: int, entrances: int, floors: int) -> None:
    building = services.create_building(batch=batch, name=f"{number}栋")
    units = services.create_units(building=building, doors=list(_doors(random, batch, entrances, floors)))
    services.move_in(resident for unit in units for resident in _residents(random, unit))
    PublicPlace.objects.bulk_create(
        PublicPlace(estate_id=building.estate_id, building=building, name=name) for name in PLACES
    )
    kind, text, inside = random.choice(HINTS)
    Hint.objects.create(
        estate_id=building.estate_id, building=building, kind=kind, text=text, inside_only=inside
    )


def _doors(random: Random, batch: Batch, entrances: int, floors: int):
    for entrance in range(1, entrances + 1):
        for floor in range(1, floors + 1):
            for door in (1, 2, 3, 4):
                layout, size = LAYOUTS[door - 1]
                taken = random.random() < 0.92
                yield services.Door(
                    room=f"{floor}{door:02d}",
                    entrance=f"{entrance}单元",
                    floor=floor,
                    layout=layout,
                    size_m2=size,
                    contract_handover_on=batch.handover_from,
                    taken_over_on=batch.handover_from if taken else None,
                )


def _residents(random: Random, unit: Unit):
    name = person(random)
    care = [random.choice(CareFlag.Kind.values)] if random.random() < 0.03 else []
    yield services.Resident(unit=unit, name=name, phone=phone(random), care=care)
    if random.random() < 0.4:
        yield services.Resident(
            unit=unit, name=person(random), phone=phone(random), relation=Household.Relation.FAMILY
        )
    elif random.random() < 0.1:
        yield services.Resident(
            unit=unit, name=person(random), phone=phone(random), relation=Household.Relation.TENANT
        )
