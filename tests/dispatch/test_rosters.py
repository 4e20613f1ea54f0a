"""Who is on duty at a moment, by roster, leave and the fallback, and in which words."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dispatch import facts, presets, rosters
from dispatch.models import Leave, RosterCell, ShiftKind, TeamReserve, Worker
from dispatch.rosters import Duty, duty_of
from tests.factories_dispatch import house, registered, staff, worker
from tickets.calendars import SHANGHAI

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-08")]
# A Thursday.
TODAY = date(2026, 11, 26)
YESTERDAY = TODAY - timedelta(days=1)
MIDNIGHT = datetime(2026, 11, 27, tzinfo=SHANGHAI)


@pytest.fixture
def place():
    made = house()
    presets.load()
    return made


def at(hour: int, minute: int = 0, day: date = TODAY) -> datetime:
    return datetime.combine(day, time(hour, minute), SHANGHAI)


def put(worker, day: date, letter: str) -> RosterCell:
    kind = ShiftKind.objects.get(letter=letter)
    return RosterCell.objects.create(
        worker=worker, day=day, kind=kind, changed_by=worker.user, changed_at=at(8)
    )


def away(worker, start: datetime, end: datetime, state: str = "approved") -> Leave:
    return Leave.objects.create(
        worker=worker,
        span=(start, end),
        reason="家里有事",
        state=state,
        asked_at=at(8),
        decided_by=worker.user,
        decided_at=at(9),
    )


def duty(worker, moment: datetime) -> Duty:
    return duty_of([worker], at=moment)[worker.pk]


def test_without_a_roster_in_the_week_the_own_mark_speaks(place):
    off = worker(place.estate, on_duty=False)
    put(place.worker, TODAY - timedelta(days=7), "Z")

    found = duty_of([place.worker, off], at=at(3))

    assert found == {place.worker.pk: Duty(True, "当班"), off.pk: Duty(False, "未当班")}


def test_a_shift_counts_between_its_hours(place):
    put(place.worker, TODAY, "Z")

    found = [duty(place.worker, moment) for moment in (at(7, 59), at(8), at(15, 59), at(16))]

    assert found == [
        Duty(False, "早班 08:00–16:00，未到上班时间", at(8)),
        Duty(True, "早班 08:00–16:00", at(16)),
        Duty(True, "早班 08:00–16:00", at(16)),
        Duty(False, "早班 08:00–16:00，已下班", MIDNIGHT),
    ]


def test_a_night_shift_goes_on_after_midnight(place):
    put(place.worker, YESTERDAY, "N")

    found = [duty(place.worker, moment) for moment in (at(7, 59), at(8))]

    assert found == [Duty(True, "夜班 20:00–08:00", at(8)), Duty(False, "今日未排班", MIDNIGHT)]


def test_a_sunday_night_reaches_into_a_week_without_a_roster(place):
    monday = date(2026, 11, 30)
    put(place.worker, monday - timedelta(days=1), "N")

    found = [duty(place.worker, moment) for moment in (at(2, day=monday), at(9, day=monday))]

    assert found == [Duty(True, "夜班 20:00–08:00", at(8, day=monday)), Duty(True, "当班")]


def test_a_rest_and_an_empty_day_are_told_apart(place):
    put(place.worker, TODAY, "X")
    put(place.worker, TODAY + timedelta(days=2), "Z")
    tomorrow = TODAY + timedelta(days=1)

    found = [duty(place.worker, at(10)).words, duty(place.worker, at(10, day=tomorrow)).words]

    assert found == ["今日休息", "今日未排班"]


def test_standby_is_on_duty_and_marked(place):
    put(place.worker, TODAY, "B")

    assert duty(place.worker, at(22)) == Duty(
        True, "值班备勤 18:00–08:00", at(32 - 24, day=MIDNIGHT.date()), True
    )


def test_leave_beats_the_roster_and_only_when_approved(place):
    other = worker(place.estate)
    for each in (place.worker, other):
        put(each, TODAY, "Z")
    end = datetime(2026, 11, 29, tzinfo=SHANGHAI)
    away(place.worker, at(0), end)
    away(other, at(0), end, state="asked")

    found = duty_of([place.worker, other], at=at(10))

    assert found[place.worker.pk] == Duty(False, "请假至11月28日", end)
    assert found[other.pk].on is True


def test_a_morning_off_ends_at_noon(place):
    away(place.worker, at(0), at(12))

    assert [duty(place.worker, at(11)).words, duty(place.worker, at(12)).words] == [
        "请假至11月26日上午",
        "当班",
    ]


def test_many_workers_cost_no_more_queries_than_one(place):
    for _ in range(3):
        put(worker(place.estate), TODAY, "Z")
    everybody = list(Worker.objects.all())

    with CaptureQueriesContext(
        connection,
    ) as asked:
        duty_of(everybody, at=at(10))

    assert (len(everybody), len(asked)) == (4, 3)


def test_who_is_not_on_the_roster_is_not_suggested_and_why_is_said(place):
    put(place.worker, TODAY, "X")

    found = facts.suggestion_for(registered(place, at=at(9)), at=at(10))

    assert ([each.name for each in found.ranked], [each.reason for each in found.excluded]) == (
        [],
        ["今日休息"],
    )


@pytest.mark.parametrize(("level", "names"), [(1, ["张大勇"]), (2, []), (3, [])])
def test_standby_goes_to_urgent_tickets_only(place, level, names):
    put(place.worker, YESTERDAY, "B")
    place.fault.default_level = level
    place.fault.save()

    found = facts.suggestion_for(registered(place, at=at(1)), at=at(2))

    assert [each.name for each in found.ranked] == names


@pytest.mark.parametrize(("level", "reasons"), [(1, []), (3, ["已满载 0/1，余下1单留给1级工单"])])
def test_what_a_team_keeps_free_is_for_level_one(place, level, reasons):
    Worker.objects.update(capacity=1)
    TeamReserve.objects.create(area=place.worker.area, reserve=1)
    place.fault.default_level = level
    place.fault.save()

    found = facts.suggestion_for(registered(place, at=at(9)), at=at(10))

    assert [each.reason for each in found.excluded] == reasons


@pytest.mark.row("SL-08")
def test_hands_of_a_week_leave_out_rest_standby_and_leave(place):
    for shift, letter in enumerate("ZXBN"):
        put(place.worker, TODAY + timedelta(days=shift - 3), letter)
    tomorrow = TODAY + timedelta(days=1)
    away(place.worker, at(0), at(0, day=tomorrow))
    days = [TODAY + timedelta(days=number) for number in range(-3, 5)]

    found = rosters.hands([place.worker], days)

    assert [found[place.worker.pk, day] for day in days] == [
        True, False, False, False, False, False, False, None,
    ]  # fmt: skip


def test_a_dispatcher_sees_rosters_of_own_estates_only(place):
    put(place.worker, TODAY, "Z")
    stranger = staff("dispatcher")

    found = [RosterCell.objects.visible_to(user).count() for user in (place.dispatcher, stranger)]

    assert found == [1, 0]
