"""The workbook as a spreadsheet program reads it, and as it lies in the archive."""

import io
import re
import zipfile
from datetime import datetime, timedelta

import pytest
from python_calamine import CalamineWorkbook

from reports import details, pages, queries, runs
from reports.catalogue import BY_SLUG, COUNTS, FIGURES, RULES
from reports.figures import Kind
from reports.periods import Period
from tests.reports.conftest import NOVEMBER, content_of
from tests.reports.rows import at, clock, event, rated, ticket
from tickets.models import Status

pytestmark = [pytest.mark.django_db, pytest.mark.row("RE-02")]
AT = at("12-02 09:00")
HOSTILE = [
    "=1+1",
    '=HYPERLINK("http://example.com","x")',
    "@SUM(A1)",
    "+1",
    "-1",
    "http://example.com",
    "00123",
]
PHONE = "13812345678"


@pytest.fixture
def month(estates):
    """A late ticket, one in time, one of last month, one cancelled, and texts that would be formulas."""
    first, second = estates
    late = ticket(first, at("11-03 09:00"), reporter_phone=PHONE, reporter_name=HOSTILE[0])
    clock(late, "dispatch", at("11-03 10:00"), at("11-03 10:30"))
    clock(late, "contact", at("11-03 11:00"), at("11-03 10:45"))
    clock(late, "complete", at("11-05 09:00"), at("11-09 10:00"))
    event(late, "no_access", at("11-04 09:00"), reason="敲门无人应答")
    rated(late, at("11-09 12:00"), 3)
    good = ticket(second, at("11-10 09:00"), description=HOSTILE[1], place_label=HOSTILE[2])
    for kind in ("dispatch", "contact", "complete"):
        clock(good, kind, at("11-11 09:00"), at("11-10 10:00"))
    rated(good, at("11-10 12:00"), 5)
    clock(ticket(second, at("10-30 09:00")), "complete", at("11-02 09:00"), None)
    ticket(first, at("11-12 09:00"), status=Status.CANCELLED)
    for number, text in enumerate(HOSTILE):
        ticket(first, at("11-20 09:00"), description=text, reporter_name=text[:60], number=f"H{number}")


@pytest.fixture
def book(month, director, estates):
    """The bytes of the month's workbook, asked for by somebody whose name is a code."""
    director.full_name = "&P=王"
    director.save()
    run = runs.request_run(by=director, month=NOVEMBER, estates=estates, at=AT)
    runs.build(run_id=run.pk, now=lambda: AT)
    run.refresh_from_db()
    return content_of(run)


def cells(book, name):
    return CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_name(name).to_python()


def parts(book):
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def sheet_of(estates):
    return queries.monthly(estates, Period(NOVEMBER, AT))


def test_the_six_sheets_stand_in_order(book):
    names = CalamineWorkbook.from_filelike(io.BytesIO(book)).sheet_names

    assert names == ["汇总", "分项目", "分渠道", "工单明细", "超时清单", "口径说明"]


@pytest.mark.row("RE-01")
def test_the_summary_says_the_same_as_the_screen(book, estates):
    rows = cells(book, "汇总")
    found = {row[1]: row[2:5] for row in rows[6:16]}
    counts = {row[8]: row[9] for row in rows[6:14]}
    sheet = sheet_of(estates)

    assert counts == {figure.label: sheet.total(figure).numerator for figure in COUNTS}
    for figure in FIGURES:
        if figure.kind is Kind.COUNT:
            continue
        upper, lower, value = found[figure.label]
        total = sheet.total(figure)
        assert [upper, lower] == list(total), figure.slug
        if total.value is None:
            assert value == pages.words(figure, total) == "无数据"
        else:
            assert value == float(total.value)


def test_a_figure_without_data_is_no_zero(book):
    found = {row[1]: row for row in cells(book, "汇总")[6:16]}

    assert found["回访率"][2:7] == [0, 0, "无数据", 1, "无数据"]
    assert found["派单及时率"][2:7] == [1, 2, 0.5, 0.98, "未达标"]


def test_the_estates_add_up_to_the_totals(book, estates):
    head, labels, *rows = cells(book, "分项目")
    *each, totals = rows

    assert [row[0] for row in rows] == ["滨江花园", "东湖嘉苑", "合计"]
    for column, label in enumerate(labels):
        if label in {"分子", "分母", "工单数"}:
            assert totals[column] == sum(row[column] for row in each), column
    dispatch = head.index("派单及时率")
    assert totals[dispatch : dispatch + 3] == [1, 2, 0.5]


@pytest.mark.row("RE-01")
def test_the_lines_of_the_tickets_add_up_to_the_figures(book, estates):
    header, *lines = cells(book, "工单明细")
    sheet = sheet_of(estates)

    assert len({line[0] for line in lines}) == len(lines) == 4 + len(HOSTILE)
    for figure in details.JUDGED:
        column = [line[header.index(figure.label)] for line in lines]
        met, missed = column.count(figure.good), column.count(figure.bad)
        assert (met, met + missed) == sheet.total(figure), figure.slug
    stars = [line[header.index("星级")] for line in lines]
    assert sum(star for star in stars if star != "") == sheet.total(BY_SLUG["stars"]).numerator


def test_a_line_tells_the_story_of_its_ticket(book):
    header, *lines = cells(book, "工单明细")
    line = dict(zip(header, next(line for line in lines if line[5] and line[6] == HOSTILE[0]), strict=True))

    assert line["联系电话"] == "138****5678"
    assert line["登记"] == datetime(2026, 11, 3, 9)
    assert line["派单"] == datetime(2026, 11, 3, 10, 30)
    assert [line["派单及时率"], line["响应及时率"], line["完成及时率"]] == ["超时", "及时", "超时"]
    assert [line["星级"], line["轮次"], line["级别"], line["渠道"]] == [3, 1, 3, "电话"]


def test_cancelled_tickets_are_listed_as_left_out(book):
    header, *lines = cells(book, "工单明细")

    assert [line[-1] for line in lines if line[header.index("状态")] == "已作废"] == ["剔除：已作废"]


def test_every_missed_limit_is_listed_with_how_late_it_was_and_what_was_told(book):
    header, *lines = cells(book, "超时清单")
    found = [
        [line[header.index(name)] for name in ("时限", "超时（小时）", "超时档", "过程记录")]
        for line in lines
    ]

    assert found == [
        ["派单", 0.5, "不超过3天", "no_access：敲门无人应答"],
        ["完成", 720.0, "16–30天", ""],
        ["完成", 97.0, "4–7天", "no_access：敲门无人应答"],
    ]
    assert lines[1][header.index("实际完成")] == "尚未完成"


def test_bands_end_with_their_last_day(estates):
    row = ticket(estates[0], at("11-01 00:00"))
    for number, late in enumerate([3, 3.01, 7, 15, 30, 30.01], 1):
        due = at("11-01 12:00")
        clock(row, "complete", due, due + timedelta(days=late), round=number)

    lines = details.miss_lines(estates, Period(NOVEMBER, AT))

    assert sorted(line[-2] for line in lines) == sorted(
        ["不超过3天", "4–7天", "4–7天", "8–15天", "16–30天", "30天以上"]
    )


def test_every_figure_and_every_rule_is_defined(book):
    rows = cells(book, "口径说明")

    assert [row[1:3] for row in rows[1 : 1 + len(FIGURES)]] == [
        [figure.label, figure.formula] for figure in FIGURES
    ]
    assert [tuple(row[1:3]) for row in rows[2 + len(FIGURES) :]] == RULES


@pytest.mark.row("RE-07")
def test_no_text_of_a_person_becomes_a_formula_or_a_link(book):
    archive = parts(book)
    sheets = [text for name, text in archive.items() if name.startswith("xl/worksheets/sheet")]

    assert len(sheets) == 6
    assert [re.findall(r"<(?:f|hyperlink)\b", text) for text in sheets] == [[]] * 6
    assert [name for name in archive if "externalLink" in name or "vba" in name] == []
    texts = {cell for row in cells(book, "工单明细") for cell in row if isinstance(cell, str)}
    assert set(HOSTILE) <= texts


@pytest.mark.row("RE-07")
def test_no_full_phone_number_is_anywhere_in_the_file(book):
    assert [name for name, text in parts(book).items() if PHONE in text] == []


def test_it_prints_on_a4_landscape_with_who_and_when_in_the_footer(book):
    for number in range(1, 6):
        text = parts(book)[f"xl/worksheets/sheet{number}.xml"]
        page = re.search(r"<pageSetup[^>]*>", text)[0]
        assert 'paperSize="9"' in page
        assert 'orientation="landscape"' in page
        assert "&amp;&amp;P=王 2026-12-02 09:00 生成" in text
        assert "<pane " in text


def test_the_summary_has_a_native_chart_with_results_and_targets(book):
    archive = parts(book)
    chart = archive["xl/charts/chart1.xml"]

    assert re.findall(r"<c:f>(.*?)</c:f>", chart) == [
        *["汇总!$B$7:$B$14", "汇总!$E$7:$E$14"],
        *["汇总!$B$7:$B$14", "汇总!$F$7:$F$14"],
    ]
    assert [row[1] for row in cells(book, "汇总")[6:14]] == [
        *["响应及时率", "派单及时率", "上门及时率", "完成及时率", "业主签字及时率"],
        *["一次维修合格率", "回访率", "维修满意度"],
    ]


def test_percentages_are_numbers_with_a_percent_format(book):
    archive = parts(book)

    assert 'formatCode="0.0%"' in archive["xl/styles.xml"]
    assert "微软雅黑" in archive["xl/styles.xml"]
    assert archive["xl/worksheets/sheet1.xml"].count("%<") == 0


def test_a_workbook_of_estates_without_tickets_opens(director, estates):
    run = runs.request_run(by=director, month=NOVEMBER, estates=estates, at=AT)
    runs.build(run_id=run.pk, now=lambda: AT)
    run.refresh_from_db()
    book = content_of(run)

    assert cells(book, "工单明细") == [details.TICKET_COLUMNS]
    assert {row[4] for row in cells(book, "汇总")[6:16]} == {"无数据"}
