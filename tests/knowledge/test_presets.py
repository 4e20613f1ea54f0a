"""The shipped taxonomy, trades, scripts and guides (domain.md §2, §6)."""

import json

import pytest

from knowledge.models import FaultCategory, Script, Trade
from knowledge.presets import DEPARTMENTS, EARLIER_SYNONYMS, HERE, load, rows

pytestmark = pytest.mark.django_db


def test_loading_twice_creates_nothing_the_second_time():
    first = load()

    assert (first, load()) == (len(DEPARTMENTS) + len(rows("trades")) + 101 + 43, 0)


def test_loading_leaves_what_was_edited():
    load()
    Script.objects.filter(code="T01").update(body="改过")
    FaultCategory.objects.get(code="EL03").trades.clear()

    load()

    assert (
        Script.objects.get(code="T01").body,
        FaultCategory.objects.get(code="EL03").trades.count(),
    ) == ("改过", 0)


def test_a_source_that_reads_as_our_abbreviation_is_named_and_a_house_s_own_stays():
    load()
    Script.objects.filter(code="T01").update(source="S4 S5")
    Script.objects.filter(code="T02").update(source="本公司话术 2026")

    assert (load(), load()) == (1, 0)
    assert dict(Script.objects.filter(code__in=["T01", "T02"]).values_list("code", "source")) == {
        "T01": "《物业客服工作流程》《客户服务房修中心管理办法》",
        "T02": "本公司话术 2026",
    }


def test_words_that_came_later_reach_a_house_that_has_written_none_of_its_own():
    load()
    shipped = FaultCategory.objects.get(code="LI02").synonyms
    FaultCategory.objects.filter(code="LI02").update(synonyms=EARLIER_SYNONYMS["LI02"])
    assert (load(), FaultCategory.objects.get(code="LI02").synonyms) == (1, shipped)

    FaultCategory.objects.filter(code="LI02").update(synonyms="本小区叫法")
    assert (load(), FaultCategory.objects.get(code="LI02").synonyms) == (0, "本小区叫法")


def test_every_leaf_has_trades_and_words_of_callers():
    load()

    poor = [
        fault.code
        for fault in FaultCategory.objects.prefetch_related("trades")
        if not fault.trades.all() or len(fault.synonyms.split()) < 5
    ]

    assert poor == []


def test_either_of_two_trades_is_kept():
    load()

    assert list(FaultCategory.objects.get(code="ST01").trades.values_list("name", flat=True)) == [
        "加固单位",
        "结构工程师",
    ]


def test_a_trade_written_with_a_certificate_needs_one():
    needed = {
        row["name"]: any(mark in row["written"] for mark in ("证)", "操作员)")) for row in rows("trades")
    }
    load()

    assert dict(Trade.objects.values_list("name", "needs_certificate")) == needed


@pytest.mark.row("IN-15")
def test_the_seventeen_scripts_and_the_guides_are_there():
    load()

    talk = list(Script.objects.filter(kind="talk").values_list("code", flat=True))

    assert (talk, Script.objects.filter(kind="rescue").count()) == ([f"T{n:02}" for n in range(1, 18)], 26)


def test_every_prefix_of_a_guide_meets_a_fault():
    load()
    faults = list(FaultCategory.objects.values_list("code", flat=True))
    prefixes = {
        prefix
        for row in json.loads((HERE / "scripts.json").read_text(encoding="utf-8"))
        for prefix in row["fault_prefixes"].split()
    }

    assert [prefix for prefix in prefixes if not any(code.startswith(prefix) for code in faults)] == []


@pytest.mark.row("IN-15")
def test_every_level_one_fault_has_a_guide():
    load()
    prefixes = tuple(
        prefix for script in Script.objects.filter(kind="rescue") for prefix in script.fault_prefixes.split()
    )

    urgent = FaultCategory.objects.filter(default_level=1).values_list("code", flat=True)

    assert [code for code in urgent if not code.startswith(prefixes)] == []
