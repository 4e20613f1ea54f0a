"""The tables of a test database: migrated once, and copied from then on.

All migrations take ten seconds of a processor for each process of the tests; a
copy takes a fraction of one. The database that is copied bears in its name what
it was made from, every source and package a migration could ask, so a stale one
is never found; and `migrate` runs on each copy as it would on an empty database.
"""

import hashlib
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

SOURCES = {".py", ".json", ".csv", ".sql"}
# Nothing in them is run by a migration.
APART = {"tests", "bench", "docs", "deploy", "static", "templates", "staticfiles", "requirements"}


@contextmanager
def template() -> Iterator[None]:
    """Within the block a test database is made as a copy of the migrated one, which nobody drops."""
    target = settings.DATABASES["default"]
    kept, test = target["NAME"], dict(target["TEST"])
    prefix, name = f"test_{kept}_of_", name_beside(kept)
    with connection.creation._nodb_cursor() as cursor:
        # Held by this session: another run may wait for the copy, or for its turn to drop what is old.
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [prefix])
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
        known = {found for (found,) in cursor.fetchall()}
        for old in known - {name}:
            cursor.execute(f'DROP DATABASE IF EXISTS "{old}"')
        if name not in known:
            _make(name + "_new")
            target["NAME"], target["TEST"] = kept, test
            cursor.execute(f'ALTER DATABASE "{name}_new" RENAME TO "{name}"')
        target["TEST"] = test | {"TEMPLATE": name}
        yield


def name_beside(database: str) -> str:
    """The migrated database beside that one, which is there as soon as a test has its tables."""
    return f"test_{database}_of_{fingerprint(settings.BASE_DIR)}"


def _make(name: str) -> None:
    settings.DATABASES["default"]["TEST"] |= {"NAME": name}
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()


def fingerprint(root: Path) -> str:
    """What the product's sources, its packages and Python are, in sixteen digits."""
    digest = hashlib.sha256(sys.version.encode())
    packages = Path(sysconfig.get_path("purelib")).glob("*.dist-info")
    digest.update("\n".join(sorted(path.name for path in packages)).encode())
    for folder in sorted(root.iterdir()):
        if not folder.is_dir() or folder.name in APART or folder.name.startswith("."):
            continue
        for path in sorted(folder.rglob("*")):
            if path.suffix in SOURCES:
                content = path.read_bytes()
                digest.update(f"{path.relative_to(root)} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]
