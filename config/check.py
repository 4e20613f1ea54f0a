"""`make check`: every check that is no test, all of them run even when one fails."""

import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

from config import embedded
from config.processes import ROOT

_BIN = Path(sys.executable).parent
_PYTHON = sys.executable
CHECKS = {
    "style": [_PYTHON, "-m", "ruff", "check", "."],
    "format": [_PYTHON, "-m", "ruff", "format", "--check", "."],
    "types": [_PYTHON, "-m", "mypy"],
    "floors": [str(_BIN / "lint-imports")],
    "template rules": [_PYTHON, "-m", "config.lint_templates"],
    "template style": [str(_BIN / "djlint"), "--lint", "--quiet", "templates"],
    "migrations": [_PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
    "deployment": [_PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
    "lock files": [_PYTHON, "-m", "config.locks", "check"],
}
# What a careful administrator would set.
PRODUCTION = {
    "FANGXIU_MODE": "production",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "ALLOWED_HOSTS": "fangxiu.example.com",
    "SITE_URL": "https://fangxiu.example.com",
    "FANGXIU_DATA_DIR": "/var/lib/fangxiu",
    # Named only: which provider it is differs from house to house.
    "SMS_SENDER": "provider.Sms",
}


def main() -> None:
    """Run all checks; exit 1 naming those that failed."""
    if "DATABASE_URL" in os.environ:
        failed = _run_all(os.environ["DATABASE_URL"])
    else:
        with embedded.in_use(embedded.TEST_DATA) as url:
            failed = _run_all(url)
    if failed:
        sys.exit(f"make check: {', '.join(failed)} failed")


def _run_all(url: str) -> list[str]:
    common = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
    failed = []
    for name, command in CHECKS.items():
        environment = common | (PRODUCTION if name == "deployment" else {"FANGXIU_MODE": "test"})
        started = time.monotonic()
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        print(
            f"{name:15}{'failed' if done.returncode else 'ok':8}{time.monotonic() - started:5.1f} s",
            flush=True,
        )
        if done.returncode:
            print(done.stdout.decode(), flush=True)
            failed.append(name)
    return failed


if __name__ == "__main__":
    main()
