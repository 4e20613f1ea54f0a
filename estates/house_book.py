"""The import of dwellings and people: read the sheet, plan every change, then write all of it or nothing.

Planning touches no row. A cell left empty leaves what is stored as it is, so a
sheet that was imported once changes nothing when it comes again (IN-16).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils.timezone import localdate

from estates import labels
from estates.columns import COLUMNS, TITLES, UNIT_FIELDS, CellError, Column, typed
from estates.models import Building, CareFlag, Household, Owner, Unit
from estates.residents import Residents
from estates.services import BATCH_SIZE
from estates.shelf import Shelf

NEW, UPDATE, SAME, INVALID = "new", "update", "skip", "invalid"
# Two people who press 确认导入 at once: the second sees what the first has written.
_LOCK = 0x686F757365  # "house"


@dataclass(slots=True)
class Line:
    """One row of the sheet: what was typed, what it means, what it changes, what is wrong."""

    number: int
    cells: list[Any]
    # Where each column stands; one dictionary for all lines.
    places: dict[str, int]
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    is_new: bool = False

    @property
    def kind(self) -> str:
        if self.errors:
            return INVALID
        return NEW if self.is_new else UPDATE if self.changes else SAME

    def text(self, title: str) -> str:
        """What was typed in a column, "" when it is empty or not there."""
        place = self.places.get(title)
        return "" if place is None or place >= len(self.cells) else typed(self.cells[place])

    def refuse(self, title: str, message: str) -> None:
        """Note what is wrong with a column, with what was typed there."""
        was = self.text(title)
        self.errors.setdefault(title, []).append(f"{message}（填写的是“{was[:40]}”）" if was else message)

    def read(self, columns: Iterable[Column]) -> None:
        """Turn what was typed into values; what cannot be read is noted at its column."""
        for column in columns:
            text = self.text(column.title)
            if not text:
                if column.filled:
                    self.refuse(column.title, "必填")
                continue
            try:
                self.values[column.name] = column.read(text)
            except CellError as error:
                self.refuse(column.title, str(error))

    @property
    def where(self) -> str:
        names = (self.text(title) for title in ("项目代码", "楼栋", "单元", "房号"))
        return " ".join(filter(None, names))

    @property
    def who(self) -> str:
        return self.text("业主姓名")


@dataclass
class Plan:
    """Everything an import would do; `shelf` and `residents` hold the rows to write."""

    lines: list[Line]
    shelf: Shelf
    residents: Residents

    @property
    def totals(self) -> Counter:
        return Counter(line.kind for line in self.lines)


def plan_import(*, user: Any, header: list[Any], rows: Iterable[tuple[int, list[Any]]]) -> Plan:
    """Read rows (Excel's number, cells) and work out every change within the user's scope.

    Nothing is written. The header has been checked with `header_mistakes`.
    """
    places = {title: place for place, cell in enumerate(header) if (title := typed(cell))}
    lines = [read_line(number, cells, places) for number, cells in rows]
    _refuse_twins(lines)
    shelf = Shelf.load(user, {line.values.get("estate") for line in lines})
    residents = Residents.load(user, shelf, lines, on=localdate())
    for line in lines:
        if not line.errors:
            _plan_line(line, shelf, residents)
    return Plan(lines, shelf, residents)


def read_line(number: int, cells: list[Any], places: dict[str, int]) -> Line:
    """A row as values; what cannot be read is noted at its column."""
    line = Line(number, cells, places)
    line.read(COLUMNS)
    _check_person(line)
    return line


def _check_person(line: Line) -> None:
    if line.text("业主姓名") and not line.text("电话"):
        line.refuse("电话", "有业主姓名时必填")
    if not line.text("业主姓名"):
        for title in ("电话", "关系", "关怀标记"):
            if line.text(title):
                line.refuse("业主姓名", f"填了{title}时必填")
                break


def _refuse_twins(lines: list[Line]) -> None:
    """Two rows that mean the same person in the same dwelling, however they spell the door."""
    seen: dict[tuple, int] = {}
    for line in lines:
        if line.errors:
            continue
        value = line.values.get
        key = (
            value("estate"),
            labels.label(value("building"), value("entrance", ""), value("room")),
            value("owner"),
            value("phone"),
            value("relation", Household.Relation.OWNER),
        )
        first = seen.setdefault(key, line.number)
        if first != line.number:
            line.refuse("房号", f"与第 {first} 行重复")


def _plan_line(line: Line, shelf: Shelf, residents: Residents) -> None:
    unit = shelf.unit_for(line)
    if unit is None:
        return
    _plan_unit(line, unit, shelf)
    if "owner" in line.values and not line.errors:
        residents.settle(line, unit)


def _plan_unit(line: Line, unit: Unit, shelf: Shelf) -> None:
    for name, title in UNIT_FIELDS.items():
        if name not in line.values:
            continue
        value, old = line.values[name], getattr(unit, name)
        set_by = shelf.set_by.setdefault((id(unit), name), line.number)
        if value == old:
            continue
        if set_by != line.number:
            line.refuse(title, f"与第 {set_by} 行同一房屋的{title}不一致")
            continue
        setattr(unit, name, value)
        if not unit._state.adding:
            shelf.changed_units[unit.pk] = unit
            line.changes.append(f"{title}：{_shown(old)} → {_shown(value)}")


def _shown(value: Any) -> str:
    return "空" if value in (None, "") else str(value)


def lock() -> None:
    """Wait for another import to end; call it in a transaction, which holds the lock to its end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


@transaction.atomic
def write(plan: Plan) -> None:
    """Write a plan without errors; raises ValueError when it has some."""
    if plan.totals[INVALID]:
        raise ValueError("a plan with errors is not written")
    shelf, people = plan.shelf, plan.residents
    Building.objects.bulk_create(shelf.new_buildings)
    Unit.objects.bulk_create(shelf.new_units, batch_size=BATCH_SIZE)
    _overwrite(Unit, shelf.changed_units, list(UNIT_FIELDS))
    Owner.objects.bulk_create(people.new_owners, batch_size=BATCH_SIZE)
    _overwrite(Owner, people.changed_owners, ["name", "phone", "pinyin"])
    Household.objects.bulk_create(people.new_households, batch_size=BATCH_SIZE)
    _overwrite(Household, people.changed_households, ["owner", "relation"])
    CareFlag.objects.bulk_create(people.new_flags, batch_size=BATCH_SIZE)


def _overwrite(model: type, changed: dict[int, Any], fields: list[str]) -> None:
    # INSERT ... ON CONFLICT is some ten times as fast as bulk_update's CASE WHEN.
    model.objects.bulk_create(
        changed.values(),
        batch_size=BATCH_SIZE,
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=fields,
    )


def export_rows(units: Any) -> Iterable[list[Any]]:
    """The sheet's columns for a queryset of units, one row per current resident."""
    on = localdate()
    units = units.select_related("estate", "building__batch")
    for start in _keys(units):
        chunk = units.filter(pk__in=start)
        people: dict[int, list[Household]] = {}
        rows = Household.objects.filter(unit__in=start).current(on=on)
        for row in rows.select_related("owner").prefetch_related("owner__care_flags").order_by("pk"):
            people.setdefault(row.unit_id, []).append(row)
        for unit in chunk:
            for row in people.get(unit.pk, [None]):
                yield _exported(unit, row)


def _keys(units: Any) -> Iterable[list[int]]:
    keys = list(units.values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH_SIZE):
        yield keys[start : start + BATCH_SIZE]


def _exported(unit: Unit, row: Household | None) -> list[Any]:
    place = [unit.estate.code, unit.building.name, unit.entrance, unit.room, unit.floor, unit.layout]
    dates = [unit.size_m2, unit.building.batch.name, unit.contract_handover_on, unit.taken_over_on]
    person: list[Any] = [""] * (len(TITLES) - len(place) - len(dates))
    if row:
        care = "、".join(flag.get_kind_display() for flag in row.owner.care_flags.all())
        person = [row.owner.name, row.owner.phone, row.get_relation_display(), care]
    return place + dates + person
