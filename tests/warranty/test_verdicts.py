"""What a ticket is told at registration: phase, cover, and why (WA-01, WA-02)."""

from datetime import date, datetime

import pytest
from django.template.loader import render_to_string

from estates.models import Unit
from knowledge.models import FaultCategory
from knowledge.presets import load as load_faults
from knowledge.presets import rows
from tests.factories_estates import (
    BatchFactory,
    BuildingFactory,
    EstateFactory,
    PublicPlaceFactory,
    UnitFactory,
)
from tests.snapshots import loaded
from warranty.coverage import SHANGHAI
from warranty.models import CoverageTerm, Season
from warranty.presets import load
from warranty.queries import forget_rules
from warranty.verdicts import coverage_table, verdict_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def terms(db):
    loaded(load)


def moment(day: str, hour: int = 12) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=SHANGHAI)


def home(completed="2020-01-01", handed_over="2020-02-01", contract="2023-01-01", **estate) -> Unit:
    """A flat sold late: completed in 2020, delivered under its contract in 2023."""
    batch = BatchFactory(
        estate=EstateFactory(**estate),
        completed_on=date.fromisoformat(completed),
        handover_from=date.fromisoformat(handed_over),
        handover_to=date.fromisoformat(handed_over),
    )
    return UnitFactory(
        building=BuildingFactory(estate=batch.estate, batch=batch),
        contract_handover_on=date.fromisoformat(contract) if contract else None,
    )


def judge(unit: Unit, component: str, day: str, hour: int = 12, **options):
    return verdict_for(estate=unit.estate, unit=unit, component=component, at=moment(day, hour), **options)


@pytest.mark.row("WA-02")
def test_a_covered_report_says_what_from_when_until_when():
    verdict = judge(home(), "WET_WP", "2024-06-01")

    assert (verdict.covered, verdict.reason) == (
        "yes",
        "防渗漏保修60个月，自合同交付日2023年1月1日起至2028年1月1日，报修时在保修期内。",
    )


@pytest.mark.row("WA-02")
def test_the_developers_share_is_named_once_the_contractors_period_is_over():
    unit = home(completed="2024-06-30", handed_over="2025-03-31", contract="2025-03-31")

    verdict = judge(unit, "ROOF_WP", "2029-10-01")

    assert verdict.reason == (
        "屋面防水保修60个月，自合同交付日2025年3月31日起至2030年3月31日，报修时在保修期内。"
        "施工方保修已于2029年6月30日届满，差额期费用由开发商承担。"
    )


@pytest.mark.row("WA-02")
@pytest.mark.parametrize(("day", "hour", "covered"), [("2028-01-01", 23, "yes"), ("2028-01-02", 0, "no")])
def test_the_last_day_counts_until_midnight(day, hour, covered):
    assert judge(home(), "WET_WP", day, hour).covered == covered


def test_an_expired_report_says_so():
    assert judge(home(), "LAMP", "2024-01-01").reason == (
        "灯具和电器开关保修6个月，自合同交付日2023年1月1日起至2023年7月1日，报修时已过保修期。"
    )


def test_without_a_contract_date_the_batch_counts_and_both_are_kept():
    verdict = judge(home(contract=""), "MEP", "2021-01-01")

    assert {
        key: verdict.as_json()[key] for key in ("delivery_label", "delivered_on", "contract_handover_on")
    } == {
        "delivery_label": "集中交付开始日",
        "delivered_on": "2020-02-01",
        "contract_handover_on": "",
    }


@pytest.mark.row("WA-01")
@pytest.mark.parametrize(
    ("day", "label"),
    [
        ("2019-10-31", "未介入"),
        ("2019-11-01", "前期介入"),
        ("2020-02-01", "集中交付"),
        ("2020-03-02", "日常保修"),
        ("2028-01-01", "日常保修"),
        ("2028-01-02", "过保"),
    ],
)
def test_the_verdict_carries_the_phase_and_expiry_is_the_homes_own(day, label):
    assert judge(home(), "MEP", day).phase_label == label


def test_before_delivery_the_project_department_repairs():
    unit = home(completed="2024-06-30", handed_over="2025-03-31", contract="")

    assert (
        judge(unit, "DECO", "2025-03-01").reason
        == "尚未到集中交付开始日2025年3月31日，装修工程问题由项目部在交付前整改。"
    )


@pytest.mark.row("WA-02")
@pytest.mark.parametrize(("strict", "until"), [(True, date(2027, 3, 15)), (False, date(2026, 3, 15))])
def test_heating_counts_the_seasons_of_the_calendar(strict, until):
    unit = home(completed="2024-06-30", handed_over="2025-01-10", contract="2025-01-10")

    assert judge(unit, "HVAC_HEAT", "2025-12-01", strict=strict).owner_until == until


@pytest.mark.row("WA-02")
def test_an_estates_own_season_replaces_the_default_of_that_winter():
    unit = home(completed="2024-06-30", handed_over="2025-01-10", contract="2025-01-10")
    Season.objects.create(
        estate=unit.estate, kind="heating", starts_on=date(2026, 11, 1), ends_on=date(2027, 3, 31)
    )

    assert judge(unit, "HVAC_HEAT", "2025-12-01").reason == (
        "供热系统保修2个采暖期，自合同交付日2025年1月10日起至2027年3月31日，报修时在保修期内。"
    )


def test_a_calendar_that_does_not_reach_leaves_the_answer_open():
    unit = home(completed="2010-06-30", handed_over="2011-01-10", contract="")

    assert (
        judge(unit, "HVAC_COOL", "2012-01-01").reason
        == "供冷系统采暖供冷季日历不全，无法计算保修期，请工程师确认。"
    )


@pytest.mark.row("WA-02")
def test_an_estates_own_promise_goes_before_the_default_but_not_below_the_law():
    unit = home()
    CoverageTerm.objects.create(
        estate=unit.estate, component="ROOF_WP", name="屋面", kind="months", promised=12
    )
    CoverageTerm.objects.create(
        estate=unit.estate, component="DECO", name="精装修", kind="months", promised=36
    )

    ends = [judge(unit, component, "2024-01-01").owner_until for component in ("ROOF_WP", "DECO")]

    assert ends == [date(2026, 1, 1), date(2026, 1, 1)]


def test_a_promise_counted_in_another_way_than_the_law_leaves_the_law():
    unit = home()
    CoverageTerm.objects.create(estate=unit.estate, component="DRAIN", name="管道堵塞", kind="contract")

    assert judge(unit, "DRAIN", "2023-02-01").owner_until == date(2023, 3, 1)


def test_design_life_is_the_estates():
    assert judge(home(design_life_years=70), "FOUND", "2024-01-01").owner_until == date(2093, 1, 1)


@pytest.mark.parametrize(
    ("component", "covered", "reason"),
    [
        ("CONTRACT", "unknown", "设备设施及其他约定部位的保修期按合同约定，请工程师核对合同后确认。"),
        ("MANUFACTURER", "unknown", "厂家部品由厂家三包，请核对三包卡后确认。"),
        ("BY_CAUSE", "unknown", "该问题须先查明原因才能判断保修责任，请工程师确认。"),
        ("NONE", "no", "咨询与有偿服务不属于保修范围。"),
        ("NO_SUCH", "unknown", "该部位还没有录入保修期限，请工程师确认。"),
        ("", "unknown", "尚未选定故障分类，无法判断保修期。"),
    ],
)
def test_what_has_no_date_says_who_must_decide(component, covered, reason):
    verdict = judge(home(), component, "2024-01-01")

    assert (verdict.covered, verdict.reason) == (covered, reason)


def test_a_component_without_a_term_is_called_by_its_name():
    CoverageTerm.objects.filter(component="MEP").delete()
    forget_rules()

    verdict = judge(home(), "MEP", "2024-01-01")

    assert verdict.reason == "电气管线、给排水管道和设备安装还没有录入保修期限，请工程师确认。"


def test_an_estate_without_a_batch_gets_no_guess():
    verdict = verdict_for(estate=EstateFactory(), component="MEP", at=moment("2024-01-01"))

    assert (verdict.covered, verdict.phase, verdict.reason) == (
        "unknown",
        "",
        "项目还没有录入交付批次，无法判断保修期。",
    )


def garage(*handovers: str):
    """A public place of no building in an estate with a batch for each date."""
    estate = EstateFactory()
    for day in map(date.fromisoformat, handovers):
        BatchFactory(estate=estate, completed_on=day, handover_from=day, handover_to=day)
    return PublicPlaceFactory(estate=estate, building=None, name="地下车库")


@pytest.mark.parametrize(
    ("handovers", "covered"),
    [
        (["2016-06-01", "2022-06-01"], "unknown"),
        (["2021-06-01", "2022-06-01"], "yes"),
        (["2016-06-01", "2030-06-01"], "no"),
    ],
    ids=["batches disagree", "batches agree", "the second is not handed over yet"],
)
def test_a_place_of_no_building_is_judged_by_all_batches_handed_over(handovers, covered):
    place = garage(*handovers)

    verdict = verdict_for(estate=place.estate, place=place, component="WET_WP", at=moment("2024-01-01"))

    assert verdict.covered == covered


def test_every_value_kept_on_the_ticket_is_a_string():
    kept = judge(home(), "MEP", "2024-01-01").as_json()

    assert {type(value) for value in kept.values()} == {str}


@pytest.mark.parametrize("component", ["MEP", "HVAC_HEAT", "FOUND"])
def test_a_verdict_costs_two_queries(component, django_assert_num_queries):
    unit = Unit.objects.select_related("estate").get(pk=home().pk)

    with django_assert_num_queries(2):
        judge(unit, component, "2024-01-01")


def test_a_second_verdict_reads_the_dates_only(django_assert_num_queries):
    unit = Unit.objects.select_related("estate").get(pk=home().pk)
    judge(unit, "MEP", "2024-01-01")

    with django_assert_num_queries(1):
        judge(unit, "HVAC_HEAT", "2024-01-01")


def test_a_home_that_came_with_its_batch_costs_one_query(django_assert_num_queries):
    unit = Unit.objects.select_related("estate", "building__batch").get(pk=home().pk)

    with django_assert_num_queries(1):
        judge(unit, "HVAC_HEAT", "2024-01-01")


@pytest.mark.row("IN-03")
def test_the_coverage_table_lists_what_has_a_date_longest_first():
    table = coverage_table(home(), date(2023, 6, 20))

    assert [(row.component, str(row.owner_until), row.state_label) for row in table] == [
        ("FOUND", "2073-01-01", "在保"),
        ("WINDOW_WP", "2028-01-01", "在保"),
        ("WET_WP", "2028-01-01", "在保"),
        ("ROOF_WP", "2028-01-01", "在保"),
        ("HVAC_HEAT", "2025-03-15", "在保"),
        ("WINDOW", "2025-01-01", "在保"),
        ("PLASTER", "2025-01-01", "在保"),
        ("MEP", "2025-01-01", "在保"),
        ("INSUL", "2025-01-01", "在保"),
        ("INFILL", "2025-01-01", "在保"),
        ("FLOOR", "2025-01-01", "在保"),
        ("DOOR_HW", "2025-01-01", "在保"),
        ("DECO", "2025-01-01", "在保"),
        ("HVAC_COOL", "2024-09-30", "在保"),
        ("SANITARY", "2024-01-01", "在保"),
        ("LAMP", "2023-07-01", "剩11天"),
        ("DRAIN", "2023-03-01", "已过保"),
    ]


@pytest.mark.row("IN-03")
def test_the_coverage_fragment_shows_each_row_with_its_date_and_state():
    table = coverage_table(home(), date(2023, 6, 20))

    html = render_to_string("warranty/_coverage.html", {"rows": table, "chosen": "LAMP"})

    assert [
        part in html for part in ("日常保修", "<strong>灯具和电器开关</strong>", "2023年7月1日", "剩11天")
    ] == [True] * 4


def test_the_coverage_fragment_says_what_is_missing():
    html = render_to_string("warranty/_coverage.html", {"rows": []})

    assert "还不能计算保修期" in html


@pytest.mark.row("WA-02")
def test_every_fault_names_a_component_with_a_term_of_the_length_the_taxonomy_gives():
    load_faults()
    shipped = {row["code"]: row["warranty"] for row in rows("fault_taxonomy")}
    terms = {term.component: term for term in CoverageTerm.objects.filter(estate=None)}

    found = {fault.code: _as_written(terms[fault.coverage]) for fault in FaultCategory.objects.all()}

    assert found == shipped


def _as_written(term: CoverageTerm) -> str:
    """A term in the taxonomy's words."""
    if term.component == "INSUL":
        return f"INSULATION:{term.contractor_months}"
    if term.kind in ("heating", "cooling"):
        return f"{term.kind.upper()}_SEASONS:{term.promised}"
    return str(term.promised) if term.kind == "months" else term.kind.upper()
