import datetime as dt
from decimal import Decimal

import pytest

from core.workbooks import data_rows, open_workbook_safely
from estates import house_book
from estates.columns import TITLES
from estates.models import Building, CareFlag, Household, Owner, Unit
from estates.resources import UnitOwnerResource
from tests.estates.books import imported, problems, row, totals, workbook
from tests.factories_estates import (
    BatchFactory,
    BuildingFactory,
    CareFlagFactory,
    EstateFactory,
    HouseholdFactory,
    OwnerFactory,
    UnitFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def estate():
    estate = EstateFactory(code="BJHY", name="滨江花园")
    BatchFactory(estate=estate, name="一期")
    return estate


@pytest.fixture
def clerk(keeper, estate):
    return keeper(estate)


@pytest.fixture
def home(estate):
    """3栋2单元1201, where 张伟 lives."""
    building = BuildingFactory(estate=estate, name="3栋", batch=estate.batches.get())
    unit = UnitFactory(building=building, entrance="2单元", room="1201", floor=12)
    HouseholdFactory(unit=unit, owner=OwnerFactory(name="张伟", phone="13800138000"))
    return unit


def people(unit):
    rows = Household.objects.filter(unit=unit).order_by("pk")
    return list(rows.values_list("owner__name", "owner__phone", "relation"))


@pytest.mark.row("IN-16")
def test_a_row_makes_a_building_a_dwelling_an_owner_and_care_flags(clerk):
    result = imported(
        clerk,
        row(
            楼层="12",
            户型="三室两厅",
            建筑面积="98.5",
            合同交付日="2024/6/30",
            实际收房日="2024年7月2日",
            关怀标记="高龄独居、vip",
        ),
    )

    unit = Unit.objects.get()
    assert totals(result) == {"new": 1}
    assert result.lines[0].changes == [
        "新增楼栋 3栋",
        "新增房屋",
        "新增业主 张伟",
        "新增关怀标记 高龄独居",
        "新增关怀标记 VIP",
    ]
    assert (unit.label, unit.building.name, unit.building.batch.name) == ("3-2-1201", "3栋", "一期")
    assert (unit.floor, unit.layout, unit.size_m2) == (12, "三室两厅", Decimal("98.50"))
    assert (unit.contract_handover_on, unit.taken_over_on) == (dt.date(2024, 6, 30), dt.date(2024, 7, 2))
    assert people(unit) == [("张伟", "13800138000", "owner")]
    assert list(Owner.objects.values_list("pinyin", "care_flags__kind").order_by("care_flags__pk")) == [
        ("zw", "elderly_alone"),
        ("zw", "vip"),
    ]


@pytest.mark.row("IN-16")
def test_a_preview_writes_nothing(clerk):
    result = imported(clerk, row(), dry_run=True)

    assert (totals(result), Unit.objects.count(), Owner.objects.count()) == ({"new": 1}, 0, 0)


@pytest.mark.row("IN-16")
def test_the_same_sheet_again_changes_nothing(clerk):
    rows = [
        row(关怀标记="VIP"),
        row(业主姓名="李丽", 电话="13800138001", 关系="家庭成员"),
        row(业主姓名="李丽", 电话="13800138001", 关系="业主", 房号="1202"),
        row(房号="1203", 业主姓名="", 电话=""),
    ]
    imported(clerk, *rows)
    again = imported(clerk, *rows)

    assert totals(again) == {"skip": 4}
    assert [model.objects.count() for model in (Building, Unit, Owner, Household, CareFlag)] == [
        1,
        3,
        2,
        3,
        1,
    ]


def test_other_spellings_of_a_door_mean_the_same_dwelling(clerk, home):
    result = imported(clerk, row(楼栋="3号楼", 单元="2", 房号="1201室"), row(楼栋="3", 房号="１２０２"))

    assert totals(result) == {"skip": 1, "new": 1}
    assert sorted(Unit.objects.values_list("label", flat=True)) == ["3-2-1201", "3-2-1202"]


@pytest.mark.row("IN-16")
@pytest.mark.parametrize(
    ("cells", "change", "after"),
    [
        ({"业主姓名": "李伟"}, "业主姓名：张伟 → 李伟", ("李伟", "13800138000", "owner")),
        ({"电话": "13900139000"}, "电话：13800138000 → 13900139000", ("张伟", "13900139000", "owner")),
        ({"关系": "租户"}, "关系：业主 → 租户", ("张伟", "13800138000", "tenant")),
    ],
)
def test_a_person_who_differs_in_one_thing_is_updated(clerk, home, cells, change, after):
    result = imported(clerk, row(**cells))

    assert (totals(result), result.lines[0].changes) == ({"update": 1}, [change])
    assert people(home) == [after]
    assert Owner.objects.get().pinyin == ("lw" if after[0] == "李伟" else "zw")


def test_a_person_who_differs_in_two_things_is_somebody_else(clerk, home):
    imported(clerk, row(业主姓名="李丽", 电话="13900139000"))

    assert people(home) == [("张伟", "13800138000", "owner"), ("李丽", "13900139000", "owner")]


def test_a_couple_with_one_phone_stays_two_people(clerk, home):
    couple = [row(业主姓名="李丽"), row()]
    first, second = imported(clerk, *couple), imported(clerk, *couple)

    assert (totals(first), totals(second)) == ({"new": 1, "skip": 1}, {"skip": 2})
    assert people(home) == [("张伟", "13800138000", "owner"), ("李丽", "13800138000", "owner")]


def test_one_owner_of_two_dwellings_is_one_person(clerk):
    imported(clerk, row(), row(房号="1202"))
    result = imported(clerk, row(电话="13900139000"), row(房号="1202", 电话="13900139000"))

    assert totals(result) == {"update": 1, "skip": 1}
    assert list(Owner.objects.values_list("name", "phone")) == [("张伟", "13900139000")]


def test_an_empty_cell_keeps_what_is_stored(clerk, home):
    imported(clerk, row(户型="三室两厅"))
    home.refresh_from_db()

    assert (home.floor, home.layout) == (12, "三室两厅")


def test_what_changes_of_a_dwelling_is_told_with_before_and_after(clerk, home):
    result = imported(clerk, row(楼层="13", 实际收房日="2024-07-02"))

    assert result.lines[0].changes == ["楼层：12 → 13", "实际收房日：空 → 2024-07-02"]


def test_care_flags_are_added_and_never_doubled(clerk, home):
    CareFlagFactory(owner=Owner.objects.get(), kind="vip")
    result = imported(clerk, row(关怀标记="VIP，残障"))

    assert result.lines[0].changes == ["新增关怀标记 残障"]


@pytest.mark.row("IN-16")
@pytest.mark.parametrize(
    ("cells", "column", "told"),
    [
        ({"项目代码": ""}, "项目代码", "必填"),
        ({"项目代码": "NONE"}, "项目代码", "找不到项目，或不在您的负责范围（填写的是“NONE”）"),
        ({"楼栋": ""}, "楼栋", "必填"),
        ({"房号": ""}, "房号", "必填"),
        ({"楼层": "十二"}, "楼层", "应为 -20 到 200 之间的整数（填写的是“十二”）"),
        ({"建筑面积": "很大"}, "建筑面积", "应为数字，例如 98.50（填写的是“很大”）"),
        ({"建筑面积": "NaN"}, "建筑面积", "应为数字，例如 98.50（填写的是“NaN”）"),
        ({"建筑面积": "-1"}, "建筑面积", "应大于 0、小于 100000 平方米（填写的是“-1”）"),
        ({"合同交付日": "2024-13-01"}, "合同交付日", "应为日期，例如 2024-06-30（填写的是“2024-13-01”）"),
        ({"实际收房日": "下个月"}, "实际收房日", "应为日期，例如 2024-06-30（填写的是“下个月”）"),
        ({"实际收房日": "0204-06-30"}, "实际收房日", "年份应在 1950 到 2100 之间（填写的是“0204-06-30”）"),
        ({"批次": "九期"}, "批次", "滨江花园没有这个交付批次，请先在后台建立（填写的是“九期”）"),
        ({"批次": ""}, "批次", "3栋是新楼栋，必须填写批次"),
        ({"业主姓名": ""}, "业主姓名", "填了电话时必填"),
        ({"业主姓名": "张" * 61}, "业主姓名", f"最多 60 个字（填写的是“{'张' * 40}”）"),
        ({"业主姓名": "张\n伟"}, "业主姓名", "不能有换行或控制字符（填写的是“张\n伟”）"),
        ({"户型": "#REF!"}, "户型", "公式结果有错，请改成数值（填写的是“#REF!”）"),
        ({"电话": ""}, "电话", "有业主姓名时必填"),
        ({"电话": "1380013800"}, "电话", "应为 11 位手机号，或带区号的座机号（填写的是“1380013800”）"),
        ({"关系": "邻居"}, "关系", "只能填：业主、家庭成员、租户、受托人（填写的是“邻居”）"),
        (
            {"关怀标记": "VIP、贵宾"},
            "关怀标记",
            "没有“贵宾”，只能填：高龄独居、残障、婴幼儿、VIP、其他关怀，多个用顿号分开（填写的是“VIP、贵宾”）",
        ),
    ],
)
def test_a_wrong_cell_is_named_with_its_row_and_what_was_typed(clerk, cells, column, told):
    assert problems(imported(clerk, row(**cells))) == [(2, column, [told])]


def test_a_row_can_be_wrong_in_several_columns(clerk):
    result = imported(clerk, row(楼层="x", 电话="1"))

    assert [(line, column) for line, column, _ in problems(result)] == [(2, "楼层"), (2, "电话")]


@pytest.mark.row("IN-16")
def test_one_wrong_row_keeps_all_the_others_out(clerk):
    rows = [row(房号=str(number)) for number in range(101, 150)]
    result = imported(clerk, *rows, row(房号="150", 电话="1"))

    assert (problems(result)[0][:2], result.refused) == ((51, "电话"), True)
    assert (Building.objects.count(), Unit.objects.count(), Owner.objects.count()) == (0, 0, 0)


@pytest.mark.row("OR-01")
def test_a_foreign_estate_is_as_unknown_as_one_that_does_not_exist(keeper, home):
    stranger = keeper(EstateFactory(code="OTHER"))
    told = [problems(imported(stranger, row(项目代码=code))) for code in ("BJHY", "NONE")]

    assert told == [
        [(2, "项目代码", [f"找不到项目，或不在您的负责范围（填写的是“{code}”）"])]
        for code in ("BJHY", "NONE")
    ]


@pytest.mark.row("OR-01")
def test_an_owner_who_also_lives_elsewhere_is_not_renamed_there(clerk, home):
    elsewhere = HouseholdFactory(owner=Owner.objects.get()).unit
    imported(clerk, row(电话="13900139000"))

    assert people(home) == [("张伟", "13900139000", "owner")]
    assert people(elsewhere) == [("张伟", "13800138000", "owner")]


@pytest.mark.parametrize("count", [1, 2])
def test_a_row_that_comes_twice_is_refused(clerk, count):
    result = imported(clerk, row(), *[row(楼栋="3号楼", 单元="2", 关系="业主")] * count)

    assert problems(result) == [
        (number + 3, "房号", ["与第 2 行重复（填写的是“1201”）"]) for number in range(count)
    ]


def test_rows_of_one_dwelling_must_agree(clerk, home):
    spouse = {"业主姓名": "李丽", "电话": "13900139000"}
    result = imported(clerk, row(楼层="12"), row(**spouse, 楼层="13"))

    assert problems(result) == [(3, "楼层", ["与第 2 行同一房屋的楼层不一致（填写的是“13”）"])]


def test_a_building_cannot_change_its_batch_by_import(clerk, home):
    BatchFactory(estate=home.estate, name="二期")

    assert problems(imported(clerk, row(批次="二期"))) == [
        (2, "批次", ["3栋属于“一期”，与此不同（填写的是“二期”）"])
    ]


def test_two_doors_with_one_short_label_are_refused(clerk, home):
    result = imported(clerk, row(单元="", 房号="2-1201"))

    assert problems(result) == [(2, "房号", ["简称 3-2-1201 与已有的 3栋2单元1201 相同（填写的是“2-1201”）"])]


def test_somebody_who_has_moved_out_does_not_come_back_by_import(clerk, home):
    Household.objects.update(until=dt.date(2024, 1, 1))

    assert problems(imported(clerk, row())) == [
        (2, "业主姓名", ["该住户关系已于 2024-01-01 结束，请在后台处理（填写的是“张伟”）"])
    ]


@pytest.mark.row("IN-16")
def test_unknown_missing_and_doubled_columns_are_named(clerk):
    titles = ["项目代码", "楼栋", "单元", "业主姓名", "手机", "车位", "楼栋"]
    result = imported(clerk, row(手机="1", 车位="2"), titles=titles)

    assert [str(error.error) for error in result.base_errors] == [
        f"不认识的列：手机、车位。可用的列：{'、'.join(TITLES)}。",
        "缺少列：房号、电话。",
        "重复的列：楼栋。",
    ]
    assert Unit.objects.count() == 0


def test_columns_may_stand_in_any_order_and_optional_ones_may_be_left_out(clerk, home):
    titles = ["电话", "房号", "业主姓名", "单元", "楼栋", "项目代码"]

    assert totals(imported(clerk, row(), titles=titles)) == {"skip": 1}


def test_two_imports_of_one_sheet_do_not_double_anything(clerk):
    opened = open_workbook_safely(workbook(row()))
    header = opened.cells[0]
    plan = house_book.plan_import(user=clerk, header=header, rows=data_rows(opened))
    house_book.write(plan)
    result = imported(clerk, row())

    assert (totals(result), Unit.objects.count()) == ({"skip": 1}, 1)


def test_a_plan_with_errors_cannot_be_written(clerk):
    plan = house_book.plan_import(user=clerk, header=["项目代码"], rows=[(2, ["NONE"])])

    with pytest.raises(ValueError, match="not written"):
        house_book.write(plan)


@pytest.mark.row("IN-16")
def test_twenty_thousand_rows_are_taken_whole(clerk):
    def row_of(n):
        door = {"楼栋": f"{n // 400 + 1}栋", "单元": f"{n % 4 + 1}单元", "房号": f"{n // 4 % 100 + 100}"}
        return row(**door, 业主姓名=f"张{n}", 电话=f"138{n:08d}", 楼层=str(n // 16 % 30 + 1))

    sheet = open_workbook_safely(workbook(*[row_of(n) for n in range(20_000)]))
    first = UnitOwnerResource().import_data(sheet, user=clerk)
    sheet.cells[8][TITLES.index("电话")] = "13900139000"
    again = UnitOwnerResource().import_data(sheet, user=clerk)

    assert (totals(first), totals(again)) == ({"new": 20_000}, {"update": 1, "skip": 19_999})
    assert (Building.objects.count(), Unit.objects.count(), Owner.objects.count()) == (50, 20_000, 20_000)


@pytest.mark.row("IN-16")
def test_a_batch_and_a_building_with_wide_brackets_are_found(clerk, estate):
    batch = BatchFactory(estate=estate, name="二期（北区）")
    building = BuildingFactory(estate=estate, name="5栋（东）", batch=batch)

    result = imported(clerk, row(楼栋="5栋（东）", 批次="二期（北区）"))

    assert (problems(result), Unit.objects.get().building) == ([], building)
