"""Sessions in the database, read with one plain query: every request begins with it."""

from django.contrib.sessions.backends import db
from django.utils import timezone

from core.rows import prepared_cursor

QUERY = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    """Django's own store; only the way a known session is read differs."""

    def load(self):
        """What the session holds; nothing, and a new key later, where it is unknown or over."""
        with prepared_cursor() as cursor:
            cursor.execute(QUERY, [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row[0])
