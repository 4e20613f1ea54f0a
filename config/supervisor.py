"""Keeps the processes of one machine alive: the web server and the two job clusters.

`python -m config.supervisor [web] [workers]` runs in the foreground until
SIGTERM, SIGINT or SIGHUP. Every child leads a process group of its own, and
whatever ends the child ends the group: killing only the parent of a q2
cluster leaves its workers alive and executing (F2).
"""

import argparse
import signal
import time
from collections.abc import Callable
from types import FrameType

from config.processes import Child, Guard, say, web, worker

TICK = 0.25


class Supervisor:
    """Starts children, restarts the fallen, kills the stalled, stops them all."""

    def __init__(self, children: list[Child], guard: Guard, *, watch: Callable[[list[Child]], None]) -> None:
        """`watch` is called each second with the children and kills those that stall."""
        self.children = children
        self.guard = guard
        self._watch = watch
        self._stopping = False

    def request_stop(self, number: int = 0, frame: FrameType | None = None) -> None:
        """Leave run() soon; fit to be a signal handler."""
        self._stopping = True

    def run(self, *, until: Callable[[], bool] = lambda: False) -> bool:
        """Supervise until asked to stop (False) or until `until()` holds (True)."""
        next_watch = 0.0
        while not self._stopping:
            if until():
                return True
            self.guard.check()
            for child in self.children:
                self._revive(child)
            if time.monotonic() >= next_watch:
                self._watch(self.children)
                next_watch = time.monotonic() + 1
            time.sleep(TICK)
        return False

    def stop(self) -> None:
        """End every child: politely, then after its grace by force."""
        for child in self.children:
            child.ask_to_stop()
        asked = time.monotonic()
        while alive := [child for child in self.children if child.process]:
            for child in alive:
                late = time.monotonic() - asked > child.grace
                if late and not child.ended:
                    say(f"{child.name} did not stop within {child.grace:.0f} s and is killed")
                if late or child.ended:
                    child.bury(self.guard)
            time.sleep(0.05)

    def _revive(self, child: Child) -> None:
        if child.ended:
            child.bury(self.guard)
            pause = child.again_at - time.monotonic()
            say(f"{child.name} ended with {child.code}; it starts again in {pause:.1f} s")
        if child.process is None and time.monotonic() >= child.again_at:
            child.start(self.guard)


def handle_signals(supervisor: Supervisor) -> None:
    """Let Ctrl-C, SIGTERM and a closed terminal end run()."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, supervisor.request_stop)


def main() -> None:
    """The command line: supervise for good, as systemd or a container starts it."""
    parser = argparse.ArgumentParser(prog="python -m config.supervisor", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=["web", "workers"], default=["web", "workers"])
    parts = parser.parse_args().parts
    # Only now, because the settings it reads refuse to load without their variables.
    from config import watchdog

    eye = watchdog.Watchdog()
    children = [web()] if "web" in parts else []
    if "workers" in parts:
        children += [worker(queue) for queue in watchdog.queues()]
    supervisor = Supervisor(children, Guard(), watch=eye.look)
    handle_signals(supervisor)
    supervisor.run()
    supervisor.stop()
    supervisor.guard.dismiss()


if __name__ == "__main__":
    main()
