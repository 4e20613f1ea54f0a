"""Who may manage whom: pure reads of what a user holds, so that nobody hands on more than they have."""

from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

from accounts.models import User


def held(user: User) -> set[int]:
    """Keys of the permissions a user has, by role or directly."""
    if user.is_superuser:
        return set(Permission.objects.values_list("pk", flat=True))
    mine = Permission.objects.filter(Q(group__user=user) | Q(user=user))
    return set(mine.values_list("pk", flat=True))


def assigns_any_role(user: User) -> bool:
    """Whether this user hands out roles beyond their own: the system administrator."""
    return user.has_perm("accounts.assign_any_role")


def delegable(user: User) -> set[int]:
    """Keys of the permissions this user may hand on.

    Besides their own: what outside roles hold. That reaches only the tickets
    given to a person, so a manager may make workers without being one.
    """
    outside = Permission.objects.filter(group__role__outside=True)
    return held(user) | set(outside.values_list("pk", flat=True))


def delegable_permissions(user: User) -> QuerySet[Permission]:
    """The permissions this user may put into a role."""
    if assigns_any_role(user):
        return Permission.objects.all()
    return Permission.objects.filter(pk__in=delegable(user))


def grantable_groups(user: User) -> QuerySet[Group]:
    """The roles this user may give to others: none that holds more than they may hand on (OR-01)."""
    if assigns_any_role(user):
        return Group.objects.all()
    beyond = Permission.objects.exclude(pk__in=delegable(user))
    return Group.objects.exclude(pk__in=Group.objects.filter(permissions__in=beyond).values("pk"))


def may_manage(user: User, target: User) -> bool:
    """Whether this user may change the target's account.

    Setting a password is signing in as somebody, so the target may hold neither
    permissions nor estates beyond those of the user.
    """
    if user.is_superuser or user.pk == target.pk:
        return True
    if target.is_superuser or (target.sees_all_estates and not user.sees_all_estates):
        return False
    if not user.sees_all_estates and not set(target.estate_ids()) <= set(user.estate_ids()):
        return False
    return assigns_any_role(user) or held(target) <= delegable(user)
