"""Finding households and dwellings by the beginning of a key, estate by estate (IN-03).

One index holds estate and key in the order of the answer. Each estate gives its
first few rows from there, so that the work grows with the number of estates in
scope and not with how many people share a name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.rows import prepared_cursor

# The estates in scope, in the order of their names; NULL stands for all.
ESTATES = "(SELECT id, pinyin FROM estates_estate WHERE %s::bigint[] IS NULL OR id = ANY(%s) ORDER BY pinyin)"
HOUSEHOLDS = """
SELECT found.id FROM {estates} estate CROSS JOIN LATERAL (
    SELECT entry.household_id AS id, entry.{key} AS word FROM estates_directoryentry entry
     WHERE entry.estate_id = estate.id AND entry.{key} >= %s AND entry.{key} < %s
       AND (entry.until IS NULL OR entry.until >= %s)
     ORDER BY entry.{key}, entry.household_id LIMIT %s
) found ORDER BY found.word, found.id LIMIT %s
"""
ROOMS = """
SELECT found.id FROM {estates} estate CROSS JOIN LATERAL (
    SELECT unit.id FROM estates_unit unit WHERE unit.estate_id = estate.id AND unit.room = %s
     ORDER BY unit.building_id LIMIT %s
) found LIMIT %s
"""
LABELS = """
SELECT found.id FROM {estates} estate CROSS JOIN LATERAL (
    SELECT unit.id, unit.label FROM estates_unit unit
     WHERE unit.estate_id = estate.id AND unit.label >= %s AND unit.label < %s
     ORDER BY unit.label LIMIT %s
) found ORDER BY found.label, found.id LIMIT %s
"""
# 3栋1201 leaves the entrance out.
DOORS = """
SELECT found.id FROM {estates} estate CROSS JOIN LATERAL (
    SELECT unit.id, unit.label FROM estates_unit unit
     WHERE unit.estate_id = estate.id AND unit.room = %s AND unit.label >= %s AND unit.label < %s
     ORDER BY unit.label LIMIT %s
) found ORDER BY found.label, found.id LIMIT %s
"""
KEYS = ("name", "pinyin", "phone", "tail")


@dataclass(frozen=True)
class Scope:
    """Where to look: the keys of the estates, None for all; who still lived there `on` that day."""

    estates: Sequence[int] | None
    on: date
    limit: int

    def households(self, key: str, start: str) -> list[int]:
        """Keys of households whose `key` (one of `KEYS`) begins with this, in its order."""
        assert key in KEYS
        return self._ids(HOUSEHOLDS, start, _after(start), self.on, key=key)

    def rooms(self, room: str) -> list[int]:
        """Keys of the dwellings with this room number, estate by estate."""
        return self._ids(ROOMS, room)

    def labels(self, start: str) -> list[int]:
        """Keys of the dwellings whose label begins with this, in its order."""
        return self._ids(LABELS, start, _after(start))

    def doors(self, building: str, room: str) -> list[int]:
        """Keys of the dwellings of this room number in buildings of this name, whatever the entrance."""
        return self._ids(DOORS, room, f"{building}-", _after(f"{building}-"))

    def _ids(self, words: str, *params: Any, key: str = "") -> list[int]:
        estates = None if self.estates is None else list(self.estates)
        values = [estates, estates, *params, self.limit, self.limit]
        with prepared_cursor() as cursor:
            cursor.execute(words.format(estates=ESTATES, key=key), values)
            return [row[0] for row in cursor.fetchall()]


def _after(start: str) -> str:
    """A text behind all that begin with this, in the order of the C collation."""
    return f"{start}{chr(0x10FFFF)}"
