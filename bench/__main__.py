"""`make bench`: every figure beside its yardsticks; exit code 1 where a goal is missed."""

import argparse
import contextlib
import json
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench import alarms, client, emergency, place, plan, suggestion, watcher
from bench.desk import Desk, rows_by_table
from bench.figures import SEARCH, Figure, all_figures, search_figure
from bench.search import Box

RESULTS = Path(__file__).with_name("results")
HEADINGS = ("figure", "value", "unit", "p50/p95", "yardstick", "its value", "ratio", "goal", "")
LINE = "{:<24}{:>8}  {:<6}{:>14}  {:<14}{:>10}{:>7}  {:<18}{}"


def main() -> None:
    """Measure and print; results are also kept as JSON in bench/results/."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4, help="length of each run")
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--only", default="", help="figures whose name holds this word")
    options = parser.parse_args()
    cores = place.keep_to_two_cores()
    print(f"{cores} cores, {options.rounds} rounds of {options.seconds:g} s each")
    figures: list[Figure] = []
    desk, written, lost = None, {}, 0
    with contextlib.ExitStack() as stack:
        if not options.only or (options.only not in SEARCH and options.only not in plan.NAME):
            desk, written, figures = at_the_desk(stack, options)
        if options.only in SEARCH:
            figures.append(over_a_million(stack))
        measure(figures, options.rounds, options.seconds)
        watched = watcher.measure(desk.url) if desk and options.only in watcher.NAME else []
        suggested = suggestion.measure(desk.url) if desk and options.only in suggestion.NAME else []
        flood = alarms.measure(desk) if desk and options.only in alarms.NAME else None
        # It changes the levels of open tickets: after all that reads them.
        storm = emergency.measure(desk) if desk and options.only in emergency.NAME else []
        if desk:
            lost = desk.lost()
    passed = [report(figure) for figure in figures]
    passed += [each.reached for each in (*watched, *suggested, *storm)]
    passed += [flood.reached] if flood else []
    planned = plan.measure() if options.only in plan.NAME else []
    passed += [each.reached for each in planned]
    if desk:
        print(f"{len(desk.registered)} registrations acknowledged, {lost} of them missing in the database")
    keep(figures, options, written, lost, watched, suggested, flood, storm, planned)
    sys.exit(not all(passed) or lost > 0)


def at_the_desk(
    stack: contextlib.ExitStack, options: argparse.Namespace
) -> tuple[Desk, dict[str, int], list[Figure]]:
    """Somebody at the desk of a house with so many tickets, what one registration writes, and the figures."""
    url = stack.enter_context(place.database(options.tickets))
    ours, plain = stack.enter_context(place.servers(url))
    desk = Desk(ours, url)
    desk.sign_in()
    written = rows_of_one(desk)
    rows = sum(written.values())
    inserted = ", ".join(f"{n} {t}" for t, n in written.items())
    print(f"{options.tickets} tickets; one registration inserts {rows} rows: {inserted}")
    figures = [each for each in all_figures(desk, plain, url, rows) if options.only in each.name]
    return desk, written, figures


def over_a_million(stack: contextlib.ExitStack) -> Figure:
    """The search box of a house with a million owners and a million tickets."""
    url = stack.enter_context(place.million())
    address = stack.enter_context(place.server(url))
    return search_figure(Box(address, url), address)


def rows_of_one(desk: Desk) -> dict[str, int]:
    """How many rows one registration inserts, by table: counted, not assumed."""
    before = rows_by_table(desk.url)
    many = 20
    act = client.asking(desk.address, desk.register, desk.acknowledged)()
    for _ in range(many):
        act()
    added = rows_by_table(desk.url) - before
    return {name: round(number / many) for name, number in added.items()}


def measure(figures: Sequence[Figure], rounds: int, seconds: float) -> None:
    """All rounds; figures take turns, so that a slow minute falls on each alike."""
    for figure in figures:
        figure.warm_up()
    for number in range(rounds):
        for figure in figures:
            print(f"\rround {number + 1}: {figure.name}          ", end="", file=sys.stderr, flush=True)
            figure.measure(seconds)
    print("\r" + " " * 50, end="\r", file=sys.stderr)
    print(LINE.format(*HEADINGS))


def report(figure: Figure) -> bool:
    """One line for each yardstick; False where a goal is missed."""
    reached = []
    for number, name in enumerate(figure.yardsticks):
        met = figure.is_reached(name)
        reached.append(met is not False)
        goals = [f"{figure.goal_rate:g}/s"] if figure.goal_rate and not number else []
        goals += [f"p95 {figure.goal_ms:g} ms"] if figure.goal_ms and not number else []
        goals += [f"ratio {figure.goal_ratios[name]:g}"] if name in figure.goal_ratios else []
        print(
            LINE.format(
                f"{figure.name}, c={figure.concurrency}",
                f"{figure.rate:.1f}",
                "/s",
                f"{figure.latency_ms(0.5):.0f}/{figure.latency_ms(0.95):.0f} ms",
                name,
                f"{figure.yardstick_rate(name):.1f}",
                f"{figure.ratio(name):.2f}",
                " ".join(goals) or "-",
                {None: "", True: "ok", False: "RED"}[met],
            )
        )
    return all(reached)


def keep(
    figures: Sequence[Figure],
    options: argparse.Namespace,
    written: dict[str, int],
    lost: int,
    watched: Sequence[watcher.Timing],
    suggested: Sequence[suggestion.Timing],
    flood: alarms.Flood | None,
    storm: Sequence[emergency.Part],
    planned: Sequence[plan.Timing],
) -> None:
    """Everything that was measured, for comparing runs."""
    RESULTS.mkdir(exist_ok=True)
    at = datetime.now(UTC)
    content = {
        "at": at.isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "options": vars(options),
        "rows_of_one_registration": written,
        "lost": lost,
        "watcher": {each.label: [round(seconds, 4) for seconds in each.seconds] for each in watched},
        "suggestion": {each.label: [round(seconds, 4) for seconds in each.seconds] for each in suggested},
        "sensor_flood": flood.kept() if flood else None,
        "emergency": [each.kept() for each in storm],
        "day_plan": [asdict(each) for each in planned],
        "figures": [
            {
                "name": figure.name,
                "concurrency": figure.concurrency,
                "rate": round(figure.rate, 1),
                "p50_ms": round(figure.latency_ms(0.5), 1),
                "p95_ms": round(figure.latency_ms(0.95), 1),
                "ratios": {name: round(figure.ratio(name), 3) for name in figure.yardsticks},
                "rounds": [
                    {name: round(run.rate, 1) for name, run in each.items()} for each in figure.rounds
                ],
            }
            for figure in figures
        ],
    }
    path = RESULTS / f"{at:%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
