"""Writes the roster: cells one by one, or last week over the empty ones of this (DI-08).

Every cell has a version. Whoever saves names the version they saw; a cell that somebody else has
changed meanwhile stays as it is and comes back as a clash.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.models import User
from core.db import joined
from dispatch.models import RosterCell, ShiftKind, Worker
from dispatch.rosters import DAY

WEEK = 7 * DAY


@dataclass(frozen=True)
class Change:
    """What somebody typed into a cell whose version they saw; None empties it."""

    worker_id: int
    day: date
    seen: int
    kind: ShiftKind | None


@dataclass(frozen=True)
class Clash:
    """A cell that another person changed since it was seen: what they put there, and what was typed."""

    cell: RosterCell
    typed: ShiftKind | None

    @property
    def words(self) -> str:
        """张强11月26日：王主管已改为中班，您填的是早班。"""
        day, kind = self.cell.day, self.cell.kind
        theirs = f"改为{kind.name}" if kind else "清空"
        mine = self.typed.name if self.typed else "清空"
        who, other = self.cell.worker, self.cell.changed_by.full_name
        return f"{who}{day.month}月{day.day}日：{other}已{theirs}，您填的是{mine}。"


@joined
def save(*, changes: Sequence[Change], by: User, at: datetime) -> tuple[int, list[Clash]]:
    """Write the changes; how many cells changed, and those that somebody else changed first."""
    blank = [
        RosterCell(worker_id=each.worker_id, day=each.day, version=0, changed_by=by, changed_at=at)
        for each in changes
    ]
    # An empty row to lock where there is none: two who fill the same cell wait for each other.
    RosterCell.objects.bulk_create(blank, ignore_conflicts=True)
    rows = _locked(changes)
    written, clashes = [], []
    for each in changes:
        row = rows[each.worker_id, each.day]
        if row.kind_id == (each.kind.pk if each.kind else None):
            continue
        if row.version != each.seen:
            clashes.append(Clash(row, each.kind))
            continue
        row.kind, row.version, row.changed_by, row.changed_at = each.kind, row.version + 1, by, at
        written.append(row)
    RosterCell.objects.bulk_update(written, ["kind", "version", "changed_by", "changed_at"])
    return len(written), clashes


def _locked(changes: Sequence[Change]) -> dict[tuple[int, date], RosterCell]:
    rows = (
        RosterCell.objects.filter(
            worker__in={each.worker_id for each in changes}, day__in={each.day for each in changes}
        )
        .select_related("kind", "changed_by", "worker__user")
        .order_by("pk")
        .select_for_update(of=("self",))
    )
    return {(row.worker_id, row.day): row for row in rows}


@joined
def copy_week(*, workers: Sequence[Worker], monday: date, by: User, at: datetime) -> int:
    """Put the week before into the empty cells of this week; how many cells were filled."""
    keys = [each.pk for each in workers]
    before = RosterCell.objects.filter(
        worker__in=keys, day__gte=monday - WEEK, day__lt=monday, kind__isnull=False, kind__active=True
    ).select_related("kind")
    now = RosterCell.objects.filter(worker__in=keys, day__gte=monday, day__lt=monday + WEEK)
    known = {(row.worker_id, row.day): row for row in now}
    changes = []
    for row in before:
        cell = known.get((row.worker_id, row.day + WEEK))
        if cell is None or cell.kind_id is None:
            changes.append(Change(row.worker_id, row.day + WEEK, cell.version if cell else 0, row.kind))
    written, _ = save(changes=changes, by=by, at=at)
    return written


def days_of(monday: date) -> list[date]:
    """The seven days of a week."""
    return [monday + timedelta(days=number) for number in range(7)]
