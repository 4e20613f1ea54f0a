"""The estates, buildings and dwellings a sheet speaks of, loaded once so that a row costs no query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from estates import labels
from estates.columns import typed
from estates.models import Batch, Building, Estate, Unit

if TYPE_CHECKING:
    from estates.house_book import Line

DoorKey = tuple[int, str, str]
CHUNK = 2000
MAX_LABEL = Unit._meta.get_field("label").max_length


@dataclass
class Shelf:
    """What exists and what the import adds to it; nothing here writes."""

    estates: dict[str, Estate]
    batches: dict[tuple[int, str], Batch] = field(default_factory=dict)
    buildings: dict[tuple[int, str], Building] = field(default_factory=dict)
    units: dict[DoorKey, Unit] = field(default_factory=dict)
    by_label: dict[tuple[int, str], Unit] = field(default_factory=dict)
    by_pk: dict[int, Unit] = field(default_factory=dict)
    new_buildings: list[Building] = field(default_factory=list)
    new_units: list[Unit] = field(default_factory=list)
    changed_units: dict[int, Unit] = field(default_factory=dict)
    # Which row has first said something of a unit's field.
    set_by: dict[tuple[int, str], int] = field(default_factory=dict)

    @classmethod
    def load(cls, user: Any, codes: Iterable[str | None]) -> Shelf:
        """Everything of the named estates, as far as the user may see them."""
        wanted = set(codes)
        visible = {estate.code.upper(): estate for estate in Estate.objects.visible_to(user)}
        shelf = cls({code: estate for code, estate in visible.items() if code in wanted})
        ids = [estate.pk for estate in shelf.estates.values()]
        for batch in Batch.objects.filter(estate_id__in=ids):
            # As cells are read, in either width of its brackets.
            shelf.batches[batch.estate_id, typed(batch.name)] = batch
        for building in Building.objects.filter(estate_id__in=ids).select_related("batch").order_by("-pk"):
            shelf._keep_building(building)
        buildings = {building.pk: building for building in shelf.buildings.values()}
        for unit in Unit.objects.filter(estate_id__in=ids).order_by("-pk").iterator(CHUNK):
            if unit.building_id in buildings:
                unit.building = buildings[unit.building_id]
                shelf._keep_unit(unit)
                shelf.by_pk[unit.pk] = unit
        return shelf

    def _keep_building(self, building: Building) -> None:
        self.buildings[building.estate_id, labels.building_key(building.name)] = building
        self.buildings[building.estate_id, f"={building.name}"] = building

    def _keep_unit(self, unit: Unit) -> None:
        self.units[_door(unit.estate_id, unit.building.name, unit.entrance, unit.room)] = unit
        self.by_label[unit.estate_id, unit.label] = unit

    def unit_for(self, line: Line) -> Unit | None:
        """The dwelling of a row, new when it is not there; None when the row is refused."""
        estate = self.estates.get(line.values["estate"])
        if estate is None:
            line.refuse("项目代码", "找不到项目，或不在您的负责范围")
            return None
        building = self._building_for(line, estate)
        if building is None:
            return None
        entrance, room = line.values.get("entrance", ""), line.values["room"]
        unit = self.units.get(_door(estate.pk, building.name, entrance, room))
        return unit or self._new_unit(line, building, entrance, room)

    def _building_for(self, line: Line, estate: Estate) -> Building | None:
        name = line.values["building"]
        batch = self._batch_for(line, estate)
        if line.errors:
            return None
        building = self.buildings.get((estate.pk, f"={name}")) or self.buildings.get(
            (estate.pk, labels.building_key(name))
        )
        if building is None:
            return self._new_building(line, estate, batch, name)
        if batch and building.batch != batch:
            line.refuse("批次", f"{building.name}属于“{building.batch.name}”，与此不同")
            return None
        return building

    def _batch_for(self, line: Line, estate: Estate) -> Batch | None:
        name = line.values.get("batch")
        if name is None:
            return None
        batch = self.batches.get((estate.pk, name))
        if batch is None:
            line.refuse("批次", f"{estate.name}没有这个交付批次，请先在后台建立")
        return batch

    def _new_building(self, line: Line, estate: Estate, batch: Batch | None, name: str) -> Building | None:
        if batch is None:
            line.refuse("批次", f"{name}是新楼栋，必须填写批次")
            return None
        building = Building(estate=estate, batch=batch, name=name)
        self.new_buildings.append(building)
        self._keep_building(building)
        line.changes.append(f"新增楼栋 {name}")
        return building

    def _new_unit(self, line: Line, building: Building, entrance: str, room: str) -> Unit | None:
        label = labels.label(building.name, entrance, room)
        if other := self.by_label.get((building.estate_id, label)):
            line.refuse(
                "房号", f"简称 {label} 与已有的 {other.building.name}{other.entrance}{other.room} 相同"
            )
            return None
        unit = Unit(
            estate_id=building.estate_id, building=building, entrance=entrance, room=room, label=label
        )
        self.new_units.append(unit)
        self._keep_unit(unit)
        line.is_new = True
        line.changes.append("新增房屋")
        return unit


def _door(estate_id: int, building: str, entrance: str, room: str) -> DoorKey:
    return estate_id, building, labels.entrance_key(entrance), labels.room_name(room)
