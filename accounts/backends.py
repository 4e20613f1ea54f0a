"""Staff sign in with their user name or their phone number."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.contrib.auth.backends import ModelBackend

from accounts import rights
from accounts.models import User
from accounts.sessions import user_row_at_the_door
from core.phones import normalise
from core.rows import prepared_cursor


def username_for(login: str) -> str:
    """The user name behind what was typed: a known phone number is replaced, all else kept."""
    login = login.strip()
    phone = normalise(login)
    match = User.objects.filter(phone=phone).values_list("username", flat=True).first() if phone else None
    return match or login


class NameOrPhoneBackend(ModelBackend):
    """Django's backend, which also takes a phone number where a user name is asked for."""

    def authenticate(self, request, username=None, password=None, **kwargs):
        """The user, or None; a phone number is first turned into the user name it belongs to."""
        name = username_for(username or "")
        return super().authenticate(request, username=name or None, password=password, **kwargs)

    def get_user(self, user_id):
        """The user of a session with scope and permissions as they are now; None for one who is gone."""
        row = user_row_at_the_door(user_id) or _row(user_id)
        if row is None:
            return None
        user = rights.user_of(row)
        return user if self.user_can_authenticate(user) else None


def _row(user_id: int) -> Sequence[Any] | None:
    with prepared_cursor() as cursor:
        cursor.execute(_question(), [user_id])
        return cursor.fetchone()


@cache
def _question() -> str:
    return f"SELECT {rights.columns()} FROM accounts_user account WHERE account.id = %s"
