"""Reading a workbook that somebody uploaded, without trusting anything it says of itself (T23).

The archive is first read member by member with our own limits and written anew, so
that what the fast reader gets is exactly what was checked: true sizes, no second
members of one name, no macros, no links, no document types.
"""

import io
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml import sax as safe_sax
from django.conf import settings
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MAX_UNPACKED = 50 * 1024 * 1024
MAX_RATIO = 100
MAX_MEMBERS = 200
MAX_ROWS = 20_000
MAX_COLUMNS = 40
MAX_TEXT = 20_000_000
_CHUNK = 64 * 1024
_KEPT = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/(?:workbook|sharedStrings|styles)\.xml"
    r"|xl/_rels/workbook\.xml\.rels|xl/worksheets/[^/]+\.xml",
    re.IGNORECASE,
)
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_OLE = b"\xd0\xcf\x11\xe0"

BROKEN = "文件已损坏或不是 Excel 工作簿，请用 Excel 重新另存为 .xlsx 后上传。"


class RefusedFile(Exception):
    """An upload that is not read; `message` says why, in Chinese, for the person who sent it."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Rows:
    """The first visible sheet: its name and its cells from A1 on, so that row n is Excel's row n."""

    sheet: str
    cells: list[list[Any]]


def open_workbook_safely(
    file: BinaryIO,
    *,
    max_rows: int = MAX_ROWS,
    max_columns: int = MAX_COLUMNS,
    max_unpacked: int = MAX_UNPACKED,
) -> Rows:
    """Cells of the first visible sheet of an .xlsx; `max_rows` counts data rows under the header.

    `max_unpacked` bytes may come out of the archive; more rows than usual need more.

    Values are str, int, float, bool, date, datetime, time or "" for nothing.
    Raises RefusedFile for everything that is too big, broken or more than a table.
    """
    members = _members(_read(file), max_unpacked)
    texts = _Texts.of(members)
    for name, data in members.items():
        if name.lower().startswith("xl/worksheets/"):
            _check_sheet(data, texts, max_rows=max_rows, max_columns=max_columns)
        else:
            _parse(data, ContentHandler())
    return _cells(members)


def _read(file: BinaryIO) -> bytes:
    limit = settings.IMPORT_MAX_BYTES
    file.seek(0)
    data = file.read(limit + 1)
    if len(data) > limit:
        raise RefusedFile(f"文件超过 {limit // 1024 // 1024} MB，请拆成几份上传。")
    if not data:
        raise RefusedFile("文件是空的，请重新选择。")
    if data.startswith(_OLE):
        raise RefusedFile("这是旧版 .xls 或设了密码的文件，请去掉密码，另存为 .xlsx 后上传。")
    return data


def _members(data: bytes, most: int) -> dict[str, bytes]:
    """The parts we read, unpacked under the limits; everything else only counts."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_directory(archive, len(data), most)
            return _unpacked(archive, len(data), most)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise RefusedFile(BROKEN) from error


def _check_directory(archive: zipfile.ZipFile, size: int, most: int) -> None:
    entries = archive.infolist()
    names = [entry.filename.lower() for entry in entries]
    if len(entries) > MAX_MEMBERS:
        raise RefusedFile(f"文件内部多于 {MAX_MEMBERS} 个部件，请把数据粘贴到新的工作簿后上传。")
    if len(set(names)) != len(names):
        raise RefusedFile(BROKEN)
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise RefusedFile("文件设了密码，请去掉密码后上传。")
    if any("vbaproject" in name or name.startswith("xl/macrosheets/") for name in names):
        raise RefusedFile("文件含有宏，请另存为不含宏的 .xlsx 后上传。")
    if any(name.startswith("xl/externallinks/") for name in names):
        raise RefusedFile("文件引用了其他文件，请把公式粘贴为数值后上传。")
    _check_size(sum(entry.file_size for entry in entries), size, most)


def _check_size(unpacked: int, size: int, most: int) -> None:
    if unpacked > most or unpacked > size * MAX_RATIO:
        raise RefusedFile("文件解压后过大，请删去多余的工作表和格式，把数据粘贴到新的工作簿后上传。")


def _unpacked(archive: zipfile.ZipFile, size: int, most: int) -> dict[str, bytes]:
    kept, total = {}, 0
    for entry in archive.infolist():
        if not _KEPT.fullmatch(entry.filename):
            continue
        part = io.BytesIO()
        with archive.open(entry) as stream:
            # Stops at the size the directory names, whatever the stream holds after it.
            while chunk := stream.read(_CHUNK):
                total += len(chunk)
                _check_size(total, size, most)
                part.write(chunk)
        kept[entry.filename] = part.getvalue()
    if b"macroEnabled" in kept.get("[Content_Types].xml", b""):
        raise RefusedFile("文件含有宏，请另存为不含宏的 .xlsx 后上传。")
    return kept


def _cells(members: dict[str, bytes]) -> Rows:
    """What the fast reader finds in an archive of exactly these parts."""
    # On disk: in memory the unpacked parts would be there twice.
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as clean:
        with zipfile.ZipFile(clean, "w", zipfile.ZIP_STORED) as archive:
            while members:
                archive.writestr(*members.popitem())
        clean.flush()
        try:
            with CalamineWorkbook.from_path(clean.name) as book:
                return _first_visible(book)
        except (CalamineError, OSError, ValueError, IndexError) as error:
            raise RefusedFile(BROKEN) from error


def _first_visible(book: CalamineWorkbook) -> Rows:
    for sheet in book.sheets_metadata:
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet:
            # Most cells of a column say the same; each text is kept once.
            once: dict[Any, Any] = {}
            rows = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
            for row in rows:
                row[:] = [once.setdefault((type(cell), cell), cell) for cell in row]
            return Rows(sheet.name, rows)
    raise RefusedFile("文件里没有可见的工作表。")


def _parse(data: bytes, handler: ContentHandler) -> None:
    """Run a handler over a part; document types and entities are refused."""
    try:
        safe_sax.parseString(data, handler, forbid_dtd=True)
    except (SAXException, DefusedXmlException, ValueError) as error:
        raise RefusedFile(BROKEN) from error


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class _Texts(ContentHandler):
    """Lengths of the shared strings: one long text in every cell is a bomb of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.lengths: list[int] = []

    @classmethod
    def of(cls, members: dict[str, bytes]) -> "_Texts":
        texts = cls()
        for name, data in members.items():
            if name.lower() == "xl/sharedstrings.xml":
                _parse(data, texts)
        return texts

    def startElement(self, name: str, attrs: Any) -> None:
        if _local(name) == "si":
            self.lengths.append(0)

    def characters(self, content: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(content)


def _check_sheet(data: bytes, texts: _Texts, *, max_rows: int, max_columns: int) -> None:
    extent = _Extent(texts.lengths, max_rows + 1, max_columns)
    _parse(data, extent)


class _Extent(ContentHandler):
    """Where the filled cells of a sheet truly lie; what its `dimension` says is not believed."""

    def __init__(self, lengths: list[int], max_row: int, max_column: int) -> None:
        super().__init__()
        self.lengths, self.max_row, self.max_column = lengths, max_row, max_column
        self.row = self.column = 0
        self.shared = False
        self.inside: list[str] | None = None
        self.total = 0

    def startElement(self, name: str, attrs: Any) -> None:
        match _local(name):
            case "row":
                self._row(attrs)
            case "c":
                self._cell(attrs)
            case "v" | "is":
                self._filled()

    def endElement(self, name: str) -> None:
        if self.inside is not None and _local(name) in ("v", "is"):
            self._count("".join(self.inside))
            self.inside = None

    def characters(self, content: str) -> None:
        if self.inside is not None:
            self.inside.append(content)

    def _row(self, attrs: Any) -> None:
        number = attrs.get("r")
        if number is not None and not number.isdecimal():
            raise RefusedFile(BROKEN)
        self.row = int(number) if number else self.row + 1
        self.column = 0

    def _cell(self, attrs: Any) -> None:
        self.shared = attrs.get("t") == "s"
        if not (place := attrs.get("r")):
            self.column += 1
            return
        found = _CELL.fullmatch(place.upper())
        if not found:
            raise RefusedFile(BROKEN)
        self.column = 0
        for letter in found[1]:
            self.column = self.column * 26 + ord(letter) - 64
        self.row = int(found[2])

    def _filled(self) -> None:
        # Cells with a format alone do not count: whole columns are often painted.
        if self.row > self.max_row:
            raise RefusedFile(f"数据超过 {self.max_row - 1} 行，请拆成几份上传。")
        if self.column > self.max_column:
            raise RefusedFile(f"数据超过 {self.max_column} 列，请删去表格右侧多余的列后上传。")
        self.inside = []

    def _count(self, written: str) -> None:
        if not self.shared:
            self.total += len(written)
        elif written.strip().isdecimal() and int(written) < len(self.lengths):
            self.total += self.lengths[int(written)]
        else:
            raise RefusedFile(BROKEN)
        if self.total > MAX_TEXT:
            raise RefusedFile("单元格里的文字太多，请缩短后上传。")


def data_rows(rows: Rows) -> Iterator[tuple[int, list[Any]]]:
    """The filled rows under the header, with Excel's row numbers."""
    for number, cells in enumerate(rows.cells[1:], 2):
        if any(cell not in ("", None) for cell in cells):
            yield number, cells
