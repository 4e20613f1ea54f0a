"""Who lives in the dwellings of a sheet: which row means a person we know, and which a new one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from estates.models import CareFlag, Household, Owner, Unit
from estates.services import new_owner, rename_owner
from estates.shelf import CHUNK, Shelf

if TYPE_CHECKING:
    from estates.house_book import Line


@dataclass
class Residents:
    """Households and owners of the sheet's estates, and what the import changes of them.

    A row means the household with its name, phone and relation; failing that, one
    of the same dwelling that differs in a single one of the three and that no
    other row of the sheet means; failing that, a new one.
    """

    on: date
    households: dict[int, list[Household]] = field(default_factory=dict)
    owners: dict[tuple[int, str, str], Owner] = field(default_factory=dict)
    flags: set[tuple[int, str]] = field(default_factory=set)
    # Owners who also live where the user may not look: their row is not ours to change.
    elsewhere: set[int] = field(default_factory=set)
    taken: set[int] = field(default_factory=set)
    new_owners: list[Owner] = field(default_factory=list)
    changed_owners: dict[int, Owner] = field(default_factory=dict)
    new_households: list[Household] = field(default_factory=list)
    changed_households: dict[int, Household] = field(default_factory=dict)
    new_flags: list[CareFlag] = field(default_factory=list)

    @classmethod
    def load(cls, user: Any, shelf: Shelf, lines: Iterable[Line], *, on: date) -> Residents:
        """Everybody in the shelf's estates; the households that a row means exactly are taken at once."""
        people = cls(on)
        ids = [estate.pk for estate in shelf.estates.values()]
        shared: dict[int, Owner] = {}
        rows = Household.objects.filter(unit__estate_id__in=ids).select_related("owner").order_by("pk")
        for row in rows.iterator(CHUNK):
            if row.unit_id not in shelf.by_pk:
                continue
            row.unit = shelf.by_pk[row.unit_id]
            # One object per owner, so that a new name reaches all of their dwellings.
            row.owner = shared.setdefault(row.owner_id, row.owner)
            people._keep(row)
        for owner_id, kind in CareFlag.objects.filter(owner__in=list(shared)).values_list("owner_id", "kind"):
            people.flags.add((id(shared[owner_id]), kind))
        people._note_elsewhere(user, ids)
        people._take_exact(shelf, lines)
        return people

    def _note_elsewhere(self, user: Any, estate_ids: list[int]) -> None:
        if user.sees_all_estates:
            return
        outside = Household.objects.exclude(unit__estate_id__in=user.estate_ids())
        here = Household.objects.filter(unit__estate_id__in=estate_ids).values("owner_id")
        self.elsewhere = set(outside.filter(owner_id__in=here).values_list("owner_id", flat=True))

    def _take_exact(self, shelf: Shelf, lines: Iterable[Line]) -> None:
        meant = {_key(line) for line in lines if "owner" in line.values and "phone" in line.values}
        for rows in self.households.values():
            for row in rows:
                if (row.owner.name, row.owner.phone, row.relation) in meant:
                    self.taken.add(id(row))

    def _keep(self, row: Household) -> None:
        self.households.setdefault(id(row.unit), []).append(row)
        self.owners.setdefault((row.unit.estate_id, row.owner.name, row.owner.phone), row.owner)

    def settle(self, line: Line, unit: Unit) -> None:
        """Find or make the household of a row, and note the changes in the row."""
        key = _key(line)
        row = self._exact(unit, key)
        if row is None:
            row = self._nearly(unit, key)
            if row is None:
                row = self._new(line, unit, key)
            else:
                self._amend(line, row, key)
        elif row.until and row.until < self.on:
            line.refuse("业主姓名", f"该住户关系已于 {row.until} 结束，请在后台处理")
            return
        self._flag(line, row.owner)

    def _exact(self, unit: Unit, key: tuple[str, str, str]) -> Household | None:
        for row in self.households.get(id(unit), []):
            if (row.owner.name, row.owner.phone, row.relation) == key:
                return row
        return None

    def _nearly(self, unit: Unit, key: tuple[str, str, str]) -> Household | None:
        free = [
            row
            for row in self.households.get(id(unit), [])
            if id(row) not in self.taken and not (row.until and row.until < self.on)
        ]
        for omitted in range(3):
            wanted = _without(key, omitted)
            for row in free:
                if _without((row.owner.name, row.owner.phone, row.relation), omitted) == wanted:
                    self.taken.add(id(row))
                    return row
        return None

    def _new(self, line: Line, unit: Unit, key: tuple[str, str, str]) -> Household:
        name, phone, relation = key
        owner = self.owners.get((unit.estate_id, name, phone))
        if owner is None:
            owner = new_owner(name, phone)
            self.new_owners.append(owner)
        row = Household(unit=unit, owner=owner, relation=relation)
        self.new_households.append(row)
        self.taken.add(id(row))
        self._keep(row)
        line.is_new = True
        line.changes.append(f"新增{row.get_relation_display()} {name}")
        return row

    def _amend(self, line: Line, row: Household, key: tuple[str, str, str]) -> None:
        name, phone, relation = key
        if row.relation != relation:
            old = row.get_relation_display()
            row.relation = relation
            self.changed_households[row.pk] = row
            line.changes.append(f"关系：{old} → {row.get_relation_display()}")
        if (row.owner.name, row.owner.phone) == (name, phone):
            return
        if row.owner.name != name:
            line.changes.append(f"业主姓名：{row.owner.name} → {name}")
        if row.owner.phone != phone:
            line.changes.append(f"电话：{row.owner.phone} → {phone}")
        self._amend_owner(row, name, phone)

    def _amend_owner(self, row: Household, name: str, phone: str) -> None:
        if row.owner_id in self.elsewhere:
            row.owner = new_owner(name, phone)
            self.new_owners.append(row.owner)
            self.changed_households[row.pk] = row
        else:
            rename_owner(row.owner, name)
            row.owner.phone = phone
            self.changed_owners[row.owner_id] = row.owner
        self.owners[row.unit.estate_id, name, phone] = row.owner

    def _flag(self, line: Line, owner: Owner) -> None:
        for kind in line.values.get("care", ()):
            if (id(owner), kind) not in self.flags:
                self.flags.add((id(owner), kind))
                flag = CareFlag(owner=owner, kind=kind)
                self.new_flags.append(flag)
                line.changes.append(f"新增关怀标记 {flag.get_kind_display()}")


def _key(line: Line) -> tuple[str, str, str]:
    values = line.values
    return values["owner"], values["phone"], values.get("relation", Household.Relation.OWNER)


def _without(key: tuple[str, ...], index: int) -> tuple[str, ...]:
    return key[:index] + key[index + 1 :]
