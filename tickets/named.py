"""What the form of a call names, read in one query: the caller waits for every answer of the database."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from core.forms import KEY
from core.rows import Query
from estates.models import Owner, Unit
from estates.queries import HOME_MODELS, HOME_TABLES, OF_OWNER, find_home, find_owner, home_of, owner_of
from knowledge.models import FaultCategory
from knowledge.queries import find_active

NAMED = Query(
    f"FROM (SELECT) call LEFT JOIN ({HOME_TABLES}) ON unit.id = %s"
    " LEFT JOIN estates_owner owner ON owner.id = %s"
    " LEFT JOIN knowledge_faultcategory fault ON fault.id = %s AND fault.active",
    *OF_OWNER,
    **HOME_MODELS,
    owner=Owner,
    fault=FaultCategory,
)


class Named:
    """Dwelling, person and fault of one form, asked for together when the first of them is wanted.

    Each is found as `find_home`, `find_owner` and `find_active` find it: None where nothing, or
    nothing in the user's scope, is named.
    """

    def __init__(self, user: Any, data: Mapping[str, Any]):
        self.user = user
        self.keys = tuple(_key(data.get(name)) for name in ("unit", "owner", "fault"))

    def home(self, pk: int) -> Unit | None:
        if pk != self.keys[0]:
            return find_home(self.user, pk)
        return home_of(self.user, *self._row[:4])

    def owner(self, pk: int) -> Owner | None:
        if pk != self.keys[1]:
            return find_owner(self.user, pk)
        return owner_of(self.user, self._row[4], *self._row[6:])

    def fault(self, pk: int) -> FaultCategory | None:
        return self._row[5] if pk == self.keys[2] else find_active(pk)

    @cached_property
    def _row(self) -> tuple[Any, ...]:
        return NAMED.all(*self.keys)[0]


def _key(value: Any) -> int | None:
    text = str(value or "")
    return int(text) if KEY.fullmatch(text) else None
