"""Demo people: one for each role, named like the role, and some more workers."""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import Model

from accounts import services
from accounts.models import Role, User

DEMO_PASSWORD = "fangxiu-demo-2026"
# Role code: full name, phone number, whether all estates are in scope.
PEOPLE = {
    "front_desk": ("周晓敏", "13910020001", False),
    "clerk": ("李思雨", "13910020002", False),
    "dispatcher": ("王建国", "13910020003", False),
    "engineer": ("陈志远", "13910020004", False),
    "supervisor": ("刘海涛", "13910020005", False),
    "manager": ("赵明辉", "13910020006", False),
    "housekeeper": ("孙雅琴", "13910020007", False),
    "worker": ("张大勇", "13910020008", False),
    "contractor": ("吴国强", "13910020009", False),
    "third_party": ("郑永利", "13910020010", False),
    "director": ("黄文博", "13910020011", True),
    "sysadmin": ("林浩然", "13910020012", True),
    "auditor": ("何静怡", "13910020013", True),
}
# Where the morning's digest goes (SL-09); locally mails are written to the log.
MANAGER_MAIL = "manager@fangxiu.example"
SURNAMES = "马朱胡郭何高罗梁宋谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡"
GIVEN = ["志强", "永福", "建平", "国栋", "振华", "海波", "立新", "春生", "学军", "长青", "德胜"]


class DemoRefused(RuntimeError):
    """Demo people have a published password and do not belong into a production database."""


@transaction.atomic
def create_demo_staff(*, estates: Sequence[Model], workers: int = 8) -> dict[str, User]:
    """One user for each role plus worker2 … workerN, by user name; those who exist are kept as they are.

    Everybody works for all the estates handed in; directors, auditors and system
    administrators see every estate. Raises DemoRefused in production.
    """
    if not settings.LOCAL:
        raise DemoRefused("demo accounts are for FANGXIU_MODE=local and test only")
    people = {code: (name, phone, code, wide) for code, (name, phone, wide) in PEOPLE.items()}
    for number in range(2, workers + 1):
        people[f"worker{number}"] = (_worker_name(number), f"1391003{number:04}", "worker", False)
    known = {user.username: user for user in User.objects.filter(username__in=people)}
    created = {name: _create(name, row, estates) for name, row in people.items() if name not in known}
    if reader := created.get("manager"):
        reader.email = MANAGER_MAIL
    _share_password(created.values())
    return {username: known.get(username) or created[username] for username in people}


def _share_password(users: Iterable[User]) -> None:
    """Write them down with one hash: `make run` looks each time whether the published password still fits."""
    shared = make_password(DEMO_PASSWORD)
    for user in users:
        user.password = shared
    User.objects.bulk_update(users, ["password", "email"])


def _worker_name(number: int) -> str:
    return SURNAMES[number % len(SURNAMES)] + GIVEN[number % len(GIVEN)]


def _create(username: str, row: tuple[str, str, str, bool], estates: Iterable[Model]) -> User:
    name, phone, role, wide = row
    return services.create_staff(
        username=username,
        full_name=name,
        password=DEMO_PASSWORD,
        roles=[role],
        estates=() if wide else estates,
        phone=phone,
        job_number=f"FX{phone[-5:]}",
        all_estates=wide,
    )


def logins() -> list[tuple[str, str, bool]]:
    """(role name, user name, whether the demo password still opens it) of each role's demo user."""
    users = {user.username: user for user in User.objects.filter(username__in=PEOPLE, is_active=True)}
    roles = Role.objects.filter(code__in=users).select_related("group").order_by("pk")
    fits = {
        hashed: check_password(DEMO_PASSWORD, hashed) for hashed in {user.password for user in users.values()}
    }
    return [(role.group.name, role.code, fits[users[role.code].password]) for role in roles]
