"""The monthly workbook 房修月报: six sheets, every cell a value, nothing a formula (RE-02, RE-07)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, BinaryIO

import xlsxwriter

from core import sheets
from reports.catalogue import COUNTS, FIGURES, RULES, SHARES
from reports.channels import PORTS, ChannelLine
from reports.details import MISS_COLUMNS, TICKET_COLUMNS, Line
from reports.figures import Figure, Kind
from reports.queries import Measure, Sheet

NO_DATA = "无数据"
FONT = {"font_name": "微软雅黑", "font_size": 10, "valign": "vcenter"}
A4 = 9
TEAL, RED = "#1F6F6B", "#B3402E"
# Estates named one by one on the first page; more are counted.
NAMED = 12
Told = Callable[[int, str], None]


@dataclass(frozen=True)
class Contents:
    """All that a workbook says, read from one view of the database."""

    sheet: Sheet
    channels: Sequence[ChannelLine]
    tickets: Sequence[Line]
    misses: Sequence[Line]
    asked_by: str
    made_at: datetime

    @property
    def title(self) -> str:
        return f"房修月报 {self.sheet.period.month.label}"


def write(target: BinaryIO, contents: Contents, *, tell: Told) -> None:
    """Write the workbook; `tell(percent, step)` hears how far it is, from 0 to 100."""
    options = {"constant_memory": True, "default_format_properties": FONT}
    with sheets.open_workbook(target, **options) as workbook:
        workbook.set_properties({"title": contents.title, "author": contents.asked_by, "company": "房修"})
        book = _Book(workbook, contents)
        steps = [
            (0, "写汇总", book.summary),
            (10, "写分项目", book.by_estate),
            (15, "写分渠道", book.by_channel),
            (20, "写工单明细", book.tickets),
            (70, "写超时清单", book.misses),
            (90, "写口径说明", book.definitions),
        ]
        for percent, step, write_sheet in steps:
            tell(percent, step)
            write_sheet()
        tell(95, "保存文件")


def filename(month: object) -> str:
    """What a downloaded workbook is called."""
    return f"房修月报_{month}.xlsx"


class _Book:
    """The sheets of one workbook, written from top to bottom in turn."""

    def __init__(self, workbook: xlsxwriter.Workbook, contents: Contents):
        self.workbook = workbook
        self.contents = contents
        self.data = contents.sheet
        line = {"border": 1, "border_color": "#C9D1D0"}
        self.title = workbook.add_format({"bold": True, "font_size": 16})
        self.quiet = workbook.add_format({"font_color": "#5B6B6A"})
        self.head = workbook.add_format(
            {**line, "bold": True, "bg_color": "#E1EAE9", "align": "center", "text_wrap": True}
        )
        self.text = workbook.add_format({**line, "num_format": "@"})
        self.wrapped = workbook.add_format({**line, "text_wrap": True, "num_format": "@"})
        self.centred = workbook.add_format({**line, "align": "center"})
        self.number = workbook.add_format({**line, "num_format": "#,##0"})
        self.hours = workbook.add_format({**line, "num_format": "#,##0.0"})
        self.percent = workbook.add_format({**line, "num_format": "0.0%"})
        self.mean = workbook.add_format({**line, "num_format": "0.00"})
        self.moment = workbook.add_format({**line, "num_format": "yyyy-mm-dd hh:mm", "align": "center"})

    # -- the six sheets ---------------------------------------------------
    def summary(self) -> None:
        """Title, scope, the shares with their targets and chart, the counts."""
        sheet = self._sheet("汇总", [10, 24, 10, 10, 12, 12, 12, 4, 22, 12])
        self._heading(sheet)
        self._header(sheet, 5, ["编码", "指标", "分子", "分母", "结果", "目标", "评价"])
        self._header(sheet, 5, ["数量", "工单数"], column=8)
        ratios = [figure for figure in FIGURES if figure.kind is not Kind.COUNT]
        for number in range(max(len(ratios), len(COUNTS))):
            row = 6 + number
            if number < len(ratios):
                self._ratio(sheet, row, ratios[number])
            if number < len(COUNTS):
                sheets.put(sheet, row, 8, COUNTS[number].label, self.text)
                sheets.put(sheet, row, 9, self.data.total(COUNTS[number]).numerator, self.number)
        self._chart(sheet, [6 + ratios.index(figure) for figure in self._charted()])
        sheet.freeze_panes(6, 0)

    def by_estate(self) -> None:
        """One row for each estate, three columns for each share, and the totals."""
        sheet = self._sheet("分项目", [22])
        column = 1
        self._header(sheet, 0, ["项目"])
        blocks = []
        for figure in FIGURES:
            width = 1 if figure.kind is Kind.COUNT else 3
            blocks.append((figure, column, width))
            if width == 1:
                sheet.write_string(0, column, figure.label, self.head)
                sheet.set_column(column, column, 10)
            else:
                sheet.merge_range(0, column, 0, column + 2, figure.label, self.head)
                sheet.set_column(column, column + 2, 9)
            column += width
        self._header(sheet, 1, [""])
        for _, column, width in blocks:
            self._header(sheet, 1, ["工单数"] if width == 1 else ["分子", "分母", "结果"], column=column)
        rows = [
            (estate.name, [self.data.of(figure, estate) for figure in FIGURES])
            for estate in self.data.estates
        ]
        rows.append(("合计", [self.data.total(figure) for figure in FIGURES]))
        for number, (name, measures) in enumerate(rows, 2):
            sheets.put(sheet, number, 0, name, self.text)
            for (figure, column, _), measure in zip(blocks, measures, strict=True):
                self._measure(sheet, number, column, figure, measure)
        sheet.freeze_panes(2, 1)
        sheet.repeat_rows(0, 1)
        sheet.repeat_columns(0)

    def by_channel(self) -> None:
        """New reports by channel and port (IN-01)."""
        sheet = self._sheet("分渠道", [16, *[12] * len(PORTS), 12])
        self._header(sheet, 0, ["渠道", *[port.label for port in PORTS], "合计"])
        for row, line in enumerate(self.contents.channels, 1):
            sheets.put(sheet, row, 0, line.label, self.text)
            for column, number in enumerate([*line.counts, line.total], 1):
                sheets.put(sheet, row, column, number, self.number)
        sheet.freeze_panes(1, 1)

    def tickets(self) -> None:
        """One row for each ticket that any figure of the month counts."""
        widths = [20, 14, 18, 24, 6, 9, 9, 13, 10, 10, 6, *[16] * 7, *[12] * 7, 6, 26]
        self._lines("工单明细", TICKET_COLUMNS, self.contents.tickets, widths)

    def misses(self) -> None:
        """One row for each missed limit."""
        widths = [7, 20, 14, 18, 24, 6, 10, 10, 6, 16, 16, 12, 11, 50]
        self._lines("超时清单", MISS_COLUMNS, self.contents.misses, widths)

    def definitions(self) -> None:
        """How each figure is counted."""
        sheet = self._sheet("口径说明", [10, 22, 90, 12])
        self._header(sheet, 0, ["编码", "指标", "公式与口径", "目标"])
        for row, figure in enumerate(FIGURES, 1):
            for column, value in enumerate([figure.code, figure.label, figure.formula]):
                sheets.put(sheet, row, column, value, self.wrapped)
            self._target(sheet, row, 3, figure)
        for row, (label, words) in enumerate(RULES, len(FIGURES) + 2):
            for column, value in enumerate(["通用", label, words, ""]):
                sheets.put(sheet, row, column, value, self.wrapped)
        sheet.freeze_panes(1, 0)

    # -- parts -------------------------------------------------------------
    def _sheet(self, name: str, widths: Sequence[int]) -> Any:
        sheet = self.workbook.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.hide_gridlines(2)
        # In a footer & starts a code, so a name's own & is doubled.
        by = self.contents.asked_by.replace("&", "&&")[:40]
        made = sheets.text(self.contents.made_at)
        sheet.set_footer(f"&L&9 {by} {made} 生成&C&9{self.contents.title} · {name}&R&9第 &P 页，共 &N 页")
        return sheet

    def _heading(self, sheet: Any) -> None:
        period = self.data.period
        names = [estate.name for estate in self.data.estates]
        scope = "、".join(names[:NAMED]) + (f" 等{len(names)}个项目" if len(names) > NAMED else "")
        sheets.put(sheet, 0, 0, self.contents.title, self.title)
        until = "整月" if period.cutoff == period.month.end else f"截至 {sheets.text(period.cutoff)}"
        sheets.put(sheet, 1, 0, f"统计期：{period.month.label}（{until}，北京时间，到期口径）", self.quiet)
        sheets.put(sheet, 2, 0, f"范围：{scope}", self.quiet)
        made = f"生成：{self.contents.asked_by}，{sheets.text(self.contents.made_at)}"
        sheets.put(sheet, 3, 0, f"{made}。公式见“口径说明”，逐单结果见“工单明细”。", self.quiet)

    def _header(self, sheet: Any, row: int, labels: Sequence[str], *, column: int = 0) -> None:
        for number, label in enumerate(labels, column):
            sheet.write_string(row, number, label, self.head)

    def _ratio(self, sheet: Any, row: int, figure: Figure) -> None:
        measure = self.data.total(figure)
        sheets.put(sheet, row, 0, figure.code, self.text)
        sheets.put(sheet, row, 1, figure.label, self.text)
        self._measure(sheet, row, 2, figure, measure)
        self._target(sheet, row, 5, figure)
        sheets.put(sheet, row, 6, verdict(figure, measure), self.centred)

    def _measure(self, sheet: Any, row: int, column: int, figure: Figure, measure: Measure) -> None:
        sheets.put(sheet, row, column, measure.numerator, self.number)
        if figure.kind is Kind.COUNT:
            return
        sheets.put(sheet, row, column + 1, measure.denominator, self.number)
        style = self.percent if figure.kind is Kind.SHARE else self.mean
        value = measure.value
        sheets.put(
            sheet,
            row,
            column + 2,
            NO_DATA if value is None else value,
            self.centred if value is None else style,
        )

    def _target(self, sheet: Any, row: int, column: int, figure: Figure) -> None:
        if figure.target is None:
            sheets.put(sheet, row, column, "—", self.centred)
        else:
            sheets.put(sheet, row, column, figure.target, self.percent)

    def _charted(self) -> list[Figure]:
        return [figure for figure in SHARES if not figure.lower_is_better]

    def _chart(self, sheet: Any, rows: Sequence[int]) -> None:
        """Bars of the results with the targets as marks; a figure without data has no bar and no label."""
        first, last = rows[0], rows[-1]
        chart = self.workbook.add_chart({"type": "column"})
        empty = [self.data.total(figure).value is None for figure in self._charted()]
        chart.add_series(
            {
                "name": "结果",
                "categories": ["汇总", first, 1, last, 1],
                "values": ["汇总", first, 4, last, 4],
                "fill": {"color": TEAL},
                "gap": 60,
                "data_labels": {
                    "value": True,
                    "num_format": "0.0%",
                    "custom": [{"delete": True} if none else None for none in empty],
                },
            }
        )
        marks = self.workbook.add_chart({"type": "line"})
        marks.add_series(
            {
                "name": "目标",
                "categories": ["汇总", first, 1, last, 1],
                "values": ["汇总", first, 5, last, 5],
                "line": {"none": True},
                "marker": {
                    "type": "long_dash",
                    "size": 12,
                    "fill": {"color": "#B3402E"},
                    "border": {"none": True},
                },
            }
        )
        chart.combine(marks)
        chart.set_title({"name": f"{self.contents.title} 主要指标", "name_font": {"size": 12}})
        chart.set_y_axis({"min": 0, "max": 1, "num_format": "0%", "major_gridlines": {"visible": True}})
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 980, "height": 320})
        sheet.insert_chart(18, 0, chart, {"description": "主要指标的结果与目标"})

    def _lines(self, name: str, columns: Sequence[str], lines: Sequence[Line], widths: Sequence[int]) -> None:
        sheet = self._sheet(name, widths)
        self._header(sheet, 0, columns)
        for row, line in enumerate(lines, 1):
            for column, value in enumerate(line):
                sheets.put(sheet, row, column, value, self._style(value))
        if lines:
            sheet.autofilter(0, 0, len(lines), len(columns) - 1)
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)

    def _style(self, value: Any) -> Any:
        match value:
            case datetime():
                return self.moment
            case float():
                return self.hours
            case int():
                return self.number
        return self.text


def verdict(figure: Figure, measure: Measure) -> str:
    """达标 or what is short of it; "" where there is no target, 无数据 where there is nothing to judge."""
    if figure.target is None:
        return ""
    if measure.value is None:
        return NO_DATA
    return "达标" if reached(figure, measure.value) else "未达标"


def reached(figure: Figure, value: Fraction) -> bool:
    """Whether the exact value, not the rounded one, reaches the target."""
    if figure.target is None:
        return True
    return value <= figure.target if figure.lower_is_better else value >= figure.target
