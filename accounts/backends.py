"""Staff sign in with their user name or their phone number."""

from functools import cache

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db import DEFAULT_DB_ALIAS

from accounts.models import User
from core.phones import normalise
from core.rows import prepared_cursor

# Who it is, where they work and what they may: asked with every request, so in one query.
RIGHTS = """
SELECT {columns},
       ARRAY(SELECT estate_id FROM accounts_user_estates WHERE user_id = account.id),
       ARRAY(SELECT permission_id FROM accounts_user_groups JOIN auth_group_permissions USING (group_id)
              WHERE user_id = account.id
              UNION SELECT permission_id FROM accounts_user_user_permissions WHERE user_id = account.id),
       EXISTS(SELECT FROM accounts_user_groups JOIN accounts_role USING (group_id)
               WHERE user_id = account.id AND NOT outside)
  FROM accounts_user account WHERE account.id = %s
"""
_permission_names: dict[int, str] = {}


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
        query, columns = _rights_query()
        with prepared_cursor() as cursor:
            cursor.execute(query, [user_id])
            row = cursor.fetchone()
        if row is None:
            return None
        *values, estate_ids, permission_ids, is_inside = row
        user = User.from_db(DEFAULT_DB_ALIAS, columns, values)
        user.take_rights(estate_ids=estate_ids, permissions=_names_of(permission_ids), is_inside=is_inside)
        return user if self.user_can_authenticate(user) else None


@cache
def _rights_query() -> tuple[str, list[str]]:
    fields = User._meta.concrete_fields
    columns = ", ".join(f'account."{field.column}"' for field in fields)
    return RIGHTS.format(columns=columns), [field.attname for field in fields]


def _names_of(permission_ids: list[int]) -> set[str]:
    """ "app.codename" of each; a permission never changes its name, so each is read once."""
    if not _permission_names.keys() >= set(permission_ids):
        rows = Permission.objects.values_list("pk", "content_type__app_label", "codename")
        _permission_names.update((pk, f"{app}.{codename}") for pk, app, codename in rows)
    return {_permission_names[pk] for pk in permission_ids}
