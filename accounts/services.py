"""Every change to a staff account."""

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Model

from accounts.models import Role, User
from core.phones import normalise


def end_sessions(*, user: User) -> None:
    """Sign the user out everywhere: their next request, on any device, is a stranger's (T29)."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])


@transaction.atomic
def assign_role(*, user: User, code: str) -> Role:
    """Give the role of this code (OR-01); a role that works in the admin makes the user staff.

    Ends the user's sessions. Raises Role.DoesNotExist for an unknown code.
    """
    role = Role.objects.select_related("group").get(code=code)
    user.groups.add(role.group)
    if role.admin and not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])
    end_sessions(user=user)
    return role


@transaction.atomic
def remove_role(*, user: User, code: str) -> None:
    """Take the role of this code away and end the user's sessions.

    Staff who keep no role that works in the admin lose the admin too.
    """
    user.groups.remove(Role.objects.get(code=code).group)
    if user.is_staff and not user.is_superuser and not user.groups.filter(role__admin=True).exists():
        user.is_staff = False
        user.save(update_fields=["is_staff"])
    end_sessions(user=user)


@transaction.atomic
def create_staff(
    *,
    username: str,
    full_name: str,
    password: str,
    roles: Iterable[str] = (),
    estates: Iterable[Model] = (),
    phone: str = "",
    job_number: str = "",
    all_estates: bool = False,
) -> User:
    """A user who can sign in, with roles by code and estates in scope (OR-01).

    Raises ValidationError, its text Chinese, for a name or phone number that is
    taken or malformed and for a weak password; Role.DoesNotExist for an unknown code.
    """
    number = normalise(phone)
    if phone and not number:
        raise ValidationError({"phone": f"手机号不正确：{phone}"})
    user = User(
        username=username,
        full_name=full_name,
        phone=number or None,
        job_number=job_number,
        all_estates=all_estates,
    )
    user.set_password(password)
    user.full_clean()
    validate_password(password, user)
    user.save()
    user.estates.set([estate.pk for estate in estates])
    for code in roles:
        assign_role(user=user, code=code)
    return user


@transaction.atomic
def reset_second_factor(*, user: User) -> bool:
    """Remove the second factor of somebody who lost their phone; whether there was one."""
    removed, _ = Authenticator.objects.filter(user=user).delete()
    if removed:
        end_sessions(user=user)
    return bool(removed)


@transaction.atomic
def save_role(*, role: Role, name: str, permissions: Iterable[Permission]) -> Role:
    """Save a role together with the group that carries its name and permissions."""
    if role.group_id is None:
        role.group = Group.objects.create(name=name)
    elif role.group.name != name:
        role.group.name = name
        role.group.save(update_fields=["name"])
    role.save()
    role.group.permissions.set(permissions)
    return role
