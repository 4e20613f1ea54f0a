"""The one writer of files that people open in Excel: text stays text, nothing becomes a formula (T22)."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any, BinaryIO

import xlsxwriter
from django.utils import timezone

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"
MAX_CELL = 32_767
MAX_ROWS = 1_048_576
# Excel, WPS and LibreOffice read a cell that begins so as a formula, the full-width forms included.
_STARTS_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
# Fixed, so that the same rows give the same bytes.
_CREATED = datetime(2024, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def open_workbook(target: BinaryIO, **options: Any) -> xlsxwriter.Workbook:
    """A workbook that never turns text into formulas, links or numbers; close it to write it.

    Reports that need charts and number formats use this one and `write_string`
    for everything a person has typed.
    """
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    workbook = xlsxwriter.Workbook(target, {**options, **safe})
    workbook.set_properties({"created": _CREATED})
    return workbook


def write_xlsx(
    target: BinaryIO,
    *,
    title: str,
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    widths: Sequence[int] = (),
) -> int:
    """Write one sheet, every cell as text; returns the number of rows.

    Raises ValueError when there are more rows than a sheet holds.
    """
    with open_workbook(target, constant_memory=True) as workbook:
        return add_sheet(workbook, title=title, header=header, rows=rows, widths=widths)


def add_sheet(
    workbook: xlsxwriter.Workbook,
    *,
    title: str,
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    widths: Sequence[int] = (),
) -> int:
    """Add a sheet with a frozen header; every cell is text. Returns the number of rows."""
    sheet = workbook.add_worksheet(title)
    bold = workbook.add_format({"bold": True, "bg_color": "#E8EDEC", "text_wrap": True, "valign": "vcenter"})
    plain = workbook.add_format({"num_format": "@"})
    for column in range(len(header)):
        sheet.set_column(column, column, widths[column] if widths else 14, plain)
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(header):
        sheet.write_string(0, column, name, bold)
    count = 0
    for count, row in enumerate(rows, 1):
        if count >= MAX_ROWS:
            raise ValueError(f"more than {MAX_ROWS} rows")
        for column, value in enumerate(row):
            if (written := text(value)) != "":
                sheet.write_string(count, column, written[:MAX_CELL], plain)
    return count


def put(sheet: Any, row: int, column: int, value: Any, style: Any = None) -> None:
    """Write one typed cell of a workbook from `open_workbook`.

    Text stays text, numbers stay numbers, a moment becomes a date of local time
    (its `style` says how it looks); None and "" leave the cell blank.
    """
    match value:
        case None | "":
            sheet.write_blank(row, column, None, style)
        case bool():
            sheet.write_string(row, column, text(value), style)
        case datetime():
            local = timezone.localtime(value) if timezone.is_aware(value) else value
            sheet.write_datetime(row, column, local.replace(tzinfo=None), style)
        case int() | float() | Fraction():
            sheet.write_number(row, column, value, style)
        case _:
            sheet.write_string(row, column, text(value)[:MAX_CELL], style)


def write_csv(target: BinaryIO, *, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write UTF-8 with a byte order mark, all fields quoted, formula-like text prefixed with `'`."""
    stream = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
    writer.writerow([harmless(name) for name in header])
    count = 0
    for row in rows:
        writer.writerow([harmless(value) for value in row])
        count += 1
    stream.detach()
    return count


def harmless(value: Any) -> str:
    """The text of a value for CSV; text that a spreadsheet would run gets a leading `'`."""
    written = text(value)
    if isinstance(value, str) and (
        written.startswith(_STARTS_FORMULA) or written.lstrip().startswith(_STARTS_FORMULA)
    ):
        return f"'{written}"
    return written


def text(value: Any) -> str:
    """A value as people read it: "" for nothing, 2024-06-30, 2024-06-30 09:05 in local time, 是/否."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case datetime():
            local = timezone.localtime(value) if timezone.is_aware(value) else value
            return local.strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
    return str(value)
