"""Reads about people."""

from django.db.models import Q, QuerySet

from accounts.models import User
from core.rows import prepared_cursor


def staff_with(*, permission: str, estate_id: int) -> QuerySet[User]:
    """Active users who hold "app.codename" through a role and work for this estate."""
    app, codename = permission.split(".")
    return (
        User.objects.filter(
            Q(all_estates=True) | Q(estates=estate_id),
            is_active=True,
            groups__permissions__codename=codename,
            groups__permissions__content_type__app_label=app,
        )
        .distinct()
        .order_by("pk")
    )


def staff_in_role(*, code: str, estate_id: int) -> QuerySet[User]:
    """Active users who hold this role of `domain.md` §7 and work for this estate."""
    return (
        User.objects.filter(
            Q(all_estates=True) | Q(estates=estate_id), is_active=True, groups__role__code=code
        )
        .distinct()
        .order_by("pk")
    )


def everyone_with(*, permission: str) -> QuerySet[User]:
    """Active users who hold "app.codename" through a role, whatever estates they work for."""
    app, codename = permission.split(".")
    return (
        User.objects.filter(
            is_active=True,
            groups__permissions__codename=codename,
            groups__permissions__content_type__app_label=app,
        )
        .distinct()
        .order_by("pk")
    )


KEYS = """
SELECT account.id FROM accounts_user account
 WHERE account.is_active
   AND (account.all_estates
        OR EXISTS (SELECT FROM accounts_user_estates WHERE user_id = account.id AND estate_id = %s))
   AND account.id IN (
       SELECT member.user_id FROM accounts_user_groups member JOIN auth_group_permissions USING (group_id)
        WHERE permission_id IN (
              SELECT permission.id FROM auth_permission permission
                JOIN django_content_type type ON type.id = permission.content_type_id
               WHERE type.app_label = %s AND permission.codename = %s))
 ORDER BY account.id
"""


def staff_keys(*, permission: str, estate_id: int) -> list[int]:
    """The keys of `staff_with`, in one plain query: urgent calls ask for them while they are taken."""
    app, codename = permission.split(".")
    with prepared_cursor() as cursor:
        cursor.execute(KEYS, [estate_id, app, codename])
        return [pk for (pk,) in cursor.fetchall()]
