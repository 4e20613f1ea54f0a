"""The roles of domain.md §7 (OR-01), loaded from roles.json."""

import json
from pathlib import Path

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

from accounts.models import Role

FILE = Path(__file__).with_name("roles.json")


def load() -> int:
    """Create the roles that are missing and return how many; existing roles stay as edited.

    Raises LookupError when the file names a permission that no model declares.
    """
    data = json.loads(FILE.read_text(encoding="utf-8"))
    known = set(Role.objects.values_list("code", flat=True))
    missing = [row for row in data["roles"] if row["code"] not in known]
    if missing:
        permissions = _permissions()
        for row in missing:
            _create(row, data["sets"], permissions)
    return len(missing)


def _permissions() -> dict[str, Permission]:
    """Every permission by "app.codename"."""
    # Permissions are otherwise written after the last migration, maybe later than this runs.
    for app in apps.get_app_configs():
        create_permissions(app, verbosity=0)
    rows = Permission.objects.select_related("content_type")
    return {f"{row.content_type.app_label}.{row.codename}": row for row in rows}


def _create(row: dict, sets: dict[str, list[str]], permissions: dict[str, Permission]) -> None:
    wanted = [name for each in row.get("sets", []) for name in sets[each]] + row["permissions"]
    if unknown := sorted(set(wanted) - permissions.keys()):
        raise LookupError(f"roles.json: {row['code']} names unknown permissions {', '.join(unknown)}")
    group, _ = Group.objects.get_or_create(name=row["name"])
    group.permissions.set([permissions[name] for name in wanted])
    flags = {"outside": row.get("outside", False), "admin": row.get("admin", False)}
    Role.objects.create(code=row["code"], group=group, duty=row["duty"], **flags)
