import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.utils.timezone import localdate

from accounts.models import Role, User
from estates import queries
from estates.models import CareFlag, DirectoryEntry, Household, Owner
from tests.factories_estates import (
    BuildingFactory,
    CareFlagFactory,
    EstateFactory,
    HintFactory,
    HouseholdFactory,
    OwnerFactory,
    PublicPlaceFactory,
    UnitFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def estate():
    return EstateFactory(code="BJHY", name="滨江花园", pinyin="binjianghuayuan bjhy")


@pytest.fixture
def unit(estate):
    building = BuildingFactory(estate=estate, name="3栋")
    return UnitFactory(building=building, entrance="2单元", room="1201")


@pytest.fixture
def desk(keeper, estate):
    return keeper(estate)


def found(user, text, **more):
    hits = queries.search_units(user, text, **more)
    return [(hit.unit.label, hit.owner and hit.owner.name, hit.relation, hit.reason) for hit in hits]


@pytest.mark.row("IN-03")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("13800138000", "电话"),
        ("+86 138-0013-8000", "电话"),
        ("8000", "电话尾号"),
        ("138001", "电话开头"),
        ("3-2-1201", "房号"),
        ("3栋2单元1201", "房号"),
        ("3栋1201", "房号"),
        ("3栋", "房号"),
        ("1201", "房号"),
        ("张伟", "姓名"),
        ("张", "姓名"),
        ("zw", "拼音"),
        ("ZW", "拼音"),
        ("滨江花园 1201", "房号"),
        ("滨江花园3栋2单元1201", "房号"),
        ("bjhy zw", "拼音"),
        ("binj 8000", "电话尾号"),
    ],
)
def test_one_box_finds_the_dwelling(desk, unit, text, reason):
    HouseholdFactory(unit=unit, owner=OwnerFactory(name="张伟", phone="13800138000"))

    assert found(desk, text) == [("3-2-1201", "张伟", "业主", reason)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "李",
        "lw",
        "13900139000",
        "9-9",
        "800",
        "%",
        "_",
        "1",
        "\\",
        "\0",
        "张\ud7ff",
        "张" + chr(0x10FFFF),
    ],
)
def test_what_matches_nothing_finds_nothing(desk, unit, text):
    HouseholdFactory(unit=unit, owner=OwnerFactory(name="张伟", phone="13800138000"))

    assert found(desk, text) == []


@pytest.mark.row("OR-01")
@pytest.mark.parametrize("text", ["13800138000", "8000", "3-2-1201", "1201", "张伟", "zw", "滨江花园 1201"])
def test_a_foreign_estate_is_never_found(keeper, unit, text):
    HouseholdFactory(unit=unit, owner=OwnerFactory(name="张伟", phone="13800138000"))

    assert found(keeper(EstateFactory()), text) == []
    assert found(AnonymousUser(), text) == []


def test_an_owner_of_two_estates_is_found_only_where_the_user_works(desk, unit):
    owner = OwnerFactory(name="张伟", phone="13800138000")
    HouseholdFactory(unit=unit, owner=owner)
    HouseholdFactory(owner=owner)

    assert found(desk, "zw") == [("3-2-1201", "张伟", "业主", "拼音")]


def test_an_empty_dwelling_is_found_without_an_owner(desk, unit):
    assert found(desk, "3-2-1201") == [("3-2-1201", None, "", "房号")]


def test_a_dwelling_names_its_owner_before_a_tenant(desk, unit):
    HouseholdFactory(unit=unit, owner=OwnerFactory(name="李丽"), relation=Household.Relation.TENANT)
    HouseholdFactory(unit=unit, owner=OwnerFactory(name="张伟"))

    assert found(desk, "1201") == [("3-2-1201", "张伟", "业主", "房号")]


def test_people_who_have_moved_out_are_not_found(desk, unit):
    yesterday = localdate() - dt.timedelta(days=1)
    HouseholdFactory(unit=unit, owner=OwnerFactory(name="张伟"), until=yesterday)

    assert found(desk, "zw") == []


def test_rooms_and_numbers_share_the_places(desk, unit):
    neighbour = UnitFactory(building=unit.building, room="1202")
    for n in range(5):
        HouseholdFactory(unit=neighbour, owner=OwnerFactory(name=f"王{n}", phone=f"138001{n}1201"))
    building = BuildingFactory(estate=unit.estate)
    for n in range(5):
        UnitFactory(building=building, entrance=f"{n}单元", room="1201")

    reasons = [hit[3] for hit in found(desk, "1201", limit=4)]
    assert reasons == ["房号", "房号", "电话尾号", "电话尾号"]


def test_no_search_asks_more_than_a_handful_of_questions(desk, unit, django_assert_max_num_queries):
    for n in range(12):
        HouseholdFactory(unit=unit, owner=OwnerFactory(name=f"张{n}"))

    with django_assert_max_num_queries(4):
        hits = queries.search_units(desk, "张")
        assert {str(hit.unit) for hit in hits} == {"滨江花园 3栋2单元1201"}


@pytest.mark.row("IN-03")
def test_the_directory_follows_every_change(desk, unit, estate):
    home = HouseholdFactory(unit=unit, owner=OwnerFactory(name="张伟", phone="13800138000"))

    Owner.objects.filter(pk=home.owner_id).update(name="李丽", pinyin="ll", phone="13900139000")
    assert [found(desk, text) for text in ("zw", "8000", "张伟")] == [[]] * 3
    assert [len(found(desk, text)) for text in ("ll", "9000", "李")] == [1] * 3

    Household.objects.filter(pk=home.pk).update(until=localdate() - dt.timedelta(days=1))
    assert found(desk, "ll") == []

    Household.objects.filter(pk=home.pk).update(until=None)
    elsewhere = BuildingFactory(estate=EstateFactory())
    type(unit).objects.filter(pk=unit.pk).update(building=elsewhere, estate=elsewhere.estate)
    assert found(desk, "ll") == []

    home.owner.delete()
    assert DirectoryEntry.objects.count() == 0


@pytest.mark.row("IN-09")
def test_the_household_comes_owners_first_with_their_care_flags(unit, django_assert_num_queries):
    HouseholdFactory(unit=unit, owner=OwnerFactory(name="李丽"), relation=Household.Relation.FAMILY)
    owner = HouseholdFactory(unit=unit, owner=OwnerFactory(name="张伟")).owner
    CareFlagFactory(owner=owner, kind=CareFlag.Kind.VIP)
    CareFlagFactory(owner=owner, kind=CareFlag.Kind.ELDERLY_ALONE)
    HouseholdFactory(unit=unit, until=dt.date(2020, 1, 1))

    with django_assert_num_queries(2):
        rows = queries.household_of(unit)
        flags = [[flag.get_kind_display() for flag in queries.care_flags(row.owner)] for row in rows]

    assert [row.owner.name for row in rows] == ["张伟", "李丽"]
    assert flags == [["高龄独居", "VIP"], []]


def member(*, outside):
    group = Group.objects.create(name=f"岗位{outside}")
    Role.objects.create(code=f"role-{outside}".lower(), group=group, outside=outside)
    user = User.objects.create_user(username=f"user-{outside}", full_name="某人")
    user.groups.add(group)
    return user


@pytest.fixture
def hinted(unit):
    HintFactory(estate=unit.estate, text="小区西门限高")
    HintFactory(estate=unit.estate, building=unit.building, text="门禁需刷卡")
    HintFactory(estate=unit.estate, building=unit.building, unit=unit, text="总阀在橱柜")
    HintFactory(estate=unit.estate, building=unit.building, unit=unit, text="有诉讼", inside_only=True)
    HintFactory(estate=unit.estate, building=BuildingFactory(estate=unit.estate), text="别的楼")
    HintFactory(
        estate=unit.estate, building=unit.building, unit=UnitFactory(building=unit.building), text="邻居"
    )
    HintFactory(text="别的项目")
    return unit


def texts(hints):
    return [hint.text for hint in hints]


@pytest.mark.row("IN-19")
def test_hints_of_a_dwelling_come_nearest_first(hinted):
    inside = member(outside=False)

    assert texts(queries.hints_for(inside, unit=hinted)) == [
        "总阀在橱柜",
        "有诉讼",
        "门禁需刷卡",
        "小区西门限高",
    ]


@pytest.mark.row("IN-19")
def test_outside_roles_and_strangers_do_not_read_inside_hints(hinted):
    outside, nobody = member(outside=True), User.objects.create_user(username="x", full_name="无岗位")
    known = ["总阀在橱柜", "门禁需刷卡", "小区西门限高"]

    assert texts(queries.hints_for(outside, unit=hinted)) == known
    assert texts(queries.hints_for(nobody, unit=hinted)) == known
    assert texts(queries.hints_for(AnonymousUser(), unit=hinted)) == known


def test_a_building_a_public_place_and_an_estate_have_their_own_hints(hinted):
    inside = member(outside=False)
    place = PublicPlaceFactory(building=hinted.building)
    gate = PublicPlaceFactory(building=None, estate=hinted.estate)

    assert texts(queries.hints_for(inside, building=hinted.building)) == ["门禁需刷卡", "小区西门限高"]
    assert texts(queries.hints_for(inside, place=place)) == ["门禁需刷卡", "小区西门限高"]
    assert texts(queries.hints_for(inside, place=gate)) == ["小区西门限高"]
    assert texts(queries.hints_for(inside, estate=hinted.estate)) == ["小区西门限高"]
