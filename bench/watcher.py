"""The minute watcher among 100,000 open clocks: a pass with a usual minute's work, and after a stop of hours.

Run inside the production environment of `bench.place` (`python -m bench.watcher`); `measure`
starts it so and hands back what it found.
"""

import multiprocessing
import time
from collections.abc import Callable

from bench.timing import Timing, hand_back, measured

NAME = "minute watcher"
OPEN, ROUNDS = 100_000, 3
# Five moments each over two days: so many come due in a minute. And what a stop of hours leaves.
MINUTE, BACKLOG = 200, 1_000
GOAL_SECONDS = 1.0

# Late rounds, so that nothing else reads these clocks.
FILL = """
INSERT INTO tickets_clock (ticket_id, kind, round, started_at, due_at, paused_seconds, limit_minutes, rule,
    looks, told, next_look_at)
SELECT id, 'complete', late, now(), now() + interval '9 days', 0, 12960, 'complete',
       ARRAY[now() + interval '8 days'], 0, now() + interval '8 days'
  FROM tickets_ticket CROSS JOIN generate_series(90, 900) AS late ORDER BY late, id LIMIT %s"""
# Each round has limits of its own, or the outbox would know its messages already.
DUE = """
UPDATE tickets_clock SET told = 0, breached_at = NULL, due_at = now() - make_interval(mins => %s, secs => %s),
    looks = (SELECT array_agg(now() - make_interval(secs => 9 - place)) FROM generate_series(1, %s) AS place)
         || CASE WHEN %s < 5 THEN ARRAY[now() + interval '1 day'] ELSE '{}' END,
    next_look_at = now() - interval '8 seconds'
 WHERE id IN (SELECT id FROM tickets_clock WHERE round >= 90 ORDER BY id LIMIT %s)"""


def measure(url: str) -> list[Timing]:
    """Measure in a process of its own on this database, and print a line for each timing."""
    return measured("bench.watcher", url, name=NAME, found="told")


def main() -> None:
    """Inside: fill the table, then measure; the last line of the output is JSON."""
    import django

    django.setup()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE tickets_clock SET next_look_at = NULL WHERE next_look_at IS NOT NULL")
        cursor.execute(FILL, [OPEN])
        cursor.execute("VACUUM ANALYZE tickets_clock")
    found = [
        _timed("nothing due", 0, lambda number: _look(1), goal=GOAL_SECONDS),
        _timed(
            "a minute's work, 1 worker",
            MINUTE,
            lambda number: _after(number, MINUTE, 2, 1),
            goal=GOAL_SECONDS,
        ),
        _timed(
            "a minute's work, 2 workers",
            MINUTE,
            lambda number: _after(number, MINUTE, 2, 2),
            goal=GOAL_SECONDS,
        ),
        _timed("after a stop of hours, 1 worker", BACKLOG, lambda number: _after(number, BACKLOG, 5, 1)),
        _timed("after a stop of hours, 2 workers", BACKLOG, lambda number: _after(number, BACKLOG, 5, 2)),
        _timed("yardstick: a count over the same index", 0, lambda number: _counted()),
        _timed("yardstick: reading every open clock", 0, lambda number: _read_all()),
    ]
    hand_back(found)


def _timed(
    label: str, clocks: int, run: Callable[[int], tuple[float, int]], goal: float | None = None
) -> Timing:
    run(-1)
    seconds = []
    for number in range(ROUNDS):
        took, told = run(hash((label, number)) % 100_000)
        if told != clocks:
            raise SystemExit(f"{label}: {told} clocks were told of instead of {clocks}")
        seconds.append(took)
    return Timing(label, clocks, seconds, goal)


def _after(number: int, clocks: int, moments: int, workers: int) -> tuple[float, int]:
    """Let so many clocks come due, then let so many workers look."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(DUE, [number % 1440, number % 60, moments, moments, clocks])
        cursor.execute("VACUUM ANALYZE tickets_clock")
    return _look(workers)


def _look(workers: int) -> tuple[float, int]:
    """Seconds until the last of the workers is done, and how many clocks they told of in all."""
    from django.db import connections

    connections.close_all()
    context = multiprocessing.get_context("fork")
    gate, answers = context.Barrier(workers + 1), context.Queue()
    crowd = [context.Process(target=_one, args=[gate, answers]) for _ in range(workers)]
    for each in crowd:
        each.start()
    gate.wait()
    begun = time.perf_counter()
    told = sum(answers.get() for _ in crowd)
    took = time.perf_counter() - begun
    for each in crowd:
        each.join()
    return took, told


def _one(gate, answers) -> None:
    from django.db import connection
    from django.utils.timezone import now

    from notices import wording
    from tickets import watch

    connection.ensure_connection()
    wording.forget()
    gate.wait()
    answers.put(watch.look(now=now()))
    connection.close()


def _counted() -> tuple[float, int]:
    from django.db import connection

    connection.ensure_connection()
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tickets_clock WHERE next_look_at <= now()")
        cursor.fetchone()
    return time.perf_counter() - begun, 0


def _read_all() -> tuple[float, int]:
    """What a watcher would do that has no such moment: read every open clock and look at each."""
    from django.utils.timezone import now

    from tickets.models import Clock

    begun, at = time.perf_counter(), now()
    rows = Clock.objects.filter(stopped_at=None, paused_at=None).values_list("pk", "due_at", "looks", "told")
    due = sum(any(look <= at for look in looks[told:]) for _, _, looks, told in rows)
    return time.perf_counter() - begun, due * 0


if __name__ == "__main__":
    main()
