"""One ticket among 5,000 workers: facts gathered, filtered, scored, ranked, beside plain reads of the rows.

Run inside the production environment of `bench.place` (`python -m bench.suggestion`); `measure`
starts it so and hands back what it found.
"""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from bench.timing import Timing, hand_back, measured

NAME = "suggestion"
WORKERS, ROUNDS = 5_000, 15
# Every worker serves the ticket's estate; so many hold the trade that it asks for.
SOME, ALL = 8, 1
GOAL_SECONDS = 0.05

# The same people by the same filters and two of the six parts of the score, sorted where they lie.
SORTED = """
SELECT worker.id, person.full_name, coalesce(hands.load, 0)::float / worker.capacity AS taken,
       record.fixed, record.followed_up
  FROM dispatch_worker worker
  JOIN accounts_user person ON person.id = worker.user_id AND person.is_active
  JOIN dispatch_skill skill ON skill.worker_id = worker.id AND skill.trade_id = ANY(%s)
  LEFT JOIN dispatch_trackrecord record ON record.worker_id = worker.id
  LEFT JOIN (SELECT handler_id, count(*) AS load FROM tickets_ticket
              WHERE handler_id IS NOT NULL AND status IN ('dispatched', 'accepted', 'scheduled', 'surveying',
                    'plan_review', 'owner_consent', 'repairing') GROUP BY handler_id) hands
    ON hands.handler_id = worker.user_id
 WHERE worker.on_duty AND coalesce(hands.load, 0) < worker.capacity
 ORDER BY worker.area_id, taken, worker.id"""
TUPLES = """
SELECT worker.id, worker.user_id, person.full_name, worker.area_id, worker.employer, worker.grade,
       worker.capacity, worker.on_duty
  FROM dispatch_worker worker JOIN accounts_user person ON person.id = worker.user_id"""


def measure(url: str) -> list[Timing]:
    """Measure in a process of its own on this database, and print a line for each timing."""
    return measured("bench.suggestion", url, name=NAME, found="can go")


def main() -> None:
    """Inside: hire 5,000 people, then measure; the last line of the output is JSON."""
    import django

    django.setup()
    from django.db import connection
    from django.utils.timezone import now

    from dispatch import facts
    from tickets.models import Ticket

    at = now()
    tickets = Ticket.objects.filter(status="in_review", fault__isnull=False, unit__isnull=False)
    ticket = tickets.select_related("estate__area", "fault").order_by("pk").first()
    trade = hire(ticket, at)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")

    def suggested() -> int:
        return len(facts.suggestion_for(Ticket.objects.get(pk=ticket.pk), at=at).ranked)

    found = []
    for share, label in ((SOME, "one of eight has the trade"), (ALL, "all have the trade")):
        teach(trade, share)
        found += [
            timed(f"5,000 workers, {label}", suggested, GOAL_SECONDS if share == SOME else None),
            timed("yardstick: the same filters and a sort in SQL", reading(SORTED, [[trade]])),
            timed("yardstick: 5,000 rows as plain tuples", reading(TUPLES)),
        ]
    hand_back(found)


def reading(statement: str, values: Sequence[object] = ()) -> Callable[[], int]:
    """Read what a statement gives, as plain tuples."""
    from django.db import connection

    def read() -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return len(cursor.fetchall())

    return read


def timed(label: str, run: Callable[[], int], goal: float | None = None) -> Timing:
    """The median of the rounds, after two to warm up."""
    number, seconds = 0, []
    for turn in range(ROUNDS + 2):
        begun = time.perf_counter()
        number = run()
        if turn > 1:
            seconds.append(time.perf_counter() - begun)
    return Timing(label, number, seconds, goal)


def hire(ticket, at) -> int:
    """5,000 workers who serve the ticket's estate, rostered; the trade that it asks for."""
    from django.utils.timezone import localdate

    from accounts.models import User
    from dispatch import records
    from dispatch.models import RosterCell, ShiftKind, Worker
    from estates.models import Area

    areas = list(Area.objects.order_by("pk"))
    users = User.objects.bulk_create(
        User(username=f"hand{number}", full_name=f"师傅{number}", password="!") for number in range(WORKERS)
    )
    User.estates.through.objects.bulk_create(
        User.estates.through(user_id=user.pk, estate_id=ticket.estate_id) for user in users
    )
    workers = Worker.objects.bulk_create(
        Worker(
            user=user,
            area=areas[number % len(areas)],
            grade=1 + number % 3,
            employer=("own", "own", "own", "contractor", "third_party")[number % 5],
            on_duty=number % 7 != 0,
        )
        for number, user in enumerate(users)
    )
    planner = User.objects.get(username="dispatcher")
    day_shift = ShiftKind.objects.filter(starts_at__isnull=False, standby=False).order_by("starts_at").first()
    today = localdate(at)
    RosterCell.objects.bulk_create(
        RosterCell(
            worker=each, day=today + timedelta(days=ahead), kind=day_shift, changed_by=planner, changed_at=at
        )
        for number, each in enumerate(workers)
        if number % 2
        for ahead in (-1, 0, 1)
    )
    records.count(at=at)
    return ticket.fault.trades.order_by("pk").first().pk


def teach(trade: int, share: int) -> None:
    """Give the trade to one of so many workers; the others get another one."""
    from django.db import connection

    from dispatch.models import Skill, Worker
    from knowledge.models import Trade

    other = Trade.objects.exclude(pk=trade).order_by("pk").first()
    Skill.objects.filter(worker__user__username__startswith="hand").delete()
    Skill.objects.bulk_create(
        Skill(worker_id=pk, trade_id=other.pk if number % share else trade, certificate="D-1")
        for number, pk in enumerate(Worker.objects.order_by("pk").values_list("pk", flat=True))
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE dispatch_skill")


if __name__ == "__main__":
    main()
