"""`python -m bench.seed`: a year of tickets in the empty database of DATABASE_URL, tables included."""

import argparse
import os
import sys
from pathlib import Path
from random import Random

import django
from django.core.management import call_command
from django.db import connection, transaction

# Who signs in during the benchmarks, and who stands in the tickets' history.
ROLES = ("front_desk", "dispatcher", "worker", "engineer")
HISTORY = Path(__file__).with_name("seed.sql")
MILLION = Path(__file__).with_name("million.sql")


def main() -> None:
    """Fill the database; BENCH_PASSWORD becomes the password of the front desk's user."""
    parser = argparse.ArgumentParser(prog="python -m bench.seed", description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--million", action="store_true", help="owners and tickets for the search alone")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("load_presets", stdout=sys.stderr)
    with transaction.atomic():
        if options.million:
            _run(MILLION, options.tickets)
            _callers()
        else:
            _people()
            _run(HISTORY, options.tickets)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _people() -> None:
    from accounts.services import create_staff
    from demo import town

    estates = town.build(Random(1))
    for number, role in enumerate(ROLES):
        create_staff(
            username=role,
            full_name=f"压测{number}",
            password=os.environ["BENCH_PASSWORD"],
            roles=[role],
            estates=estates,
            phone=f"1391009000{number}",
        )


def _callers() -> None:
    """Somebody of one estate out of a hundred, and somebody of the group's call centre."""
    from accounts.services import create_staff
    from estates.models import Estate

    for number, (username, everywhere) in enumerate({"front_desk": False, "call_centre": True}.items()):
        user = create_staff(
            username=username,
            full_name=f"压测{number}",
            password=os.environ["BENCH_PASSWORD"],
            roles=["front_desk"],
            estates=Estate.objects.filter(code="E007"),
            phone=f"1391009000{number}",
        )
        user.all_estates = everywhere
        user.save(update_fields=["all_estates"])


def _run(script: Path, number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")
        for statement in script.read_text(encoding="utf-8").split(";\n\n"):
            cursor.execute(statement, {"tickets": number, "rows": number})


if __name__ == "__main__":
    main()
