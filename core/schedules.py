"""Regular work: one list in settings.SCHEDULES, and the rows of django-q2 that follow it (OR-07)."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string
from django_q.models import Schedule

# Names of our rows start with it; other rows are not ours to change.
PREFIX = "fangxiu:"
PAUSED, FOR_EVER = 0, -1


@dataclass(frozen=True)
class Plan:
    """One line of the list: a function without arguments, and when it runs.

    Either `every` (minutes) or `cron` (local time). `cluster` None is the default queue.
    """

    name: str
    label: str
    func: str
    every: int | None = None
    cron: str | None = None
    cluster: str | None = None

    @property
    def row_name(self) -> str:
        return PREFIX + self.name

    def fields(self) -> dict[str, object]:
        """The columns of the plan's row; those that could carry anything else are empty (F6)."""
        return {
            "func": self.func,
            "schedule_type": Schedule.CRON if self.cron else Schedule.MINUTES,
            "minutes": self.every,
            "cron": self.cron,
            "cluster": self.cluster,
            "hook": None,
            "args": None,
            "kwargs": None,
            "intended_date_kwarg": None,
        }


def plans() -> dict[str, Plan]:
    """The list, by the name of the row."""
    return {plan.row_name: plan for plan in import_string(settings.SCHEDULES)}


def plan_of(row: Schedule) -> Plan | None:
    """The plan that this row follows exactly; None for a foreign or a tampered row."""
    plan = plans().get(row.name)
    if plan and all(getattr(row, name) == value for name, value in plan.fields().items()):
        return plan
    return None


@transaction.atomic
def sync(*, at: datetime) -> Counter[str]:
    """Make our rows equal the list and count what was "added", "changed" and "removed".

    A row that was paused in the admin stays paused. "foreign" counts rows of
    unknown origin, which are left alone.
    """
    with connection.cursor() as cursor:
        # Machines that start together would otherwise add every row twice: names are not unique.
        cursor.execute("select pg_advisory_xact_lock(hashtext('fangxiu.schedules'))")
    done: Counter[str] = Counter()
    wanted = plans()
    for row in Schedule.objects.select_for_update().order_by("pk"):
        if not (row.name or "").startswith(PREFIX):
            done["foreign"] += 1
        elif plan := wanted.pop(row.name, None):
            done["changed"] += _follow(row, plan, at)
        else:
            row.delete()
            done["removed"] += 1
    for plan in wanted.values():
        row = Schedule(name=plan.row_name, repeats=FOR_EVER, **plan.fields())
        row.next_run = _first_run(row, at)
        row.save()
        done["added"] += 1
    return done


def _follow(row: Schedule, plan: Plan, at: datetime) -> bool:
    wanted = plan.fields()
    if row.repeats not in {PAUSED, FOR_EVER}:
        wanted["repeats"] = FOR_EVER
    differing = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    for name, value in differing.items():
        setattr(row, name, value)
    if differing.keys() & {"schedule_type", "minutes", "cron"}:
        row.next_run = _first_run(row, at)
    if differing:
        row.save()
    return bool(differing)


def _first_run(row: Schedule, at: datetime) -> datetime:
    # Nightly work waits for its night; work of every minute may begin at once.
    return row.calculate_next_run(at) if row.cron else at
