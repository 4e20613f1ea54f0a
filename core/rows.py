"""Rows in plain SQL, for what every call at the desk reads and writes.

Django takes longer to word a statement than PostgreSQL to run it. Here the
words are put together once for each model and only the values differ. This is
for plain models in hot paths; querysets and `save()` stay right everywhere else.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, cached_property
from operator import attrgetter
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper

Row = TypeVar("Row", bound=models.Model)
Reader = Callable[[Any], Any]
# Fields whose values go to the driver as they are.
PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.UUIDField)


def prepared_cursor() -> CursorWrapper:
    """Django's cursor over one whose values travel beside the statement.

    The database then keeps the statement's plan for the connection's next use of the same words,
    where settings.py allows it; a pooler between transactions would not.
    """
    database = connections[DEFAULT_DB_ALIAS]
    # What `database.cursor()` does, with another kind of cursor.
    database.close_if_health_check_failed()
    database.ensure_connection()
    return database._prepare_cursor(ServerBindingCursor(database.connection))


class Query:
    """A SELECT of whole rows of some models, joined by hand.

    `tail` is the SQL from FROM on; each keyword is a table's alias in it and the model of its rows;
    `columns` are read besides, and stand as they are behind the instances.
    """

    def __init__(self, tail: str, *columns: str, **aliases: type[models.Model]):
        self.tail, self.columns, self.aliases = tail, columns, aliases

    def all(self, *params: Any) -> list[tuple[Any, ...]]:
        """One tuple for each row found; None stands where an outer join found nothing."""
        with prepared_cursor() as cursor:
            cursor.execute(self._sql, params)
            return [tuple(self._instances(row)) for row in cursor.fetchall()]

    def first(self, *params: Any) -> tuple[Any, ...] | None:
        """The first row found, or None."""
        return next(iter(self.all(*params)), None)

    @cached_property
    def _sql(self) -> str:
        columns = [
            f"{alias}.{connection.ops.quote_name(field.column)}"
            for alias, model in self.aliases.items()
            for field in model._meta.concrete_fields
        ]
        return f"SELECT {', '.join([*columns, *self.columns])} {self.tail}"

    def _instances(self, row: Sequence[Any]):
        start = 0
        for model in self.aliases.values():
            names, converts, key = _shape(model)
            values = list(row[start : start + len(names)])
            start += len(names)
            for place, convert in converts:
                values[place] = convert(values[place])
            yield None if values[key] is None else model.from_db(DEFAULT_DB_ALIAS, names, values)
        yield from row[start:]


@cache
def _shape(model: type[models.Model]) -> tuple[list[str], list[tuple[int, Any]], int]:
    """Names of the columns, those that need a conversion with it, and the place of the key."""
    fields = model._meta.concrete_fields
    converts = [
        (place, lambda value, field=field: field.from_db_value(value, None, connection))
        for place, field in enumerate(fields)
        if hasattr(field, "from_db_value")
    ]
    return [field.attname for field in fields], converts, fields.index(model._meta.pk)


def insert(row: Row) -> Row:
    """Write one new row and give it its key; database errors are raised as `save()` does."""
    insert_all([row])
    return row


def insert_all(rows: Sequence[Row], *, ignore_conflicts: bool = False) -> None:
    """Write new rows of one model in one statement; those that may conflict get no keys."""
    if not rows:
        return
    head, columns, key = _insertion(type(rows[0]))
    values = [prepare(read(row)) for row in rows for read, prepare in columns]
    places = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(rows))
    tail = " ON CONFLICT DO NOTHING" if ignore_conflicts else f" RETURNING {key}"
    with prepared_cursor() as cursor:
        cursor.execute(f"{head} VALUES {places}{tail}", values)
        keys = [] if ignore_conflicts else cursor.fetchall()
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    for row, (pk,) in zip(rows, keys, strict=not ignore_conflicts):
        row.pk = pk


@cache
def _insertion(model: type[models.Model]) -> tuple[str, list[tuple[Reader, Reader]], str]:
    """The words before VALUES, how to read and prepare each value, and the column of the key."""
    key: Any = model._meta.pk
    fields = [f for f in model._meta.concrete_fields if f is not key or not isinstance(key, models.AutoField)]
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    columns = [(_reader(field), _preparer(field)) for field in fields]
    return f"INSERT INTO {quote(model._meta.db_table)} ({names})", columns, quote(key.column)


def _reader(field: models.Field) -> Reader:
    if type(field).pre_save in (models.Field.pre_save, models.DateTimeField.pre_save) and not _sets_itself(
        field
    ):
        return attrgetter(field.attname)
    return lambda row: field.pre_save(row, True)


def _sets_itself(field: Any) -> bool:
    """Whether the column takes the time of saving by itself."""
    return getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)


def _preparer(field: models.Field) -> Reader:
    """What a value needs before the driver takes it; most need nothing."""
    field = getattr(field, "target_field", field)
    if type(field) is models.DateTimeField:
        return _aware
    if isinstance(field, PLAIN):
        return _same
    return lambda value: field.get_db_prep_save(value, connection)


def _same(value: Any) -> Any:
    return value


def _aware(value: datetime | None) -> datetime | None:
    if value is not None and value.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return value
