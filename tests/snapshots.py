"""Rows that many tests begin with: built once by the services, put back by one statement.

A house takes a hundred queries to build, a ticket on its way three hundred;
most tests want exactly that house in empty tables, and exactly that ticket in
it. Where the tables are not empty, or something else was written in between,
it is built as before.
"""

import json
import pickle
import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from notices import wording
from tests.flushing import KEPT
from tickets import level_rules
from warranty.queries import forget_rules

Built = TypeVar("Built")
INSERT = re.compile(r'INSERT INTO "?(\w+)')
UPDATE = re.compile(r'\bUPDATE "?(\w+)"? SET')
DELETE = re.compile(r'\bDELETE FROM "?(\w+)')
# A sign-in: what a ticket becomes does not hang on it.
HARMLESS = re.compile(
    r'(INSERT INTO|UPDATE|DELETE FROM) "django_session"|UPDATE "accounts_user" SET "last_login"'
)
FILE_COLUMNS = ("original", "preview", "thumbnail")
_kept: dict[Hashable, "Snapshot"] = {}


@dataclass(eq=False)
class Writes:
    """The tables that statements changed."""

    inserted: set[str] = field(default_factory=set)
    updated: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)

    def __call__(self, execute, sql, params, many, context):
        self.inserted.update(INSERT.findall(sql))
        self.updated.update(UPDATE.findall(sql))
        self.deleted.update(DELETE.findall(sql))
        return execute(sql, params, many, context)


class Trail:
    """What the database holds, as long as nothing was written after the last snapshot was put back."""

    base: Hashable = None

    def __call__(self, execute, sql, params, many, context):
        if self.base is not None and self._changes(sql):
            self.base = None
        return execute(sql, params, many, context)

    @staticmethod
    def _changes(sql: str) -> bool:
        if HARMLESS.match(sql):
            return False
        return any(each.search(sql) for each in (INSERT, UPDATE, DELETE))

    def stands_at(self, base: Hashable) -> None:
        """Say what the database holds now, and watch whether it stays so."""
        if self not in connection.execute_wrappers:
            connection.execute_wrappers.append(self)
        self.base = base


_trail = Trail()


@dataclass(frozen=True)
class Snapshot:
    """What was built: the tables it changed with their rows as JSON, and what the builder returned."""

    tables: tuple[str, ...]
    # Tables that had rows already: what was built may lean on them, or may have left out what they hold.
    beside: tuple[str, ...]
    words: str
    rows: str
    rights: tuple
    built: bytes
    files: dict[str, bytes]
    # Whether it holds what triggers wrote too.
    whole: bool

    @classmethod
    def take(cls, writes: Writes, beside: set[str], built: object, *, whole: bool) -> "Snapshot":
        """All rows of the tables that were written, and the files they name."""
        names = tuple(sorted(writes.inserted | writes.updated))
        with connection.cursor() as cursor:
            cursor.execute(COLUMNS, [list(names)])
            columns = {name: (all_of_it, keys) for name, all_of_it, keys in cursor.fetchall()}
            each = [
                f"SELECT '{name}' AS name, COALESCE((SELECT jsonb_agg(t{order}) FROM {name} t), '[]') AS rows"
                for name, order in ((name, _in_order(columns[name][0])) for name in names)
            ]
            cursor.execute(f"SELECT jsonb_object_agg(name, rows)::text FROM ({' UNION ALL '.join(each)})")
            rows = cursor.fetchone()[0]
        parts = [
            f'{name}_rows AS (INSERT INTO "{name}" ({columns[name][0]})'
            f" SELECT {', '.join('r.' + column for column in columns[name][0].split(', '))}"
            f" FROM sent, jsonb_populate_recordset(NULL::{name}, sent.whole -> '{name}') r"
            f" {_meeting(*columns[name], changes=name in writes.updated)})"
            for name in names
        ]
        words = f"WITH sent AS MATERIALIZED (SELECT %s::jsonb AS whole), {', '.join(parts)} SELECT 1"
        return cls(
            names, tuple(sorted(beside)), words, rows, _rights(), pickle.dumps(built), _files(rows), whole
        )

    def fits(self) -> bool:
        """Whether its tables are empty, those beside it are not, and permissions have the keys they had."""
        return _empty_among({*self.tables, *self.beside}) == set(self.tables) and self.rights == _rights()

    def put_back(self):
        """Write the rows, and the files where somebody tidied them away; returns what was built."""
        with connection.cursor() as cursor:
            unchecked = self.whole and _is_superuser()
            cursor.execute(UNCHECKED.replace("WORDS", self.words) if unchecked else self.words, [self.rows])
        for name, content in self.files.items():
            if not default_storage.exists(name):
                default_storage.save(name, ContentFile(content))
        return pickle.loads(self.built)


def _in_order(columns: str) -> str:
    """History is a chain: rows come back in the order in which they were written, not as they lie on disk."""
    return " ORDER BY t.id" if "id" in columns.split(", ") else ""


def _meeting(columns: str, keys: str, *, changes: bool) -> str:
    """What becomes of a row that is there already: it may have been changed, or it is the same."""
    if not changes:
        return f"ON CONFLICT ({keys}) DO NOTHING"
    return f"ON CONFLICT ({keys}) DO UPDATE SET " + ", ".join(
        f"{name} = excluded.{name}" for name in columns.split(", ")
    )


def _files(rows: str) -> dict[str, bytes]:
    """The content of every file the rows name; elsewhere a column of that name is no text."""
    files = {}
    for row in (row for table in json.loads(rows).values() for row in table):
        for name in (row.get(column) for column in FILE_COLUMNS):
            if name and isinstance(name, str) and default_storage.exists(name):
                with default_storage.open(name) as file:
                    files[name] = file.read()
    return files


@cache
def _is_superuser() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return cursor.fetchone()[0]


# The rows agree with each other: looking up their keys again would cost as much as writing them.
UNCHECKED = "SET session_replication_role = replica; WORDS; RESET session_replication_role"
COLUMNS = """
SELECT relname, string_agg(quote_ident(attname), ', ' ORDER BY attnum),
       string_agg(quote_ident(attname), ', ' ORDER BY attnum) FILTER (WHERE attnum = ANY(indkey))
  FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid JOIN pg_index ON indrelid = pg_class.oid
 WHERE relname = ANY(%s) AND relnamespace = 'public'::regnamespace AND indisprimary
   AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
 GROUP BY relname
"""


def built_once(key: Hashable, build: Callable[[], Built]) -> Built:
    """What `build` returns, with its rows; after the first time they are put back where that is the same."""
    _forget()
    kept = _kept.get(key)
    if kept is not None:
        if not kept.fits():
            return build()
        built = kept.put_back()
    else:
        known = set(connection.introspection.table_names())
        empty = _empty_among(known)
        built, writes = _watched(build)
        if not writes.inserted | writes.updated <= empty:
            return built
        # Triggers fill tables too.
        writes.inserted |= empty - _empty_among(empty)
        _kept[key] = Snapshot.take(writes, known - empty - KEPT, built, whole=True)
    _trail.stands_at(key)
    return built


def built_upon(key: Hashable, build: Callable[[], Built]) -> Built:
    """What `build` makes of the last snapshot that was put back, if nothing was written since."""
    # Outside a transaction others write too, and nobody sees it here.
    if _trail.base is None or not connection.in_atomic_block:
        return build()
    whole = (_trail.base, key)
    kept = _kept.get(whole)
    if kept is not None:
        built = kept.put_back()
    else:
        built, writes = _watched(build)
        if writes.deleted:
            return built
        _kept[whole] = Snapshot.take(writes, set(), built, whole=False)
    _trail.stands_at(whole)
    return built


def _watched(build: Callable[[], Built]) -> tuple[Built, Writes]:
    writes = Writes()
    # Not `execute_wrapper`: it takes off whichever came last, and the trail may come while this builds.
    connection.execute_wrappers.append(writes)
    try:
        return build(), writes
    finally:
        connection.execute_wrappers.remove(writes)


def loaded(load: Callable[[], int]) -> None:
    """What a preset of the product loads: by itself the first time, put back from then on."""
    built_once(load, load)


def _forget() -> None:
    """Drop what the process keeps of rows: other rows may come back under the same keys."""
    wording.forget()
    forget_rules()
    level_rules.forget()


def _empty_among(tables: set[str]) -> set[str]:
    """Those of the tables that hold no row."""
    each = [f"SELECT '{name}' WHERE NOT EXISTS (SELECT FROM \"{name}\")" for name in sorted(tables)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return {name for (name,) in cursor.fetchall()}


def _rights() -> tuple:
    """Keys that a flush of the database changes without emptying their table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT min(id) FROM auth_permission), (SELECT max(id) FROM auth_permission),"
            " (SELECT max(id) FROM django_content_type)"
        )
        return cursor.fetchone()
