"""`make run`: the whole house on one machine, in the foreground.

Database, tables, presets and demo data, then the web server and the job
clusters under one supervisor. Ctrl-C stops all of it.
"""

import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from config import embedded
from config.processes import ROOT, Child, Guard, say, web, worker
from config.supervisor import Supervisor, handle_signals

READY_LIMIT = 60


class CannotStart(RuntimeError):
    """Something about this machine is in the way; the text says what to do."""


def main() -> None:
    """Run until stopped; the exit code is 0 after Ctrl-C and 1 when the start failed."""
    # A stop during the start takes the same way out as Ctrl-C.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        _set_environment()
        with _only_one(Path(os.environ["FANGXIU_DATA_DIR"])):
            _check_port(os.environ["HOST"], int(os.environ["PORT"]))
            _run()
    except (CannotStart, embedded.EmbeddedError) as error:
        sys.exit(f"make run: {error}")
    except KeyboardInterrupt:
        say("\nStopped before everything was up.")


def _run() -> None:
    started = time.monotonic()
    guard = Guard()
    try:
        with _database(guard) as haste:
            logins = _prepare(guard, haste)
            _serve(guard, logins, started)
    finally:
        guard.dismiss()


def _set_environment() -> None:
    os.environ.setdefault("FANGXIU_MODE", "local")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("FANGXIU_DATA_DIR", str(ROOT / ".data"))
    os.environ.setdefault("HOST", "127.0.0.1")
    port = os.environ.setdefault("PORT", "8000")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise CannotStart(f"PORT must be a number from 1 to 65535, not {port!r}")
    os.environ.setdefault("SITE_URL", f"http://localhost:{port}")


def _only_one(data: Path) -> IO[str]:
    data.mkdir(parents=True, exist_ok=True)
    lock = (data / "run.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise CannotStart(f"already running here as process {lock.read().strip()}") from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"port {port} of {host} cannot be used ({error.strerror}); "
                "stop the other program or choose another port: `make run PORT=8001`"
            ) from None


@contextmanager
def _database(guard: Guard) -> Iterator[dict[str, str]]:
    """Put the address into the environment; yields what the preparation may use on top of it."""
    if "DATABASE_URL" in os.environ:
        yield {}
        return
    place = embedded.location()
    say(f"Database: embedded PostgreSQL in {place}")
    if place != embedded.DATA:
        say("  (started by root, and the checkout is closed to the database's own user)")
    guard.tell(f"database {embedded.DATA}")
    with embedded.in_use(embedded.DATA) as url:
        os.environ["DATABASE_URL"] = url
        try:
            # A preparation cut short is done again, so its commits need not wait for the disk.
            yield {"PGOPTIONS": "-c synchronous_commit=off"}
        finally:
            # A second Ctrl-C would only leave the server behind.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)


def _prepare(guard: Guard, haste: dict[str, str]) -> str:
    """Update the database in a process of its own; what it prints are the logins."""
    say("Preparing:")
    quiet = {"LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING")}
    child = Child("preparation", [sys.executable, "-m", "config.prepare"], quiet | haste)
    child.start(guard, stdout=subprocess.PIPE)
    assert child.process
    try:
        output, _ = child.process.communicate()
    finally:
        child.bury(guard)
    if child.code:
        raise CannotStart("the preparation failed; its messages stand above")
    return output


def _serve(guard: Guard, logins: str, started: float) -> None:
    # Only now, because the settings it reads need the database's address.
    from config import watchdog

    eye = watchdog.Watchdog()
    logs = Path(os.environ["FANGXIU_DATA_DIR"]) / "logs"
    children = [web(log=logs / "web.log", grace=10)]
    children += [worker(queue, log=logs / f"{queue}.log", grace=10) for queue in watchdog.queues()]
    supervisor = Supervisor(children, guard, watch=eye.look)
    handle_signals(supervisor)
    limit = time.monotonic() + READY_LIMIT
    try:
        if supervisor.run(until=lambda: _ready() or time.monotonic() > limit):
            if not _ready():
                raise CannotStart(
                    f"the web server is not ready after {READY_LIMIT} s; see {logs / 'web.log'}"
                )
            _announce(logs, logins, time.monotonic() - started)
            supervisor.run()
    finally:
        say("\nStopping ...")
        supervisor.stop()
    say("Stopped.")


def _ready() -> bool:
    host = os.environ["HOST"]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    connection = http.client.HTTPConnection(host, int(os.environ["PORT"]), timeout=2)
    try:
        connection.request("GET", "/healthz/ready", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _announce(logs: Path, logins: str, seconds: float) -> None:
    say(f"\n房修 is ready after {seconds:.0f} s:  {os.environ['SITE_URL']}\n")
    say(logins.rstrip())
    say(f"\nLogs, with every message sent in this mode: {logs}\nCtrl-C stops everything.")


if __name__ == "__main__":
    main()
