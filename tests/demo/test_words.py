"""The demo's words: what a caller says fits the fault, and so does what was done about it."""

from random import Random
from types import SimpleNamespace

import pytest

from demo import mends, names
from knowledge import presets
from knowledge.models import FaultCategory


@pytest.mark.parametrize(
    ("area", "component", "said"),
    [
        ("外墙", "外墙保温层", "外墙保温层有问题"),
        ("户内排水", "排水管/存水弯", "户内排水管有问题"),
        ("地面", "水泥地面", "水泥地面有问题"),
        ("地面", "地砖/石材", "地面地砖有问题"),
    ],
)
def test_a_caller_names_the_part_once(area, component, said):
    words = names.description(Random(1), area=area, component=component, fault="渗漏")

    assert words.partition("发现")[2].partition("：")[0] == said


@pytest.mark.django_db
def test_every_fault_has_a_cause_and_a_method_of_its_kind():
    presets.load()

    codes = FaultCategory.objects.exclude(code__startswith="OT").values_list("code", flat=True)

    assert [code for code in codes if mends.cause_and_method(code) == mends.USUAL] == []


def test_a_fault_of_the_lift_is_in_a_lift_and_a_well_lid_outdoors():
    places = [SimpleNamespace(name=name) for name in ("1号电梯", "大堂", "小区大门")]

    found = [[place.name for place in mends.fitting(places, code)] for code in ("LI02", "PB05", "WS06")]

    assert found == [["1号电梯"], ["小区大门"], ["大堂"]]
