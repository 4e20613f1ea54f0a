import csv
import datetime as dt
import io
import re
import zipfile
from decimal import Decimal

import pytest

from core import sheets
from core.workbooks import open_workbook_safely

STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " =", "\t=", "　="]
TAILS = ["1+1", "cmd|' /C calc'!A0", 'HYPERLINK("http://example.com","x")', "SUM(A1:A9)"]
PAYLOADS = [start + tail for start in STARTS for tail in TAILS] + [
    "http://example.com",
    "00123",
    "1e5",
    "TRUE",
]


def parts_of(stream):
    with zipfile.ZipFile(stream) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.mark.row("RE-07")
def test_no_text_becomes_a_formula_a_link_or_a_number_in_xlsx():
    stream = io.BytesIO()
    count = sheets.write_xlsx(stream, title="表", header=["列"], rows=[[text] for text in PAYLOADS])
    parts = parts_of(stream)

    sheet = parts["xl/worksheets/sheet1.xml"]
    kinds = set(re.findall(r'<c [^>]*?t="(\w+)"', sheet))
    assert (count, kinds) == (len(PAYLOADS), {"inlineStr"})
    assert re.findall(r"<(?:f|v|hyperlink)\b", sheet) == []
    assert [name for name in parts if "externalLink" in name] == []


def test_xlsx_gives_back_every_text_as_it_was():
    stream = io.BytesIO()
    texts = [text for text in PAYLOADS if "\r" not in text]
    sheets.write_xlsx(stream, title="表", header=["列"], rows=[[text] for text in texts])

    assert open_workbook_safely(stream).cells == [["列"], *[[text] for text in texts]]


@pytest.mark.row("RE-07")
def test_no_field_of_a_csv_begins_like_a_formula():
    stream = io.BytesIO()
    sheets.write_csv(stream, header=["列"], rows=[[text] for text in PAYLOADS])

    text = stream.getvalue().decode("utf-8-sig")
    fields = [row[0] for row in csv.reader(io.StringIO(text, newline=""))][1:]
    assert [field.removeprefix("'") for field in fields] == PAYLOADS
    assert [field for field in fields if field.strip()[:1] in list("=+-@＝＋－＠")] == []


def test_csv_opens_as_chinese_in_excel_and_quotes_every_field():
    stream = io.BytesIO()
    sheets.write_csv(stream, header=["姓名", "楼层"], rows=[["张伟", -1], ['"', None]])

    assert stream.getvalue() == '\ufeff"姓名","楼层"\r\n"张伟","-1"\r\n"""",""\r\n'.encode()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (True, "是"),
        (dt.date(2024, 6, 30), "2024-06-30"),
        (dt.datetime(2024, 6, 30, 1, 5, tzinfo=dt.UTC), "2024-06-30 09:05"),
        (Decimal("98.50"), "98.50"),
        (-3, "-3"),
    ],
)
def test_values_are_written_as_people_read_them(value, written):
    assert sheets.text(value) == written


def test_the_same_rows_give_the_same_bytes():
    made = []
    for _ in range(2):
        stream = io.BytesIO()
        sheets.write_xlsx(stream, title="表", header=["列"], rows=[["一"]])
        made.append(stream.getvalue())

    assert made[0] == made[1]
