"""Rows in plain SQL, for what every call at the desk reads and writes.

Django takes longer to word a statement than PostgreSQL to run it. Here the
words are put together once for each model and only the values differ. This is
for plain models in hot paths; querysets and `save()` stay right everywhere else.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from django.db.models.base import ModelState

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
            values = dict(zip(names, row[start:], strict=False))
            start += len(names)
            if values[key] is None:
                yield None
                continue
            for name, convert in converts:
                values[name] = convert(values[name])
            yield _stored(model, values)
        yield from row[start:]


@cache
def _shape(model: type[models.Model]) -> tuple[list[str], list[tuple[str, Any]], str]:
    """Names of the columns, those that need a conversion with it, and the name of the key."""
    fields = model._meta.concrete_fields
    converts = [
        (field.attname, lambda value, field=field: field.from_db_value(value, None, connection))
        for field in fields
        if hasattr(field, "from_db_value")
    ]
    return [field.attname for field in fields], converts, model._meta.pk.attname


def _stored(model: type[Row], values: dict[str, Any]) -> Row:
    """The row as the database holds it."""
    row = model.__new__(model)
    row.__dict__.update(values)
    row._state = ModelState()
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return row


def build(model: type[Row], **values: Any) -> Row:
    """`model(**values)` in a third of the time, for `insert`; TypeError for what is no field of it.

    What Django's constructor does besides is of no use to a row that is about to be written:
    signals, which nothing here listens to, and a walk through the descriptor of every field.
    """
    fixed, made, relations = _blank(model)
    row = model.__new__(model)
    row._state = ModelState()
    own = row.__dict__
    own.update(fixed)
    for name, make in made:
        own[name] = make()
    for name, value in values.items():
        if name in own:
            own[name] = value
        elif field := relations.get(name):
            own[field.attname] = value and value.pk
            field.set_cached_value(row, value)
        else:
            raise TypeError(f"{model.__name__} has no field {name}")
    return row


Blank = tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]], dict[str, models.Field]]


@cache
def _blank(model: type[models.Model]) -> Blank:
    """Defaults that are values, those that are made anew each time, and the relations by their names."""
    fields = model._meta.concrete_fields
    makers = [field for field in fields if field.has_default() and callable(field.default)]
    fixed = {field.attname: None if field in makers else field.get_default() for field in fields}
    made = [(field.attname, field.get_default) for field in makers]
    return fixed, made, {field.name: field for field in fields if field.is_relation}


def insert(row: Row) -> Row:
    """Write one new row and give it its key; database errors are raised as `save()` does."""
    insert_all([row])
    return row


def insert_all(rows: Sequence[Row], *, ignore_conflicts: bool = False) -> None:
    """Write new rows of one model in one statement; those that may conflict get no keys."""
    if not rows:
        return
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    kind = _Kind(type(rows[0]), rows[0].pk is not None, ignore_conflicts)
    waiting = connections[DEFAULT_DB_ALIAS].__dict__.get("rows_waiting")
    if waiting is None:
        _write(kind, rows)
    else:
        waiting.setdefault(kind, []).extend(rows)


def update_all(rows: Sequence[Row], fields: Sequence[str]) -> None:
    """Write these fields of rows of one model in one statement, whatever their number.

    `bulk_update` words a CASE for each row and field, which takes longer than the work itself.
    """
    if not rows:
        return
    names = (type(rows[0])._meta.pk.attname, *fields)
    values = [{name: getattr(row, name) for name in names} for row in rows]
    with prepared_cursor() as cursor:
        cursor.execute(
            _updating(type(rows[0]), tuple(fields)),
            [json.dumps(values, ensure_ascii=False, default=_as_text)],
        )


@cache
def _updating(model: type[models.Model], fields: tuple[str, ...]) -> str:
    quote, meta = connection.ops.quote_name, model._meta
    table, key = quote(meta.db_table), quote(meta.pk.column)
    columns = [quote(meta.get_field(name).column) for name in fields]
    settings = ", ".join(f"{column} = new.{column}" for column in columns)
    return (
        f"UPDATE {table} AS old SET {settings}"
        f" FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) AS new WHERE old.{key} = new.{key}"
    )


@contextmanager
def together() -> Iterator[None]:
    """Write all rows inserted within this block by one statement at its end.

    Nothing of them can be read before. Only rows that brought their key (`draw`) know it afterwards.
    """
    home = connections[DEFAULT_DB_ALIAS].__dict__
    if "rows_waiting" in home:
        yield
        return
    waiting: dict[_Kind, list[models.Model]] = {}
    home["rows_waiting"] = waiting
    try:
        yield
    finally:
        del home["rows_waiting"]
    if waiting:
        _write_together(waiting)


@dataclass(frozen=True)
class Beside:
    """A question for one value, SQL with its values, that another one takes along."""

    sql: str
    params: tuple[Any, ...]


def draw(*sources: type[models.Model] | str, beside: Beside | None = None) -> list[Any]:
    """The next key of each model, or number of a named sequence; no two callers get the same.

    What is asked beside comes last.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_drawing(sources, beside and beside.sql), beside.params if beside else None)
        return list(cursor.fetchone())


@cache
def _drawing(sources: tuple[type[models.Model] | str, ...], beside: str | None) -> str:
    names = []
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        for source in sources:
            if not isinstance(source, str):
                meta = source._meta
                cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [meta.db_table, meta.pk.column])
                source = cursor.fetchone()[0]
            names.append(f"nextval('{source}')")
    return f"SELECT {', '.join([*names, f'({beside})'] if beside else names)}"


@dataclass(frozen=True)
class _Kind:
    """Rows that one INSERT can write: of one model, with their keys or without."""

    model: type[models.Model]
    keyed: bool
    ignore_conflicts: bool

    @property
    def conflict(self) -> str:
        return " ON CONFLICT DO NOTHING" if self.ignore_conflicts else ""


def _write(kind: _Kind, rows: Sequence[models.Model]) -> None:
    """One INSERT of its own, which gives the keys back."""
    head, columns, key = _insertion(kind.model, kind.keyed)
    places = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(rows))
    tail = kind.conflict or f" RETURNING {key}"
    values = [prepare(read(row)) for row in rows for read, prepare in columns]
    with prepared_cursor() as cursor:
        cursor.execute(f"{head} VALUES {places}{tail}", values)
        keys = [] if kind.ignore_conflicts else cursor.fetchall()
    for row, (pk,) in zip(rows, keys, strict=not kind.ignore_conflicts):
        row.pk = pk


def _write_together(waiting: Mapping[_Kind, Sequence[models.Model]]) -> None:
    """All rows of all kinds in one statement: they travel as one JSON value, which is quicker than 150."""
    values = [[_filled(row, _readers(kind)) for row in rows] for kind, rows in waiting.items()]
    with prepared_cursor() as cursor:
        cursor.execute(_words(tuple(waiting)), [json.dumps(values, ensure_ascii=False, default=_as_text)])


def _filled(row: models.Model, readers: "_Readers") -> dict[str, Any]:
    """What a row holds, by column; what is not sent becomes NULL."""
    (plain, made), own = readers, row.__dict__
    held = {name: value for name, attname in plain if (value := own[attname]) is not None}
    for name, make in made:
        held[name] = make(row)
    return held


@cache
def _words(kinds: tuple[_Kind, ...]) -> str:
    quote = connection.ops.quote_name
    parts = []
    for number, kind in enumerate(kinds):
        table = quote(kind.model._meta.db_table)
        columns = ", ".join(quote(field.column) for field in _fields(kind))
        parts.append(
            f"w{number} AS (INSERT INTO {table} ({columns}) SELECT {columns}"
            f" FROM sent, jsonb_populate_recordset(NULL::{table}, sent.rows -> {number}){kind.conflict})"
        )
    return f"WITH sent AS MATERIALIZED (SELECT %s::jsonb AS rows), {', '.join(parts)} SELECT 1"


# Each column with where a row holds it, and those whose value is made.
_Readers = tuple[list[tuple[str, str]], list[tuple[str, Reader]]]


@cache
def _readers(kind: _Kind) -> _Readers:
    fields = _fields(kind)
    plain = [field for field in fields if _is_plain(field)]
    made = [(field.column, _reader(field)) for field in fields if field not in plain]
    return [(field.column, field.attname) for field in plain], made


@cache
def _fields(kind: _Kind) -> list[models.Field]:
    key: Any = kind.model._meta.pk
    keyed = kind.keyed or not isinstance(key, models.AutoField)
    return [field for field in kind.model._meta.concrete_fields if keyed or field is not key]


def _as_text(value: Any) -> str:
    """What PostgreSQL reads from its text; anything else is a mistake of the caller's."""
    if isinstance(value, datetime):
        return str(_aware(value))
    if isinstance(value, (date, UUID, Decimal)):
        return str(value)
    raise TypeError(f"{value!r} cannot be written together")


@cache
def _insertion(model: type[models.Model], keyed: bool) -> tuple[str, list[tuple[Reader, Reader]], str]:
    """The words before VALUES, how to read and prepare each value, and the column of the key."""
    fields = _fields(_Kind(model, keyed, False))
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    columns = [(_reader(field), _preparer(field)) for field in fields]
    return f"INSERT INTO {quote(model._meta.db_table)} ({names})", columns, quote(model._meta.pk.column)


def _reader(field: models.Field) -> Reader:
    if _is_plain(field):
        return attrgetter(field.attname)
    return lambda row: field.pre_save(row, True)


def _is_plain(field: models.Field) -> bool:
    """Whether saving writes what the row holds."""
    usual = type(field).pre_save in (models.Field.pre_save, models.DateTimeField.pre_save)
    return usual and not _sets_itself(field)


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
