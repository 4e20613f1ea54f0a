"""Sessions in the database, read with one plain query: every request begins with it."""

from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone

QUERY = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    """Django's own store; only the way a known session is read differs."""

    def load(self):
        """What the session holds; nothing, and a new key later, where it is unknown or over."""
        with connection.cursor() as cursor:
            cursor.execute(QUERY, [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row[0])
