"""Rows of the estates floor for tests: `UnitFactory(room="1201")` builds its whole address."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from estates import labels, models, pinyin


class AreaFactory(DjangoModelFactory):
    class Meta:
        model = models.Area

    code = factory.Sequence("area-{}".format)
    name = factory.Sequence("片区{}".format)


class EstateFactory(DjangoModelFactory):
    class Meta:
        model = models.Estate

    code = factory.Sequence("E{}".format)
    name = factory.Sequence("滨江花园{}期".format)
    pinyin = factory.LazyAttribute(lambda row: pinyin.place_key(row.name))
    area = factory.SubFactory(AreaFactory)


class BatchFactory(DjangoModelFactory):
    class Meta:
        model = models.Batch

    estate = factory.SubFactory(EstateFactory)
    name = factory.Sequence("第{}批".format)
    completed_on = dt.date(2024, 5, 20)
    handover_from = dt.date(2024, 6, 1)
    handover_to = dt.date(2024, 6, 30)


class BuildingFactory(DjangoModelFactory):
    class Meta:
        model = models.Building

    estate = factory.SubFactory(EstateFactory)
    batch = factory.SubFactory(BatchFactory, estate=factory.SelfAttribute("..estate"))
    name = factory.Sequence("{}栋".format)


class UnitFactory(DjangoModelFactory):
    class Meta:
        model = models.Unit

    building = factory.SubFactory(BuildingFactory)
    estate = factory.SelfAttribute("building.estate")
    entrance = "1单元"
    room = factory.Sequence(lambda n: f"{n // 4 + 1}0{n % 4 + 1}")
    label = factory.LazyAttribute(lambda row: labels.label(row.building.name, row.entrance, row.room))


class PublicPlaceFactory(DjangoModelFactory):
    class Meta:
        model = models.PublicPlace

    building = factory.SubFactory(BuildingFactory)
    estate = factory.SelfAttribute("building.estate")
    name = factory.Sequence("{}号电梯".format)


class EquipmentFactory(DjangoModelFactory):
    class Meta:
        model = models.Equipment

    place = factory.SubFactory(PublicPlaceFactory)
    estate = factory.SelfAttribute("place.estate")
    name = "客梯"
    model = "MX-200"


class OwnerFactory(DjangoModelFactory):
    class Meta:
        model = models.Owner

    name = "张伟"
    phone = factory.Sequence(lambda n: f"138{n:08d}")
    pinyin = factory.LazyAttribute(lambda row: pinyin.initials(row.name))


class HouseholdFactory(DjangoModelFactory):
    class Meta:
        model = models.Household

    unit = factory.SubFactory(UnitFactory)
    owner = factory.SubFactory(OwnerFactory)


class CareFlagFactory(DjangoModelFactory):
    class Meta:
        model = models.CareFlag

    owner = factory.SubFactory(OwnerFactory)
    kind = models.CareFlag.Kind.ELDERLY_ALONE


class HintFactory(DjangoModelFactory):
    class Meta:
        model = models.Hint

    estate = factory.SubFactory(EstateFactory)
    kind = models.Hint.Kind.VALVE
    text = "水阀在厨房水槽下方"
