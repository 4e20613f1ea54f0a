"""Who a user is, where they work and what they may: asked with every request, so in one question."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.contrib.auth.models import Permission
from django.db import DEFAULT_DB_ALIAS

from accounts.models import User

# What is read of a row `account` of the users besides its columns.
RIGHTS = """
       ARRAY(SELECT estate_id FROM accounts_user_estates WHERE user_id = account.id),
       ARRAY(SELECT permission_id FROM accounts_user_groups JOIN auth_group_permissions USING (group_id)
              WHERE user_id = account.id
              UNION SELECT permission_id FROM accounts_user_user_permissions WHERE user_id = account.id),
       EXISTS(SELECT FROM accounts_user_groups JOIN accounts_role USING (group_id)
               WHERE user_id = account.id AND NOT outside)
"""
_permission_names: dict[int, str] = {}


@cache
def columns() -> str:
    """The SQL of what `user_of` is made of, of a table named `account`; its key comes first."""
    key, *others = (f'account."{field.column}"' for field in User._meta.concrete_fields)
    return ", ".join([key, *others, RIGHTS])


@cache
def _names() -> list[str]:
    return [field.attname for field in User._meta.concrete_fields]


def user_of(row: Sequence[Any]) -> User:
    """The user of a row of `columns`, with scope and permissions as they are now."""
    *values, estate_ids, permission_ids, is_inside = row
    user = User.from_db(DEFAULT_DB_ALIAS, _names(), values)
    user.take_rights(estate_ids=estate_ids, permissions=_names_of(permission_ids), is_inside=is_inside)
    return user


def _names_of(permission_ids: list[int]) -> set[str]:
    """ "app.codename" of each; a permission never changes its name, so each is read once."""
    if not _permission_names.keys() >= set(permission_ids):
        rows = Permission.objects.values_list("pk", "content_type__app_label", "codename")
        _permission_names.update((pk, f"{app}.{codename}") for pk, app, codename in rows)
    return {_permission_names[pk] for pk in permission_ids}
