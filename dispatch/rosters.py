"""Who is on duty: the roster of the week, leave, and what a dispatcher is told about it (DI-08).

A worker without a cell in a week is not rostered in it: `Worker.on_duty` speaks then. Leave
beats the roster. Days are days in Shanghai.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db.models import Count, Max, Q
from django.utils.timezone import localdate

from dispatch.models import Leave, RosterCell, ShiftKind, Worker
from tickets.calendars import SHANGHAI

DAY = timedelta(days=1)
NOON = time(12)


@dataclass(frozen=True)
class Duty:
    """Whether a worker is there, in words, and until when that holds (None: not known).

    `standby` is a shift of 值班备勤: there for emergencies, not for ordinary jobs.
    """

    on: bool
    words: str
    until: datetime | None = None
    standby: bool = False


class Cells(NamedTuple):
    """The kinds of a worker's cells of yesterday and today; whether the week has any cell."""

    yesterday: ShiftKind | None = None
    today: ShiftKind | None = None
    in_week: bool = False


def monday_of(day: date) -> date:
    """The Monday of the week of this day."""
    return day - timedelta(days=day.weekday())


def shift_times(kind: ShiftKind, day: date) -> tuple[datetime, datetime]:
    """When a shift of this day begins and ends, half-open; a rest has no times and raises ValueError."""
    if kind.starts_at is None or kind.ends_at is None:
        raise ValueError("a rest has no hours")
    start = datetime.combine(day, kind.starts_at, SHANGHAI)
    return start, datetime.combine(day + DAY if kind.overnight else day, kind.ends_at, SHANGHAI)


def duty_of(workers: Sequence[Worker], *, at: datetime) -> dict[int, Duty]:
    """The duty of each of these workers at this moment, by the worker's key, in three queries (DI-08)."""
    keys = [each.pk for each in workers]
    ends = _leave_ends(keys, at)
    cells = _cells(keys, localdate(at, SHANGHAI))
    return {
        each.pk: duty_from(cells.get(each.pk, Cells()), fallback=each.on_duty, leave=ends.get(each.pk), at=at)
        for each in workers
    }


def _leave_ends(keys: Sequence[int], at: datetime) -> dict[int, datetime]:
    leaves = Leave.objects.filter(worker__in=keys, state=Leave.State.APPROVED, span__contains=at)
    return {pk: span.upper for pk, span in leaves.order_by().values_list("worker", "span")}


def _cells(keys: Sequence[int], today: date) -> dict[int, Cells]:
    monday = monday_of(today)
    kinds = ShiftKind.objects.in_bulk()
    rows = (
        RosterCell.objects.filter(worker__in=keys, kind__isnull=False)
        .filter(day__gte=min(monday, today - DAY), day__lt=monday + 7 * DAY)
        .order_by()
        .values_list("worker")
        .annotate(
            # One cell a day: the greatest key is the only one.
            before=Max("kind", filter=Q(day=today - DAY)),
            now=Max("kind", filter=Q(day=today)),
            week=Count("pk", filter=Q(day__gte=monday)),
        )
    )
    return {pk: Cells(kinds.get(before), kinds.get(now), bool(week)) for pk, before, now, week in rows}


def duty_from(cells: Cells, *, fallback: bool, leave: datetime | None, at: datetime) -> Duty:
    """The duty of somebody with these cells, an approved leave until `leave`, and `Worker.on_duty`; pure."""
    if leave is not None:
        return Duty(on=False, words=leave_words(leave), until=leave)
    today = localdate(at, SHANGHAI)
    for kind, day in ((cells.today, today), (cells.yesterday, today - DAY)):
        if kind is None or kind.is_rest:
            continue
        start, end = shift_times(kind, day)
        if start <= at < end:
            return Duty(on=True, words=f"{kind.name} {kind.hours}", until=end, standby=kind.standby)
    if not cells.in_week:
        return Duty(on=fallback, words="当班" if fallback else "未当班")
    return _off(cells.today, today, at)


def _off(kind: ShiftKind | None, today: date, at: datetime) -> Duty:
    midnight = datetime.combine(today + DAY, time.min, SHANGHAI)
    if kind is None:
        return Duty(on=False, words="今日未排班", until=midnight)
    if kind.is_rest:
        return Duty(on=False, words=f"今日{kind.name}", until=midnight)
    start, _ = shift_times(kind, today)
    shift = f"{kind.name} {kind.hours}"
    if at < start:
        return Duty(on=False, words=f"{shift}，未到上班时间", until=start)
    return Duty(on=False, words=f"{shift}，已下班", until=midnight)


def leave_words(end: datetime) -> str:
    """请假至11月28日: the last day that the leave touches; half-open `end`."""
    last = (end - timedelta(seconds=1)).astimezone(SHANGHAI)
    half = "上午" if end.astimezone(SHANGHAI).time() == NOON else ""
    return f"请假至{last.month}月{last.day}日{half}"


def hands(workers: Sequence[Worker], days: Sequence[date]) -> dict[tuple[int, date], bool | None]:
    """Whether each worker does ordinary jobs on each day; None where their week has no roster (SL-08).

    Standby and rest are no hands; leave over noon takes the day, rostered or not.
    """
    keys = [each.pk for each in workers]
    first, last = monday_of(min(days)), monday_of(max(days)) + 6 * DAY
    rows = RosterCell.objects.filter(worker__in=keys, kind__isnull=False, day__range=(first, last))
    kinds = {kind.pk: kind for kind in ShiftKind.objects.all()}
    cells = {(pk, day): kinds[kind] for pk, day, kind in rows.order_by().values_list("worker", "day", "kind")}
    weeks = {(pk, monday_of(day)) for pk, day in cells}
    away = away_days(keys, days)
    found: dict[tuple[int, date], bool | None] = {}
    for pk in keys:
        for day in days:
            kind = cells.get((pk, day))
            works = kind is not None and not kind.is_rest and not kind.standby
            known = works if (pk, monday_of(day)) in weeks else None
            found[pk, day] = False if (pk, day) in away else known
    return found


def away_days(keys: Sequence[int], days: Sequence[date]) -> Mapping[tuple[int, date], datetime]:
    """By (worker, day) the end of an approved leave that holds at noon of that day."""
    noons = {day: datetime.combine(day, NOON, SHANGHAI) for day in days}
    if not noons:
        return {}
    leaves = Leave.objects.filter(worker__in=keys, state=Leave.State.APPROVED).filter(
        span__overlap=(min(noons.values()), max(noons.values()) + DAY)
    )
    return {
        (pk, day): span.upper
        for pk, span in leaves.order_by().values_list("worker", "span")
        for day, noon in noons.items()
        # Half a day in the morning ends at noon: the afternoon is worked.
        if span.lower <= noon < span.upper
    }
