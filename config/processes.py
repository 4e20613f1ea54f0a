"""The processes a supervisor looks after, and the guard that outlives it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
# A child that lived this long starts again at once; younger ones wait 0.5, 1, 2 ... 30 seconds.
SETTLED = 60
LONGEST_PAUSE = 30
LOG_LIMIT = 20_000_000


class Guard:
    """The supervisor's side of config/guard.py."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._open()

    def tell(self, line: str) -> None:
        """Send a line; a guard that died is replaced and told everything again."""
        if line.startswith("- "):
            self._lines.remove(f"+ {line[2:]}")
        else:
            self._lines.append(line)
        self._write(line)

    def check(self) -> None:
        """Replace the guard when it is gone."""
        if self._process.poll() is not None:
            self._open()

    def dismiss(self) -> None:
        """End the guard when nothing is left to guard."""
        self._write_all([f"- {line[2:]}" for line in self._lines if line.startswith("+ ")] + ["database "])
        self._pipe.close()
        self._process.wait()

    def _open(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "config.guard"],
            stdin=subprocess.PIPE,
            cwd=ROOT,
            start_new_session=True,
            text=True,
        )
        assert self._process.stdin
        self._pipe: IO[str] = self._process.stdin
        self._write_all(self._lines)

    def _write(self, line: str) -> None:
        self._write_all([line])

    def _write_all(self, lines: Sequence[str]) -> None:
        # A guard that is gone is noticed and replaced by check().
        with contextlib.suppress(BrokenPipeError):
            for line in lines:
                print(line, file=self._pipe, flush=True)


@dataclass
class Child:
    """One supervised program and its process group.

    `log` is the file its output is added to, or None to share ours. `grace` is
    how many seconds it gets to end by itself.
    """

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    log: Path | None = None
    grace: float = 30
    process: subprocess.Popen | None = None
    started: float = 0
    failures: int = 0
    again_at: float = 0
    code: int = 0

    def start(self, guard: Guard, *, stdout: int | None = None) -> None:
        """Start the program in a session of its own, so that a terminal's Ctrl-C passes it by."""
        with contextlib.ExitStack() as stack:
            log = stack.enter_context(_appended(self.log)) if self.log else None
            self.process = subprocess.Popen(
                self.command,
                env=os.environ | self.environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log or stdout,
                stderr=log,
                start_new_session=True,
                text=True,
            )
        guard.tell(f"+ {self.process.pid}")
        self.started = time.monotonic()

    def bury(self, guard: Guard) -> None:
        """Kill the group, or what its leader left of it, and plan the next start."""
        assert self.process
        self.kill()
        self.code = self.process.wait()
        guard.tell(f"- {self.process.pid}")
        self.process = None
        now = time.monotonic()
        self.failures = 0 if now - self.started > SETTLED else self.failures + 1
        self.again_at = now + min(LONGEST_PAUSE, 0.25 * 2**self.failures)

    def ask_to_stop(self) -> None:
        """Send SIGTERM to the program alone: q2's children die of it without finishing their job."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()

    def kill(self) -> None:
        """Kill the whole group at once."""
        if self.process:
            # PermissionError is macOS' word for a group of zombies only.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    @property
    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None


def say(text: str) -> None:
    """One line for the person at the terminal or the journal."""
    print(text, flush=True)


def web(**options) -> Child:
    """The web server."""
    command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi"]
    return Child("web server", command, **options)


def worker(queue: str, **options) -> Child:
    """One django-q2 cluster serving one queue."""
    environment = {"Q_CLUSTER_NAME": queue, "PYTHONUNBUFFERED": "1"}
    return Child(queue, [sys.executable, "manage.py", "qcluster"], environment, **options)


def _appended(log: Path) -> IO[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".1.log"))
    return log.open("ab")
