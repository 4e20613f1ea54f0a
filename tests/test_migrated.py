"""A copy of migrated tables is taken only from what the present sources made."""

import pytest
from django.db import connection

from tests.migrated import fingerprint


@pytest.fixture
def checkout(tmp_path):
    for name in ("tickets/migrations/0001_initial.py", "accounts/presets/roles.json", "tests/test_it.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    return tmp_path


@pytest.mark.parametrize(
    "changed",
    ["tickets/migrations/0001_initial.py", "tickets/migrations/0002_more.py", "accounts/presets/roles.json"],
)
def test_a_changed_source_asks_for_other_tables(checkout, changed):
    before = fingerprint(checkout)
    (checkout / changed).write_text("2")

    assert fingerprint(checkout) != before


def test_a_moved_source_asks_for_other_tables(checkout):
    before = fingerprint(checkout)
    (checkout / "tickets" / "migrations").rename(checkout / "tickets" / "moved")

    assert fingerprint(checkout) != before


def test_a_changed_test_asks_for_the_same_tables(checkout):
    before = fingerprint(checkout)
    (checkout / "tests" / "test_it.py").write_text("2")

    assert fingerprint(checkout) == before


@pytest.mark.django_db
def test_a_copy_has_every_migration_and_no_row_of_a_test():
    kept = {"django_migrations", "django_content_type", "auth_permission"}
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        filled = set()
        for name in names:
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{name}")')
            if cursor.fetchone()[0]:
                filled.add(name)

    assert filled == kept
