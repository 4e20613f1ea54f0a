"""A figure of seconds that is taken inside the production environment, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import gettempdir

from bench import place


@dataclass(frozen=True)
class Timing:
    """One line of the figure: seconds of each round, and how many things a round found."""

    label: str
    found: int
    seconds: Sequence[float]
    goal: float | None = None

    @property
    def median(self) -> float:
        return median(self.seconds)

    @property
    def reached(self) -> bool:
        return self.goal is None or self.median < self.goal


def measured(module: str, url: str, *, name: str, found: str) -> list[Timing]:
    """Run the module on this database and print a line for each timing; `found` says what was found."""
    command = [sys.executable, "-m", module]
    environment = place.production(url, Path(gettempdir()))
    answer = subprocess.run(command, cwd=place.ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    timings = [Timing(**each) for each in json.loads(answer.stdout.splitlines()[-1])]
    for each in timings:
        verdict = "" if each.goal is None else "ok" if each.reached else "RED"
        label, took = f"{name}, {each.label}", f"{each.median * 1000:.1f} ms"
        print(f"{label:<62}{took:>10}{each.found:>8} {found:<7}{_words(each.goal):<9}{verdict}")
    return timings


def _words(goal: float | None) -> str:
    if not goal:
        return "-"
    return f"< {goal:g} s" if goal >= 1 else f"< {goal * 1000:g} ms"


def hand_back(timings: Iterable[Timing]) -> None:
    """Inside: the last line of the output, for `measured`."""
    print(json.dumps([asdict(each) for each in timings]))
