"""When an answer is due and when somebody must be told: pure, from the request's own moments (DI-11)."""

from datetime import datetime, timedelta

from tickets.calendars import ALWAYS, Calendar, WorkingHours

DAY = timedelta(days=1)
# Full days behind the deadline after which the supervisor, then the manager is told.
SUPERVISOR_AFTER, MANAGER_AFTER = 1, 3
WORKING_DAY = 9 * 3600


def due(asked_at: datetime, *, limit: int, working: WorkingHours | None) -> datetime:
    """The deadline: so many hours on, or with a calendar of working hours so many working days."""
    if working is None:
        return ALWAYS.add(asked_at, limit * 3600)
    return working.add(asked_at, limit * WORKING_DAY)


def half(asked_at: datetime, due_at: datetime, calendar: Calendar = ALWAYS) -> datetime:
    """The moment at which half the time is gone."""
    return calendar.add(asked_at, calendar.between(asked_at, due_at) / 2)


def days_late(due_at: datetime, at: datetime) -> int:
    """Full days since the deadline; -1 before it."""
    return (at - due_at) // DAY if at >= due_at else -1


def next_look(
    asked_at: datetime, due_at: datetime, *, after: datetime, calendar: Calendar = ALWAYS
) -> datetime:
    """The next moment at which somebody is told: half-time, the deadline, then each day of the delay."""
    for moment in (half(asked_at, due_at, calendar), due_at):
        if moment > after:
            return moment
    return due_at + (days_late(due_at, after) + 1) * DAY


def stage(due_at: datetime, at: datetime) -> str:
    """What has come by now: "half", "due" or "late3"; what passed together in a stop is one stage."""
    days = days_late(due_at, at)
    return "half" if days < 0 else "due" if days == 0 else f"late{days}"


def escalation(due_at: datetime, at: datetime) -> int:
    """How far up it must have been told: 0 nobody, 1 the supervisor, 2 the manager."""
    days = days_late(due_at, at)
    return (days >= SUPERVISOR_AFTER) + (days >= MANAGER_AFTER)
