"""Sessions in the database, read with one plain query: every request begins with it."""

from django.contrib.sessions.backends import db
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.utils import timezone

from core.rows import prepared_cursor

QUERY = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    """Django's own store; only the way a known session is read differs."""

    def load(self):
        """What the session holds; nothing, and a new key later, where it is unknown or over."""
        row = self._row()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row[0])

    def _row(self) -> tuple[str] | None:
        """The stored session, asked for on a connection that lives."""
        database = connections[DEFAULT_DB_ALIAS]
        if database.in_atomic_block or database.health_check_done:
            return self._asked()
        # This is a request's first question: its answer says as much of the connection
        # as the empty question that Django would ask before it.
        database.health_check_done = True
        try:
            return self._asked()
        except (OperationalError, InterfaceError):
            database.close()
            return self._asked()

    def _asked(self) -> tuple[str] | None:
        with prepared_cursor() as cursor:
            cursor.execute(QUERY, [self.session_key, timezone.now()])
            return cursor.fetchone()
