"""Rows that many tests begin with: built once by the services, put back by one statement.

A house takes a hundred queries to build; most tests want exactly that house in
empty tables. Where the tables are not empty, it is built as before.
"""

import pickle
import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TypeVar

from django.db import connection

from notices import wording
from tests.flushing import KEPT
from tickets import level_rules
from warranty.queries import forget_rules

Built = TypeVar("Built")
INSERT = re.compile(r'INSERT INTO "(\w+)"')
_kept: dict[Hashable, "Snapshot"] = {}


@dataclass(frozen=True)
class Snapshot:
    """What was built: the tables it filled with their rows as JSON, and what the builder returned."""

    tables: tuple[str, ...]
    # Tables that had rows already: what was built may lean on them, or may have left out what they hold.
    beside: tuple[str, ...]
    insert: str
    rows: str
    rights: tuple
    built: bytes

    @classmethod
    def take(cls, tables: set[str], beside: set[str], built: object) -> "Snapshot":
        names = tuple(sorted(tables))
        with connection.cursor() as cursor:
            cursor.execute(COLUMNS, [list(names)])
            columns = dict(cursor.fetchall())
            each = [
                f"SELECT '{name}' AS name, (SELECT jsonb_agg(t{order}) FROM {name} t) AS rows"
                for name, order in ((name, _in_order(columns[name])) for name in names)
            ]
            cursor.execute(f"SELECT jsonb_object_agg(name, rows)::text FROM ({' UNION ALL '.join(each)})")
            rows = cursor.fetchone()[0]
        parts = [
            f'{name}_rows AS (INSERT INTO "{name}" ({columns[name]})'
            f" SELECT {columns[name]}"
            f" FROM sent, jsonb_populate_recordset(NULL::{name}, sent.rows -> '{name}'))"
            for name in names
        ]
        words = f"WITH sent AS MATERIALIZED (SELECT %s::jsonb AS rows), {', '.join(parts)} SELECT 1"
        return cls(names, tuple(sorted(beside)), words, rows, _rights(), pickle.dumps(built))

    def fits(self) -> bool:
        """Whether its tables are empty, those beside it are not, and permissions have the keys they had."""
        if not _are_empty(self.tables) or any(_are_empty((table,)) for table in self.beside):
            return False
        return self.rights == _rights()

    def put_back(self):
        with connection.cursor() as cursor:
            cursor.execute(self.insert, [self.rows])
        return pickle.loads(self.built)


def _in_order(columns: str) -> str:
    """History is a chain: rows come back in the order in which they were written, not as they lie on disk."""
    return " ORDER BY t.id" if "id" in columns.split(", ") else ""


COLUMNS = """
SELECT relname, string_agg(quote_ident(attname), ', ' ORDER BY attnum)
  FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
 WHERE relname = ANY(%s) AND relnamespace = 'public'::regnamespace
   AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
 GROUP BY relname
"""


def built_once(key: Hashable, build: Callable[[], Built]) -> Built:
    """What `build` returns, with its rows; after the first time they are put back where that is the same."""
    _forget()
    kept = _kept.get(key)
    if kept is not None:
        return kept.put_back() if kept.fits() else build()
    known = set(connection.introspection.table_names())
    empty = {table for table in known if _are_empty((table,))}
    filled: set[str] = set()

    def watch(execute, sql, params, many, context):
        filled.update(INSERT.findall(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        built = build()
    if filled <= empty:
        _kept[key] = Snapshot.take(filled, known - empty - KEPT, built)
    return built


def loaded(load: Callable[[], int]) -> None:
    """What a preset of the product loads: by itself the first time, put back from then on."""
    built_once(load, load)


def _forget() -> None:
    """Drop what the process keeps of rows: other rows may come back under the same keys."""
    wording.forget()
    forget_rules()
    level_rules.forget()


def _are_empty(tables: tuple[str, ...]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT NOT (" + " OR ".join(f'EXISTS (SELECT FROM "{t}")' for t in tables) + ")")
        return cursor.fetchone()[0]


def _rights() -> tuple:
    """Keys that a flush of the database changes without emptying their table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT min(id) FROM auth_permission), (SELECT max(id) FROM auth_permission),"
            " (SELECT max(id) FROM django_content_type)"
        )
        return cursor.fetchone()
