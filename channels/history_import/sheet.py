"""Reading a sheet row by row into values, with what is wrong where; nothing here asks the database."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from estates.columns import CellError, Column, typed

# New lines and tabs are people's.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(slots=True)
class Row:
    """One row of the sheet: its number in Excel, its values, and the mistakes by column."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    mistakes: list[tuple[str, str]] = field(default_factory=list)
    said: str = ""

    def refuse(self, title: str, message: str, written: str = "") -> None:
        """Note what is wrong with a column, with what was written there."""
        self.mistakes.append((title, f"{message}（填写的是“{written[:40]}”）" if written else message))

    def get(self, name: str, default: Any = "") -> Any:
        return self.values.get(name, default)


def read(
    header: Sequence[Any],
    rows: Iterable[tuple[int, list[Any]]],
    columns: Sequence[Column],
    verbatim: Collection[str] = (),
) -> Iterator[Row]:
    """The rows with their values; what cannot be read is noted at its column.

    Columns named in `verbatim` keep their text as it was typed.
    """
    titles = [typed(cell) for cell in header]
    places = [(titles.index(column.title), column) for column in columns if column.title in titles]
    for number, cells in rows:
        row = Row(number)
        for place, column in places:
            cell = cells[place] if place < len(cells) else ""
            kept = isinstance(cell, str) and column.name in verbatim
            _read_cell(row, column, cell.strip() if kept else typed(cell))
        yield row


def _read_cell(row: Row, column: Column, written: str) -> None:
    if not written:
        if column.filled:
            row.refuse(column.title, "必填")
        return
    if _CONTROL.search(written):
        # Not even quoted: the findings could not be kept with it.
        row.refuse(column.title, "不能有控制字符")
        return
    try:
        row.values[column.name] = column.read(written)
    except CellError as error:
        row.refuse(column.title, str(error), written)
