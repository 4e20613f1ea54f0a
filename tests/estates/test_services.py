import pytest

from estates import services
from estates.models import Household, Owner, Unit
from tests.factories_estates import AreaFactory, BatchFactory, BuildingFactory, UnitFactory

pytestmark = pytest.mark.django_db


def test_an_estate_gets_its_search_key():
    estate = services.create_estate(code="BJHY", name="滨江花园", area=AreaFactory())

    assert estate.pinyin == "binjianghuayuan bjhy"


def test_units_are_labelled_and_belong_to_their_buildings_estate():
    building = services.create_building(batch=BatchFactory(), name="3栋")
    services.create_units(
        building=building,
        doors=[services.Door(room="1201", entrance="2单元", floor=12), services.Door(room="B1")],
    )

    rows = Unit.objects.filter(estate=building.batch.estate).order_by("pk")
    assert list(rows.values_list("label", "floor")) == [("3-2-1201", 12), ("3-B1", None)]


def test_people_move_in_once_each_with_initials_and_care_flags():
    first, second = UnitFactory(), UnitFactory()
    services.move_in(
        [
            services.Resident(unit=first, name="张伟", phone="138 0013 8000", care=["vip"]),
            services.Resident(unit=second, name="张伟", phone="13800138000", relation="tenant", care=["vip"]),
            services.Resident(unit=second, name="乐嘉", phone="13800138001", pinyin="LJ"),
        ]
    )

    owners = list(Owner.objects.order_by("pk").values_list("name", "phone", "pinyin", "care_flags__kind"))
    homes = list(Household.objects.order_by("pk").values_list("unit", "owner__name", "relation"))
    assert owners == [("张伟", "13800138000", "zw", "vip"), ("乐嘉", "13800138001", "lj", None)]
    assert homes == [(first.pk, "张伟", "owner"), (second.pk, "张伟", "tenant"), (second.pk, "乐嘉", "owner")]


def test_a_wrong_number_moves_nobody_in():
    with pytest.raises(ValueError, match="not a phone number"):
        services.create_household(unit=UnitFactory(), name="张伟", phone="12345")

    assert Owner.objects.count() == 0


def test_initials_follow_a_new_name_unless_typed_by_hand():
    generated, by_hand = services.new_owner("张伟", "1"), services.new_owner("乐嘉", "1", initials="lj")
    services.rename_owner(generated, "李伟")
    services.rename_owner(by_hand, "乐佳")

    assert (generated.pinyin, by_hand.pinyin) == ("lw", "lj")


def test_a_renamed_building_relabels_its_dwellings():
    building = BuildingFactory(name="3栋")
    unit = UnitFactory(building=building, entrance="", room="101")
    building.name = "5栋"

    assert services.relabel(building) == 1
    unit.refresh_from_db()
    assert unit.label == "5-101"
