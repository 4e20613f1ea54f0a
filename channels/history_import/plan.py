"""What a sheet of past tickets would do: every row judged against the house book, nothing written."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.models import User
from channels.history_import.columns import COLUMNS, VERBATIM
from channels.history_import.sheet import Row, read
from channels.models import PastTicket
from estates import labels
from estates.columns import typed
from estates.models import Estate, PublicPlace, Unit
from knowledge.models import FaultCategory
from tickets.models import Channel, Kind, Port
from tickets.past import Past

MORE = {"worker": "维修人员", "work_done": "维修内容", "stars": "满意度"}
CHUNK = 5000


@dataclass
class Book:
    """The estates a sheet names, with dwellings, places, faults and what came earlier; read once."""

    estates: dict[str, Estate]
    units: dict[tuple, Unit] = field(default_factory=dict)
    places: dict[tuple, PublicPlace] = field(default_factory=dict)
    faults: dict[str, FaultCategory | None] = field(default_factory=dict)
    # Old numbers by estate, and the row that named each first in this sheet.
    known: set[tuple[int, str]] = field(default_factory=set)
    seen: dict[tuple[int, str], int] = field(default_factory=dict)

    @classmethod
    def load(cls, user: User, codes: set[str]) -> "Book":
        """Everything of the named estates, as far as the user may see them."""
        visible = Estate.objects.visible_to(user)
        book = cls({each.code.upper(): each for each in visible if each.code.upper() in codes})
        keys = [estate.pk for estate in book.estates.values()]
        units = Unit.objects.filter(estate__in=keys).select_related("building").order_by("-pk")
        for unit in units.only("estate_id", "entrance", "room", "building__name").iterator(CHUNK):
            book.units[door(unit.estate_id, unit.building.name, unit.entrance, unit.room)] = unit
        for place in PublicPlace.objects.filter(estate__in=keys).select_related("building"):
            building = place.building.name if place.building else ""
            book.places[place.estate_id, labels.building_key(building), typed(place.name)] = place
        for fault in FaultCategory.objects.order_by("code"):
            # A name that several faults share names none. As cells are read, whatever its brackets.
            name = typed(fault.fault)
            book.faults[name] = None if name in book.faults else fault
            book.faults[fault.code] = fault
        past = PastTicket.objects.filter(estate__in=keys)
        book.known = set(past.values_list("estate_id", "old_number").iterator(CHUNK))
        return book


def door(estate_id: int, building: str, entrance: str, room: str) -> tuple:
    """What all spellings of one door share."""
    return (
        estate_id,
        labels.building_key(building),
        labels.entrance_key(entrance),
        labels.room_name(room),
    )


@dataclass
class Plan:
    """What would be written, what is there already, and what is wrong."""

    new: list[Past]
    same: int
    wrong: list[Row]
    total: int


def plan(*, user: User, header: list[Any], rows: Iterable[tuple[int, list[Any]]], at: datetime) -> Plan:
    """Judge every row within the user's scope. The header has been checked."""
    lines = list(read(header, rows, COLUMNS, VERBATIM))
    book = Book.load(user, {line.get("estate") for line in lines})
    found = Plan([], 0, [], len(lines))
    for line in lines:
        past = _judge(line, book, at)
        if line.mistakes:
            line.said = " ".join(filter(None, (line.get("estate"), line.get("old_number"))))
            found.wrong.append(line)
        elif past is None:
            found.same += 1
        else:
            found.new.append(past)
    return found


def _judge(line: Row, book: Book, at: datetime) -> Past | None:
    """The ticket of a row; None when it is there already or something is wrong."""
    _check_times(line, at)
    estate = book.estates.get(line.get("estate"))
    if estate is None:
        if "estate" in line.values:
            line.refuse("项目代码", "找不到项目，或不在您的负责范围", line.get("estate"))
        return None
    unit, place = _where(line, book, estate)
    fault = _fault(line, book)
    if line.mistakes or not _first(line, book, estate):
        return None
    return _past(line, estate, unit, place, fault)


def _check_times(line: Row, at: datetime) -> None:
    registered = line.get("registered_at", None)
    completed = line.get("completed_at", registered)
    closed = line.get("closed_at", completed)
    if registered is None:
        return
    if registered > at:
        line.refuse("登记时间", "在将来")
    if completed and completed < registered:
        line.refuse("完成时间", "早于登记时间")
    if closed and completed and closed < completed:
        line.refuse("关闭时间", "早于完成时间")
    if closed and closed > at:
        line.refuse("关闭时间" if "closed_at" in line.values else "完成时间", "在将来")


def _where(line: Row, book: Book, estate: Estate) -> tuple[Unit | None, PublicPlace | None]:
    building, room, place = (line.get(name) for name in ("building", "room", "place"))
    if room and place:
        line.refuse("公共部位", "已填房号，公共部位请留空", place)
    elif room:
        unit = book.units.get(door(estate.pk, building, line.get("entrance"), room))
        if unit is None:
            written = f"{building}{line.get('entrance')}{room}"
            line.refuse("房号", "没有这套房屋，请先导入房屋或改正写法", written)
        return unit, None
    elif place:
        # A place that nobody has entered keeps its words.
        return None, book.places.get((estate.pk, labels.building_key(building), place))
    else:
        line.refuse("房号", "房号与公共部位至少填一项")
    return None, None


def _fault(line: Row, book: Book) -> FaultCategory | None:
    written = line.get("fault")
    if not written:
        return None
    fault = book.faults.get(written) or book.faults.get(written.upper())
    if fault is None:
        line.refuse("故障分类", "对不上，请填代码，或留空", written)
    return fault


def _first(line: Row, book: Book, estate: Estate) -> bool:
    """Whether this number is new; twice in one sheet is a mistake."""
    key = estate.pk, line.get("old_number")
    first = book.seen.setdefault(key, line.number)
    if first != line.number:
        line.refuse("原单号", f"与第 {first} 行重复", key[1])
    return first == line.number and key not in book.known


def _past(line: Row, estate: Estate, unit: Unit | None, place: PublicPlace | None, fault) -> Past:
    completed = line.get("completed_at", line.get("registered_at"))
    return Past(
        estate=estate,
        old_number=line.get("old_number"),
        registered_at=line.get("registered_at"),
        completed_at=completed,
        closed_at=line.get("closed_at", completed),
        description=line.get("description"),
        cancelled=line.get("cancelled", False),
        unit=unit,
        place=place,
        place_label=_label(line, unit, place),
        fault=fault,
        kind=line.get("kind", Kind.REPAIR),
        channel=line.get("channel", Channel.PHONE),
        port=line.get("port", Port.PROPERTY),
        level=line.get("level", 3),
        reporter_name=line.get("reporter_name"),
        reporter_phone=line.get("reporter_phone"),
        more={title: line.get(name) for name, title in MORE.items() if line.get(name)},
    )


def _label(line: Row, unit: Unit | None, place: PublicPlace | None) -> str:
    if unit:
        return f"{unit.building.name}{unit.entrance}{unit.room}"
    if place:
        return f"{place.building.name if place.building else ''}{place.name}"
    return f"{line.get('building')}{line.get('place')}"
