"""The columns of the house book sheet: names, meaning, and how a cell becomes a value."""

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core import phones
from estates import labels
from estates.models import Building, CareFlag, Household, Owner, Unit

EARLIEST, LATEST = date(1950, 1, 1), date(2100, 12, 31)
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s+0{1,2}:00(?::00)?)?")
_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"}
_SEPARATORS = re.compile(r"[、,;/\s]+")


class CellError(ValueError):
    """A cell that cannot be read; the message says what was expected, in Chinese."""


def typed(cell: Any) -> str:
    """What the person sees in the cell: 1201.0 is 1201, a date is 2024-06-30; trimmed and half-width."""
    match cell:
        case None:
            return ""
        case bool():
            return "是" if cell else "否"
        case float() if math.isfinite(cell) and cell == int(cell):
            return str(int(cell))
        case datetime() if (cell.hour, cell.minute, cell.second) == (0, 0, 0):
            return cell.date().isoformat()
    return unicodedata.normalize("NFKC", str(cell)).strip()


def text_of(model: Any, name: str, clean: Callable[[str], str] = str) -> Callable[[str], str]:
    """A reader of texts that fit into this field of a model."""
    length = model._meta.get_field(name).max_length

    def read(text: str) -> str:
        if text in _ERRORS:
            raise CellError("公式结果有错，请改成数值")
        value = clean(text)
        if not value:
            raise CellError("看不出内容")
        if len(value) > length:
            raise CellError(f"最多 {length} 个字")
        if any(unicodedata.category(letter) == "Cc" for letter in value):
            raise CellError("不能有换行或控制字符")
        return value

    return read


def _floor(text: str) -> int:
    found = re.fullmatch(r"([-+]?\d{1,3})\s*[层楼F]?", text, re.IGNORECASE)
    if not found or not -20 <= int(found[1]) <= 200:
        raise CellError("应为 -20 到 200 之间的整数")
    return int(found[1])


def _size(text: str) -> Decimal:
    found = re.fullmatch(r"(-?\d{1,9}(?:\.\d{1,9})?)\s*(?:m2|平方米|平米|平)?", text, re.IGNORECASE)
    if not found:
        raise CellError("应为数字，例如 98.50")
    value = round(Decimal(found[1]), 2)
    if not 0 < value < 100_000:
        raise CellError("应大于 0、小于 100000 平方米")
    return value


def read_date(text: str) -> date:
    """A day as people write it; raises CellError."""
    found = _DATE.fullmatch(text)
    try:
        value = date(*map(int, found.groups())) if found else None
    except ValueError:
        value = None
    if value is None:
        raise CellError("应为日期，例如 2024-06-30")
    if not EARLIEST <= value <= LATEST:
        raise CellError("年份应在 1950 到 2100 之间")
    return value


def read_phone(text: str) -> str:
    """A phone number in its one written form; raises CellError."""
    if number := phones.normalise(text):
        return number
    raise CellError("应为 11 位手机号，或带区号的座机号")


def _relation(text: str) -> str:
    for value, label in Household.Relation.choices:
        if text == label:
            return value
    raise CellError(f"只能填：{'、'.join(Household.Relation.labels)}")


def _care(text: str) -> tuple[str, ...]:
    kinds = {label.upper(): value for value, label in CareFlag.Kind.choices}
    words = [word.upper() for word in _SEPARATORS.split(text) if word]
    if unknown := [word for word in words if word not in kinds]:
        raise CellError(f"没有“{unknown[0]}”，只能填：{'、'.join(CareFlag.Kind.labels)}，多个用顿号分开")
    return tuple(kinds[word] for word in dict.fromkeys(words))


@dataclass(frozen=True)
class Column:
    """One column; `needed` in the header, `filled` in every row."""

    title: str
    name: str
    read: Callable[[str], Any]
    hint: str
    needed: bool = False
    filled: bool = False
    width: int = 12


COLUMNS = [
    Column("项目代码", "estate", lambda text: text.upper(), "后台“项目”里的代码，例如 BJHY", True, True),
    Column(
        "楼栋",
        "building",
        text_of(Building, "name", labels.building_name),
        "例如 3栋；只写 3 视为 3栋",
        True,
        True,
    ),
    Column(
        "单元", "entrance", text_of(Unit, "entrance", labels.entrance_name), "例如 2单元，没有就留空", True
    ),
    Column("房号", "room", text_of(Unit, "room", labels.room_name), "例如 1201", True, True),
    Column("楼层", "floor", _floor, "整数，地下为负数", width=8),
    Column("户型", "layout", text_of(Unit, "layout"), "例如 三室两厅"),
    Column("建筑面积", "size_m2", _size, "平方米，例如 98.50"),
    Column("批次", "batch", str, "后台“交付批次”里的名称；新楼栋必填", width=14),
    Column("合同交付日", "contract_handover_on", read_date, "例如 2024-06-30", width=14),
    Column("实际收房日", "taken_over_on", read_date, "例如 2024-07-02", width=14),
    Column("业主姓名", "owner", text_of(Owner, "name"), "没有住户的房屋留空", True),
    Column("电话", "phone", read_phone, "手机号，或带区号的座机号", True, width=16),
    Column("关系", "relation", _relation, f"{'、'.join(Household.Relation.labels)}；留空为业主", width=10),
    Column("关怀标记", "care", _care, f"{'、'.join(CareFlag.Kind.labels)}；多个用顿号分开", width=20),
]
TITLES = [column.title for column in COLUMNS]
UNIT_FIELDS = {
    "floor": "楼层",
    "layout": "户型",
    "size_m2": "建筑面积",
    "contract_handover_on": "合同交付日",
    "taken_over_on": "实际收房日",
}


def header_mistakes(header: Sequence[Any], columns: Sequence[Column] = COLUMNS) -> list[str]:
    """What is wrong with the first row: unknown, missing and doubled columns, each by name."""
    titles = [column.title for column in columns]
    named = [title for cell in header if (title := typed(cell))]
    unknown = [title for title in named if title not in titles]
    missing = [column.title for column in columns if column.needed and column.title not in named]
    doubled = [title for title in dict.fromkeys(named) if named.count(title) > 1]
    found = []
    if unknown:
        found.append(f"不认识的列：{'、'.join(unknown[:20])}。可用的列：{'、'.join(titles)}。")
    if missing:
        found.append(f"缺少列：{'、'.join(missing)}。")
    if doubled:
        found.append(f"重复的列：{'、'.join(doubled)}。")
    return found
