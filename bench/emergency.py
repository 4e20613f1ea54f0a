"""An emergency over 2,000 open tickets: paused and taken up again, while two people read (DI-09).

`measure` runs it against the production server; `python -m bench.emergency` is the other half, which
starts, works and ends as two job workers do: it waits for a word on its input before each part.
"""

import json
import multiprocessing
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from tempfile import gettempdir

from bench import place, raw
from bench.client import Connection
from bench.desk import Desk, rows_by_table, shows
from bench.session import Session

NAME = "emergency"
TICKETS, BATCHES, READERS, QUIET = 2_000, 80, 2, 10
GOAL_SECONDS, GOAL_MS = 30.0, 1_000
# Exactly so many tickets that nobody has gone to may wait; the others are too urgent.
CHOOSE = """
WITH open_ones AS (SELECT id, row_number() OVER (ORDER BY status IN ('plan_review', 'owner_consent'), id)
                              AS place
                     FROM tickets_ticket
                    WHERE status IN ('registered', 'in_review', 'dispatched', 'accepted', 'scheduled',
                                     'plan_review', 'owner_consent'))
UPDATE tickets_ticket ticket SET level = CASE WHEN place <= %s THEN 3 ELSE 2 END
  FROM open_ones WHERE open_ones.id = ticket.id"""


@dataclass(frozen=True)
class Part:
    """Pausing or resuming: its seconds, tickets, owners told, rows written, and what readers felt."""

    label: str
    answered: float
    seconds: float
    tickets: int
    owners: int
    rows: int
    raw_seconds: float
    p95_ms: float
    quiet_p95_ms: float

    @property
    def reached(self) -> bool:
        """Whether every ticket was moved in time and the readers were served."""
        return self.tickets == TICKETS and self.seconds < GOAL_SECONDS and self.p95_ms < GOAL_MS

    def kept(self) -> dict[str, object]:
        """For the file of results."""
        return {
            name: round(each, 2) if isinstance(each, float) else each for name, each in vars(self).items()
        }


def measure(desk: Desk) -> list[Part]:
    """Start and end an emergency, with two people at the desk; prints a line for each part."""
    command = [sys.executable, "-m", "bench.emergency"]
    environment = place.production(desk.url, Path(gettempdir()))
    with subprocess.Popen(
        command, cwd=place.ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as house:
        pk = _next(house)["pk"]
        reader = _Reader(desk, pk)
        with reader.reading():
            time.sleep(QUIET)
        quiet = reader.p95_ms()
        found = [_part(desk, house, reader, label, quiet) for label in ("pause", "resume")]
    for each in found:
        _print(each)
    return found


def _next(house: subprocess.Popen) -> dict:
    assert house.stdout
    line = house.stdout.readline()
    while line and not line.startswith("{"):
        line = house.stdout.readline()
    if not line:
        raise SystemExit(f"{NAME}: the other half ended with {house.wait()}")
    return json.loads(line)


def _part(desk: Desk, house: subprocess.Popen, reader: "_Reader", label: str, quiet: float) -> Part:
    before = rows_by_table(desk.url)
    assert house.stdin
    with reader.reading():
        house.stdin.write("go\n")
        house.stdin.flush()
        said = _next(house)
    rows = sum((rows_by_table(desk.url) - before).values())
    felt = {"p95_ms": reader.p95_ms(), "quiet_p95_ms": quiet}
    return Part(label=label, rows=rows, raw_seconds=_raw(desk.url, rows), **felt, **said)


def _raw(url: str, rows: int) -> float:
    """Seconds for as many rows by single inserts, in as many transactions, through psycopg alone."""
    act = raw.inserting(url, rows // BATCHES)()
    begun = time.perf_counter()
    for _ in range(BATCHES):
        act()
    return time.perf_counter() - begun


class _Reader:
    """Two people who read by turns the page of the emergency, the list and pages of tickets."""

    def __init__(self, desk: Desk, pk: int):
        self.desk, self.path = desk, f"/dispatch/emergency/{pk}/"
        self.session = Session(desk.address)
        self.session.sign_in("commander")
        self.seconds: list[float] = []

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read while the block runs; `p95_ms` tells of it afterwards."""
        self.seconds, stop = [], threading.Event()
        crowd = [threading.Thread(target=self._read, args=[number, stop]) for number in range(READERS)]
        for each in crowd:
            each.start()
        try:
            yield
        finally:
            stop.set()
            for each in crowd:
                each.join()

    def p95_ms(self) -> float:
        """What 95 of 100 answers kept."""
        return quantiles(self.seconds, n=20)[-1] * 1000

    def _read(self, number: int, stop: threading.Event) -> None:
        connection = Connection(self.desk.address)
        pages: list[tuple[Callable[[int], bytes], Callable]] = [
            (lambda n: self.session.message("GET", self.path), shows("应急".encode(), 1)),
            (self.desk.list_page, shows(b"data-row", 50)),
            (self.desk.ticket_page, shows("经过".encode(), 1)),
        ]
        while not stop.is_set():
            request, check = pages[number % len(pages)]
            begun = time.perf_counter()
            check(connection.ask(request(number)))
            self.seconds.append(time.perf_counter() - begun)
            number += 1
        connection.close()


def _print(part: Part) -> None:
    took = f"{part.seconds:.1f} s, the button answered in {part.answered:.2f} s"
    print(f"{NAME}, {part.label} {part.tickets}: {took}; {part.owners} owners told, {part.rows} rows")
    ratio = f"{part.seconds / part.raw_seconds:.1f} times raw inserts of as many ({part.raw_seconds:.1f} s)"
    pages = f"pages p95 {part.p95_ms:.0f} ms ({part.quiet_p95_ms:.0f} ms before)"
    goals = f"goal < {GOAL_SECONDS:g} s and < {GOAL_MS} ms"
    print(f"  {ratio}; {pages}  {goals}  {'ok' if part.reached else 'RED'}")


def main() -> None:
    """Lay out 2,000 tickets and a started emergency's plan; then pause and resume, each on a word."""
    import django

    django.setup()
    from django.db import connection
    from django.utils.timezone import now

    from dispatch.emergency import activation as verbs
    from dispatch.emergency import holds
    from dispatch.models import Activation

    with connection.cursor() as cursor:
        cursor.execute(CHOOSE, [TICKETS])
        cursor.execute("VACUUM ANALYZE")
    facts, by = _facts(now())
    drill = verbs.start(facts=facts(True), by=by, at=now())
    print(json.dumps({"pk": drill.pk}), flush=True)
    started: list[Activation] = []

    def start() -> int:
        started.append(verbs.start(facts=facts(False), by=by, at=now()))
        return started[0].pk

    def end() -> int:
        verbs.end(activation=started[0], reason="风停了", by=by, at=now())
        return started[0].pk

    for act in (start, end):
        sys.stdin.readline()
        print(json.dumps(_worked(act, len(holds.HELPERS))), flush=True)


def _facts(at):
    """What a start says, for a drill or not, and who may say it."""
    import os
    from datetime import timedelta

    from accounts.services import create_staff
    from dispatch.emergency.activation import Start
    from dispatch.models import EmergencyPlan
    from estates.models import Estate

    estates = list(Estate.objects.all())
    by = create_staff(
        username="commander",
        full_name="压测指挥",
        password=os.environ["BENCH_PASSWORD"],
        roles=["manager"],
        estates=estates,
        phone="13910090009",
    )
    plan = EmergencyPlan.objects.create(code="bench", name="压测台风", words="请关好门窗。")

    def facts(drill: bool) -> Start:
        return Start(plan, estates, at + timedelta(days=1), "台风红色预警", by, drill=drill)

    return facts, by


def _worked(act: Callable[[], int], workers: int) -> dict[str, object]:
    """Press the button, then work as so many job workers until nothing is left; what came of it."""
    from django.db import connections

    from dispatch.emergency import telling
    from dispatch.models import Activation, Held
    from notices.models import Message

    begun = time.perf_counter()
    pk = act()
    answered = time.perf_counter() - begun
    connections.close_all()
    crowd = [multiprocessing.get_context("fork").Process(target=_work, args=[pk]) for _ in range(workers)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    seconds = time.perf_counter() - begun
    over = Activation.objects.get(pk=pk).state == Activation.State.ENDED
    state = Held.State.RESUMED if over else Held.State.PAUSED
    template = telling.LET_GO if over else telling.PAUSED
    return {
        "answered": answered,
        "seconds": seconds,
        "tickets": Held.objects.filter(activation=pk, state=state).count(),
        "owners": Message.objects.filter(key__startswith=f"emergency:{pk}:", template=template).count(),
    }


def _work(pk: int) -> None:
    from django.db import connection
    from django.utils.timezone import now

    from dispatch.emergency import beat

    while beat.work(pk, at=now()):
        pass
    connection.close()


if __name__ == "__main__":
    main()
