"""The demo's words: what a caller says fits the fault, and so does what was done about it."""

from datetime import datetime
from random import Random
from types import SimpleNamespace

import pytest

from demo import hours, mends, names, town
from knowledge import presets
from knowledge.models import FaultCategory
from tickets.calendars import SHANGHAI


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


def test_a_heater_is_not_mended_with_hinges():
    assert mends.cause_and_method("KT01")[0] == "铰链和封边条老化变形"
    assert mends.cause_and_method("KT06")[0] == "点火器损坏，电磁阀不动作"


@pytest.mark.parametrize(
    ("code", "where"),
    [
        ("LI02", {"1号电梯", "2号电梯"}),
        ("PB05", {"小区大门"}),
        ("WP01", {"楼道"}),
        ("WP02", {"楼道"}),
        ("WP11", {"地下车库"}),
        ("PB04", {"地下车库"}),
        ("LV02", {"大堂"}),
        ("PB02", {"楼道"}),
        ("PB03", {"大堂", "楼道"}),
        ("EL07", {"大堂", "楼道", "地下车库"}),
    ],
)
def test_a_public_fault_is_where_it_can_be(code, where):
    places = [SimpleNamespace(name=name) for name in (*town.PLACES, "小区大门")]

    assert {place.name for place in mends.fitting(places, code)} == where


@pytest.mark.parametrize(
    ("after", "start"),
    [
        ("2026-08-05T10:20", "2026-08-05T11:00"),
        ("2026-08-05T02:10", "2026-08-05T08:00"),
        ("2026-08-05T18:30", "2026-08-06T08:00"),
        ("2026-08-05T23:50", "2026-08-06T08:00"),
    ],
)
def test_nobody_agrees_on_a_visit_by_night(after, start):
    asked, begins = (datetime.fromisoformat(each).replace(tzinfo=SHANGHAI) for each in (after, start))

    assert hours.by_day(asked) == begins


def test_what_was_visited_by_night_was_visited_the_evening_before():
    asked = [datetime(2026, 8, 5, hour, 30, tzinfo=SHANGHAI) for hour in (2, 15, 21)]

    assert [f"{hours.worked_until(each):%d %H:%M}" for each in asked] == ["04 19:00", "05 15:30", "05 19:00"]
