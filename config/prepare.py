"""Brings a local installation's database up to date; every step may be run again.

Standard error tells the progress, standard output carries the logins.
"""

import os
import sys
import time

import django
from django.conf import settings
from django.core.management import call_command


def main() -> None:
    """Run all steps in one process: each start of Django would cost more than most of them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    # WhiteNoise warns of a missing folder, though it serves from the sources here.
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    _step("tables", "migrate", interactive=False, verbosity=0)
    _step("cache table", "createcachetable", verbosity=0)
    _step("roles, clocks, catalogues", "load_presets")
    if os.environ.get("FANGXIU_DEMO", "1") != "0":
        _step("demo estates", "load_demo")
    _step("schedules", "sync_schedules")
    call_command("show_logins")


def _step(title: str, command: str, **options) -> None:
    started = time.monotonic()
    call_command(command, stdout=sys.stderr, **options)
    print(f"  {title} ({time.monotonic() - started:.1f} s)", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
