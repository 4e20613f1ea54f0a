"""Reads about people."""

from django.db.models import Q, QuerySet

from accounts.models import User


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
