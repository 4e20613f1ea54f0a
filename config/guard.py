"""Outlives a killed supervisor just long enough to take its processes along.

The supervisor holds the other end of this process' standard input and writes
"+ GROUP" when it starts a process group, "- GROUP" when that group is gone,
and "database FOLDER" for an embedded server. When the supervisor ends, by
whatever signal, the input ends too: every group still listed is killed and
the database is stopped. Without it, killing a q2 parent leaves its children
serving jobs unnoticed (F2). This works alike on Linux and macOS.
"""

import contextlib
import os
import signal
import sys
from pathlib import Path


def main() -> None:
    """Follow the supervisor's lines until they end, then clean up."""
    # Signals meant for the supervisor reach this process too; only the end of the input counts.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    database = ""
    for line in sys.stdin:
        word, _, value = line.rstrip("\n").partition(" ")
        if word == "+":
            groups.add(int(value))
        elif word == "-":
            groups.discard(int(value))
        elif word == "database":
            database = value
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    if database:
        from config import embedded

        embedded.stop(Path(database))


if __name__ == "__main__":
    main()
