"""Finding the fault a caller means, and what to say about it (IN-15)."""

import pytest
from django.template.loader import render_to_string

from knowledge.models import FaultCategory, Script
from knowledge.presets import load
from knowledge.queries import find_faults, scripts_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def presets(db):
    load()


def codes(text: str, limit: int = 8) -> list[str]:
    return [fault.code for fault in find_faults(text, limit)]


@pytest.mark.row("IN-03")
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("EL03", "EL03"),
        ("el03", "EL03"),
        ("跳闸", "EL03"),
        ("马桶堵", "WS04"),
        ("马桶堵了", "WS04"),
        ("厕所马桶堵了冲不下去", "WS04"),
        ("厨房漏水", "WP08"),
        ("厨房 漏水", "WP08"),
        ("窗户 关不上", "DW04"),
        ("煤气味", "GA01"),
        ("电梯困人", "LI01"),
        ("没热水", "KT06"),
        ("楼道灯不亮", "EL07"),
        ("地暖不热", "HV01"),
        ("墙发霉", "PL05"),
        ("栏杆松动", "DW09"),
        ("水管爆了", "WS01"),
        ("井盖没了", "PB05"),
    ],
)
def test_the_callers_words_lead_to_the_fault(said, code):
    assert codes(said)[0] == code


def test_a_door_that_does_not_close_offers_every_door():
    assert codes("门关不上") == ["DW03", "DW02", "DW08", "FF03", "LV02", "DW01", "KT01", "LI02"]


@pytest.mark.parametrize("said", ["3栋电梯门关不上", "电梯门打不开", "电梯 门关不上"])
def test_a_lift_s_door_is_the_lift(said):
    assert codes(said, limit=1) == ["LI02"]


def test_what_belongs_to_the_place_goes_first():
    found = [
        [fault.code for fault in find_faults("门关不上", limit=2, at=place)]
        for place in ("3栋电梯", "大堂", "")
    ]

    assert found == [["LI02", "DW03"], ["DW03", "DW02"], ["DW03", "DW02"]]


def test_exact_goes_before_prefix_before_contained():
    FaultCategory.objects.all().update(active=False)
    for code, synonyms in (("X1", "大跑水"), ("X2", "跑水了"), ("X3", "水坑 跑水")):
        FaultCategory.objects.create(
            code=code, area="甲", component="乙", fault="丙", synonyms=synonyms,
            default_level=3, coverage="MEP", place="private", typical_minutes=10,
        )  # fmt: skip

    assert codes("跑水") == ["X3", "X2", "X1"]


@pytest.mark.parametrize("text", ["", "   ", "，。", "漏水 量子力学"])
def test_words_that_fit_nothing_find_nothing(text):
    assert codes(text) == []


def test_no_more_than_the_limit_is_offered():
    assert len(codes("漏水", limit=5)) == 5


def test_a_fault_switched_off_is_not_offered():
    FaultCategory.objects.filter(code="EL03").update(active=False)

    assert "EL03" not in codes("跳闸")


def test_a_fault_is_found_by_its_new_name_at_once():
    FaultCategory.objects.filter(code="EL03").update(synonyms="闹脾气")

    assert codes("闹脾气") == ["EL03"]


def test_finding_costs_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        find_faults("厨房漏水")


@pytest.mark.row("IN-15")
def test_a_fault_brings_its_own_guides_and_the_words_of_intake():
    scripts = scripts_for(FaultCategory.objects.get(code="EL03"))

    assert ([s.code for s in scripts.rescue], [s.code for s in scripts.talk]) == (
        ["R04"],
        ["T01", "T02", "T03", "T04"],
    )


@pytest.mark.row("IN-15")
def test_the_guide_that_names_the_fault_first_comes_first():
    fault = FaultCategory.objects.get(code="WS04")

    assert [script.title for script in scripts_for(fault).rescue] == ["马桶或下水堵塞", "污水反涌、外溢"]


def test_without_a_fault_only_general_words_are_given():
    scripts = scripts_for(None)

    assert (scripts.rescue, len(scripts.talk), len(scripts.more)) == ([], 4, 13)


def test_another_moment_puts_its_own_words_first():
    scripts = scripts_for(None, Script.Moment.FOLLOW_UP)

    assert [script.code for script in scripts.talk] == ["T13", "T16"]


def test_known_values_are_put_in_and_the_rest_left_to_say():
    script = next(s for s in scripts_for(None, values={"项目": "滨江花园"}).talk if s.code == "T01")

    assert script.words.splitlines()[1] == "“您好，滨江花园房修服务，我是〔姓名〕，请问有什么可以帮您？”"


def test_a_script_switched_off_is_not_said():
    Script.objects.filter(code="R04").update(active=False)

    assert scripts_for(FaultCategory.objects.get(code="EL03")).rescue == []


@pytest.mark.row("IN-15")
def test_the_fragment_shows_guide_and_words():
    scripts = scripts_for(FaultCategory.objects.get(code="GA01"))

    html = render_to_string("knowledge/_scripts.html", {"scripts": scripts})

    assert [words in html for words in ("闻到燃气味", "不开灯，不关灯", "接报开场", "回访：回访三问")] == [
        True
    ] * 4
