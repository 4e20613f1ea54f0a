"""Sessions in the database: a request's first question asks for the session and for its user at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.utils import timezone

from accounts import rights
from core.rows import prepared_cursor

# Whose a session was when this process read it last: a guess at whom to ask for, never an answer.
_guesses: dict[str, int] = {}
MOST_GUESSES = 10_000
_at_the_door: ContextVar["SessionStore | None"] = ContextVar("at_the_door", default=None)


class SessionStore(db.SessionStore):
    """Django's own store; only the way a known session is read differs."""

    _user_row: list[Any] | None = None

    def load(self):
        """What the session holds; nothing, and a new key later, where it is unknown or over."""
        row = self._row()
        if row is None:
            self._session_key = None
            return {}
        text, *self._user_row = row
        held = self.decode(text)
        if whose := held.get(SESSION_KEY):
            if len(_guesses) >= MOST_GUESSES:
                _guesses.clear()
            _guesses[self.session_key] = int(whose)
        return held

    def take_user_row(self, user_id: int) -> list[Any] | None:
        """The row of `rights` that was read with the session, once, where it is this user's."""
        row, self._user_row = self._user_row, None
        return row if row and row[0] == user_id else None

    def _row(self) -> tuple[Any, ...] | None:
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

    def _asked(self) -> tuple[Any, ...] | None:
        key = self.session_key
        with prepared_cursor() as cursor:
            cursor.execute(_question(), [_guesses.get(key), key, timezone.now()])
            return cursor.fetchone()


@cache
def _question() -> str:
    return (
        f"SELECT session_data, {rights.columns()} FROM django_session"
        " LEFT JOIN accounts_user account ON account.id = %s"
        " WHERE session_key = %s AND expire_date > %s"
    )


@contextmanager
def at_the_door(session: SessionStore) -> Iterator[None]:
    """Within the block the user of this session may be made of what was read with it."""
    token = _at_the_door.set(session)
    try:
        yield
    finally:
        _at_the_door.reset(token)


def user_row_at_the_door(user_id: int) -> list[Any] | None:
    """What `take_user_row` of the session at the door says; None where none is."""
    session = _at_the_door.get()
    return session.take_user_row(user_id) if session else None
