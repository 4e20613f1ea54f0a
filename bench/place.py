"""Where the benchmarks happen: a database of their own, the production server, and the yardstick's."""

import contextlib
import hashlib
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from config import embedded

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / ".data" / "bench" / "pg"
HOST = "bench.fangxiu.example"
PASSWORD = "bench-" + hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
# One for all processes of a run: the secrets of devices come from it.
SECRET_KEY = secrets.token_urlsafe(60)
# These decide what the seeded database looks like; it is made anew when one changes.
SOURCES = ["bench/seed.py", "bench/seed.sql", "demo/town.py", "*/migrations/*.py", "*/presets/*"]


def keep_to_two_cores() -> int:
    """Bind this process and all it starts to two cores; returns how many it has now."""
    if not hasattr(os, "sched_setaffinity"):
        return os.cpu_count() or 1
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    return len(os.sched_getaffinity(0))


@contextmanager
def database(tickets: int) -> Iterator[str]:
    """The address of a fresh copy of the seeded database, on a server that writes to disk."""
    with embedded.in_use(DATA) as url:
        seeded = f"seed_{tickets}_{_fingerprint()}"
        with psycopg.connect(url, autocommit=True) as connection:
            known = [row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()]
            if seeded not in known:
                for name in known:
                    if name.startswith("seed_"):
                        _drop(connection, name)
                _seed(connection, seeded, tickets)
            _drop(connection, "bench")
            # Files are copied, since logging 800 MB would only be noise later.
            connection.execute(
                sql.SQL("CREATE DATABASE bench TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(seeded))
            )
        yield embedded.start(DATA, database="bench")


@contextmanager
def million() -> Iterator[str]:
    """The address of the database of a million owners and tickets, which is only read and kept.

    New migrations are run on it, as on any house of that size.
    """
    with embedded.in_use(DATA) as url:
        name = f"million_{_fingerprint(['bench/million.sql'])}"
        with psycopg.connect(url, autocommit=True) as connection:
            known = [row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()]
            if name not in known:
                for old in known:
                    if old.startswith("million_"):
                        _drop(connection, old)
                _seed(connection, name, 1_000_000, "--million")
        address = embedded.start(DATA, database=name)
        _manage(production(address, Path(tempfile.gettempdir())), "migrate", "--verbosity", "0")
        yield address


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(sql.Identifier(name)))


def _seed(connection: psycopg.Connection, name: str, tickets: int, *more: str) -> None:
    print(f"seeding {tickets} tickets (once; kept for later runs) ...", file=sys.stderr, flush=True)
    _drop(connection, "unfinished")
    environment = production(embedded.start(DATA, database="unfinished"), Path(tempfile.gettempdir()))
    command = [sys.executable, "-m", "bench.seed", "--tickets", str(tickets), *more]
    subprocess.run(command, cwd=ROOT, env=environment, stdout=sys.stderr, check=True)
    connection.execute(sql.SQL("ALTER DATABASE unfinished RENAME TO {}").format(sql.Identifier(name)))


def _fingerprint(sources: Sequence[str] = SOURCES) -> str:
    digest = hashlib.sha256()
    for pattern in sources:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def production(url: str, data: Path) -> dict[str, str]:
    """The environment of a production server; settings.py refuses anything less."""
    return os.environ | {
        "FANGXIU_MODE": "production",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": url,
        "SECRET_KEY": SECRET_KEY,
        "ALLOWED_HOSTS": HOST,
        "SITE_URL": f"https://{HOST}",
        "BEHIND_PROXY": "1",
        "TRUSTED_PROXIES": "1",
        "FANGXIU_DATA_DIR": str(data / "data"),
        "STATIC_ROOT": str(data / "static"),
        "BENCH_PASSWORD": PASSWORD,
    }


@contextmanager
def servers(url: str) -> Iterator[tuple[tuple[str, int], tuple[str, int]]]:
    """The addresses of our server and of the yardstick's, both by config/gunicorn.py; no job cluster runs."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fangxiu-bench-")))
        environment = production(url, folder)
        (folder / "data").mkdir()
        _manage(environment, "collectstatic", "--noinput", "--verbosity", "0")
        yardstick = environment | {"DJANGO_SETTINGS_MODULE": "bench.yardstick.settings"}
        _manage(yardstick, "migrate", "--run-syncdb", "--verbosity", "0")
        log = stack.enter_context((DATA.parent / "server.log").open("wb"))
        ours = stack.enter_context(_gunicorn("config.wsgi", environment, log))
        plain = stack.enter_context(_gunicorn("bench.yardstick.wsgi", yardstick, log))
        yield ours, plain


@contextmanager
def server(url: str) -> Iterator[tuple[str, int]]:
    """The address of our server alone, over another database."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fangxiu-bench-")))
        environment = production(url, folder)
        (folder / "data").mkdir()
        _manage(environment, "collectstatic", "--noinput", "--verbosity", "0")
        log = stack.enter_context((DATA.parent / "search.log").open("wb"))
        yield stack.enter_context(_gunicorn("config.wsgi", environment, log))


def _manage(environment: Mapping[str, str], *command: str) -> None:
    subprocess.run([sys.executable, "-m", "django", *command], cwd=ROOT, env=environment, check=True)


@contextmanager
def _gunicorn(application: str, environment: Mapping[str, str], log) -> Iterator[tuple[str, int]]:
    address = ("127.0.0.1", _free_port())
    command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", application]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment | {"BIND": "{}:{}".format(*address)},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )
    try:
        _wait_for(address, process)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(address: tuple[str, int], process: subprocess.Popen) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        connection = http.client.HTTPConnection(*address, timeout=5)
        try:
            connection.request("GET", "/healthz/live", headers={"Host": HOST})
            connection.getresponse().read()
        except OSError:
            time.sleep(0.2)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError(f"a server did not start: see {DATA.parent / 'server.log'}")
