import datetime as dt
import io
import struct
import zipfile

import pytest
import xlsxwriter

from core import workbooks
from core.workbooks import BROKEN, RefusedFile, data_rows, open_workbook_safely

TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/></Types>'
)
ROOT = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>'
)
BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>'
)
RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>'
)
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</worksheet>'


def workbook(*rows):
    """An honest workbook with these rows."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("业主")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    stream.seek(0)
    return stream


def parts(sheet="", **more):
    """The parts of a hand-made workbook; `more` replaces or adds some by name."""
    made = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": ROOT,
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": RELS,
        "xl/worksheets/sheet1.xml": SHEET.format(sheet),
    }
    return made | more


def packed(made, compression=zipfile.ZIP_DEFLATED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, text in made.items():
            archive.writestr(name, text)
    stream.seek(0)
    return stream


def refusal(stream):
    with pytest.raises(RefusedFile) as caught:
        open_workbook_safely(stream)
    return caught.value.message


def test_an_honest_workbook_gives_its_cells_from_a1_on():
    read = open_workbook_safely(workbook(["姓名", "日期"], ["张伟", dt.date(2024, 6, 30)], [None, 1201]))

    assert read.sheet == "业主"
    assert read.cells == [["姓名", "日期"], ["张伟", dt.date(2024, 6, 30)], ["", 1201.0]]


def test_data_rows_keep_excels_numbers_and_leave_empty_rows_out():
    read = open_workbook_safely(workbook(["姓名"], [], ["张伟"], [""], ["李丽"]))

    assert list(data_rows(read)) == [(3, ["张伟"]), (5, ["李丽"])]


def test_a_hand_made_workbook_is_read():
    cells = '<row r="1"><c r="A1" t="inlineStr"><is><t>一</t></is></c><c r="B1"><v>2</v></c></row>'

    assert open_workbook_safely(packed(parts(f"<sheetData>{cells}</sheetData>"))).cells == [["一", 2.0]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "文件是空的，请重新选择。"),
        (b"a,b\n1,2\n", BROKEN),
        (
            b"\xd0\xcf\x11\xe0" + b"\0" * 600,
            "这是旧版 .xls 或设了密码的文件，请去掉密码，另存为 .xlsx 后上传。",
        ),
        (b"PK\x03\x04" + b"\0" * 100, BROKEN),
        (b"x" * (5 * 1024 * 1024 + 1), "文件超过 5 MB，请拆成几份上传。"),
    ],
)
def test_what_is_no_workbook_is_refused_with_the_reason(content, message):
    assert refusal(io.BytesIO(content)) == message


@pytest.mark.row("IN-16")
def test_a_lying_dimension_is_not_believed():
    cells = '<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'

    assert open_workbook_safely(packed(parts(cells))).cells == [[1.0]]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>', "列"),
        ('<row r="1048576"><c r="A1048576"><v>1</v></c></row>', "行"),
        ('<row r="1"><c r="A20002"><v>1</v></c></row>', "行"),
        ('<row r="1048575"/><row><c><v>1</v></c></row>', "行"),
        ('<row r="1">' + "<c/>" * 40 + "<c><v>1</v></c></row>", "列"),
    ],
)
def test_cells_far_out_are_refused_wherever_the_sheet_claims_to_end(cells, message):
    dimension = '<dimension ref="A1:B2"/>'
    told = {
        "行": "数据超过 20000 行，请拆成几份上传。",
        "列": "数据超过 40 列，请删去表格右侧多余的列后上传。",
    }

    assert refusal(packed(parts(f"{dimension}<sheetData>{cells}</sheetData>"))) == told[message]


def test_painted_empty_cells_do_not_count_as_data():
    filled = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="0"/></row>'
    cells = filled + '<row r="1048576"><c r="A1048576" s="0"/></row>'

    assert open_workbook_safely(packed(parts(f"<sheetData>{cells}</sheetData>"))).cells == [[1.0]]


def test_a_high_ratio_is_refused():
    padded = parts("<sheetData/>" + " " * 3_000_000)

    assert refusal(packed(padded)).startswith("文件解压后过大")


def test_more_than_fifty_megabytes_unpacked_are_refused(monkeypatch):
    monkeypatch.setattr(workbooks, "MAX_RATIO", 10**9)

    assert refusal(packed(parts(**{"xl/media/a.bin": "\0" * (50 * 1024 * 1024)}))).startswith(
        "文件解压后过大"
    )


def test_a_size_that_lies_in_the_directory_is_found_out():
    made = packed(parts("<sheetData/>" + " " * 3_000_000)).getvalue()
    size = struct.pack("<L", len(SHEET.format("<sheetData/>")) + 3_000_000)
    lying = made.replace(size, struct.pack("<L", 90))

    assert lying != made
    assert refusal(io.BytesIO(lying)) == BROKEN


def test_too_many_members_are_refused():
    many = {f"xl/media/{n}.png": "x" for n in range(200)}

    assert refusal(packed(parts(**many))) == "文件内部多于 200 个部件，请把数据粘贴到新的工作簿后上传。"


@pytest.mark.parametrize(
    ("part", "text", "message"),
    [
        ("xl/vbaProject.bin", "x", "文件含有宏，请另存为不含宏的 .xlsx 后上传。"),
        (
            "[Content_Types].xml",
            TYPES.replace("sheet.main", "sheet.macroEnabled.main"),
            "文件含有宏，请另存为不含宏的 .xlsx 后上传。",
        ),
        ("xl/externalLinks/externalLink1.xml", "<x/>", "文件引用了其他文件，请把公式粘贴为数值后上传。"),
        ("xl/workbook.xml", "<workbook", BROKEN),
        ("xl/workbook.xml", "<workbook/>", "文件里没有可见的工作表。"),
        ("xl/_rels/workbook.xml.rels", RELS.replace("worksheets/sheet1.xml", "../../etc/passwd"), BROKEN),
    ],
)
def test_parts_that_do_not_belong_are_refused(part, text, message):
    assert refusal(packed(parts(**{part: text}))) == message


def test_billion_laughs_are_refused_in_every_part():
    laughs = (
        '<!DOCTYPE a [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&c;</t></si></sst>'
    )

    told = {
        part: refusal(packed(parts(**{part: laughs}))) for part in ("xl/sharedStrings.xml", "xl/styles.xml")
    }

    assert told == dict.fromkeys(told, BROKEN)


def test_one_long_text_shared_by_every_cell_is_refused():
    texts = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
        + "长" * 30_000
        + "</t></si></sst>"
    )
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 1000))
    made = packed(parts(f"<sheetData>{rows}</sheetData>", **{"xl/sharedStrings.xml": texts}))

    assert refusal(made) == "单元格里的文字太多，请缩短后上传。"


@pytest.mark.parametrize("index", ["5", "-1", "x", "99999999999999999999"])
def test_a_shared_text_that_is_not_there_is_refused(index):
    cells = f'<sheetData><row r="1"><c r="A1" t="s"><v>{index}</v></c></row></sheetData>'

    assert refusal(packed(parts(cells))) == BROKEN


def test_members_of_one_name_are_refused():
    made = packed(parts("<sheetData/>"))
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(made, "a") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", SHEET.format("<sheetData/>"))

    assert refusal(made) == BROKEN


def test_a_workbook_without_a_visible_sheet_is_refused():
    hidden = BOOK.replace('name="表"', 'name="表" state="hidden"')

    assert refusal(packed(parts("<sheetData/>", **{"xl/workbook.xml": hidden}))) == "文件里没有可见的工作表。"


def test_mutated_workbooks_are_read_or_refused_but_never_crash():
    good = workbook(["姓名", "电话"], *[["张伟", "13800138000"]] * 20).getvalue()
    outcomes = set()
    for position in range(0, len(good), 7):
        mutated = bytearray(good)
        mutated[position] ^= 0xFF
        try:
            open_workbook_safely(io.BytesIO(bytes(mutated)))
            outcomes.add("read")
        except RefusedFile:
            outcomes.add("refused")

    assert outcomes <= {"read", "refused"}
