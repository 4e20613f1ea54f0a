"""Emptying the tables after a test with real transactions, in the time of a few deletes.

Django truncates every table and then writes content types and permissions anew:
a second for each test. Here only tables that have rows are emptied, and what
migrations wrote about models stays.
"""

from django.core.management.commands import flush
from django.db import connection

KEPT = {"django_migrations", "django_content_type", "auth_permission"}


class Command(flush.Command):
    """Takes the place of Django's `flush` in the tests."""

    def handle(self, **options) -> None:
        """Delete all rows; without a superuser, who alone may skip the triggers, do as Django does."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            if not cursor.fetchone()[0]:
                super().handle(**options)
                return
            # Those of no model too: what a test counted in the cache would throttle the next one.
            tables = sorted(set(connection.introspection.table_names()) - KEPT)
            cursor.execute(
                " UNION ALL ".join(
                    f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in tables
                )
            )
            deletes = [f'DELETE FROM "{name}"' for (name,) in cursor.fetchall()]
            # Keys between tables and the history that refuses to be emptied are triggers.
            wholly = ["SET session_replication_role = replica", *deletes, "RESET session_replication_role"]
            cursor.execute("; ".join(wholly))
