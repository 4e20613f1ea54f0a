from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from demo.pictures import examined, photo
from dispatch import assign, proposals, punctuality, tasks, visits
from dispatch.models import Visit
from tests.factories_dispatch import accept, house, registered, worker
from tickets import workflow
from tickets.actors import Actor
from tickets.calendars import SHANGHAI
from tickets.models import Ticket, TicketEvent

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 9, 10, tzinfo=SHANGHAI)


def at(hour, minute=0, day=21):
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def accepted(place):
    ticket = registered(place, at=NOW)
    proposal = proposals.ensure(ticket=ticket, at=NOW)
    assign.approve(proposal=proposal, by=place.reviewer, at=NOW)
    return accept(ticket, at=NOW)


def book(place, ticket, start, end, now=NOW):
    return visits.book(ticket=ticket, start=start, end=end, by=Actor.staff(place.worker.user), at=now)


def refused(error, act):
    with pytest.raises(error) as refusal, transaction.atomic():
        act()
    return str(refusal.value)


def status(ticket):
    return Ticket.objects.get(pk=ticket.pk).status


@pytest.mark.row("DI-07")
def test_booking_a_window_tells_it_in_words_and_moves_the_ticket():
    place = house()
    ticket = accepted(place)

    visit = book(place, ticket, at(14), at(16))

    event = TicketEvent.objects.get(ticket=ticket, name="schedule")
    assert (status(ticket), visit.state, visit.worker) == ("scheduled", "booked", place.worker)
    assert event.payload == {
        "window": "11月21日 14:00–16:00",
        "from": "2026-11-21T14:00:00+08:00",
        "until": "2026-11-21T16:00:00+08:00",
    }


@pytest.mark.row("DI-07")
def test_a_taken_window_is_refused_with_who_and_when():
    place = house()
    first, second = accepted(place), accepted(place)
    book(place, first, at(14), at(16))

    message = refused(visits.DoubleBooked, lambda: book(place, second, at(15), at(17)))

    assert message == f"张大勇在 11月21日 14:00–16:00 已有预约（{first.number}），请选择其他时段。"
    assert status(second) == "accepted"


@pytest.mark.row("DI-07")
def test_windows_that_touch_do_not_clash():
    place = house()
    first, second = accepted(place), accepted(place)
    book(place, first, at(14), at(16))

    book(place, second, at(16), at(18))

    assert Visit.objects.filter(state="booked").count() == 2


@pytest.mark.row("DI-07")
def test_the_database_itself_refuses_a_double_booking():
    place = house()
    first, second = accepted(place), accepted(place)
    window = DateTimeTZRange(at(14), at(16))
    Visit.objects.create(ticket=first, worker=place.worker, window=window, created_at=NOW)

    message = refused(
        IntegrityError,
        lambda: Visit.objects.create(ticket=second, worker=place.worker, window=window, created_at=NOW),
    )

    assert "visit_no_double_booking" in message
    assert Visit.objects.count() == 1


@pytest.mark.row("DI-07")
@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (at(16), at(14), "结束时间必须晚于开始时间。"),
        (at(6), at(8), "该时段已经过去或即将结束，请选择之后的时段。"),
        (at(8), at(9, 30), "该时段已经过去或即将结束，请选择之后的时段。"),
        (at(8, day=22), at(21, day=22), "一次预约最长 12 小时。"),
        (at(8) + timedelta(days=200), at(10) + timedelta(days=200), "最多可预约 90 天以内的时段。"),
    ],
)
def test_a_window_that_promises_nothing_is_refused(start, end, words):
    place = house()
    ticket = accepted(place)

    assert refused(visits.BadWindow, lambda: book(place, ticket, start, end)) == words


@pytest.mark.row("DI-07")
def test_a_window_that_has_begun_may_still_be_promised():
    place = house()
    ticket = accepted(place)

    book(place, ticket, at(8), at(10))

    assert status(ticket) == "scheduled"


@pytest.mark.row("DI-07")
def test_moving_keeps_the_old_window_with_the_reason():
    place = house()
    ticket = accepted(place)
    book(place, ticket, at(14), at(16))

    visits.move(
        ticket=ticket,
        start=at(9, day=22),
        end=at(11, day=22),
        reason="业主临时出门",
        by=Actor.staff(place.worker.user),
        at=NOW,
    )

    rows = Visit.objects.order_by("pk").values_list("state", "reason")
    assert list(rows) == [("moved", "业主临时出门"), ("booked", "")]
    event = TicketEvent.objects.get(ticket=ticket, name="reschedule")
    assert (event.reason, event.payload["window"]) == ("业主临时出门", "11月22日 09:00–11:00")


@pytest.mark.row("DI-07")
def test_moving_without_a_reason_keeps_the_window():
    place = house()
    ticket = accepted(place)
    book(place, ticket, at(14), at(16))

    refused(
        workflow.ReasonMissing,
        lambda: visits.move(
            ticket=ticket,
            start=at(16),
            end=at(18),
            reason=" ",
            by=Actor.staff(place.worker.user),
            at=NOW,
        ),
    )

    assert Visit.objects.get().state == "booked"


def test_a_window_may_be_moved_over_its_own_hours():
    place = house()
    ticket = accepted(place)
    book(place, ticket, at(14), at(16))

    visits.move(
        ticket=ticket, start=at(15), end=at(17), reason="堵车", by=Actor.staff(place.worker.user), at=NOW
    )

    assert Visit.objects.get(state="booked").window.lower == at(15)


@pytest.mark.row("DI-07")
@pytest.mark.parametrize(
    ("arrival", "words"),
    [
        (at(13, 54), "早到 6 分钟"),
        (at(13, 55), "准时"),
        (at(14, 30), "准时"),
        (at(16, 0), "准时"),
        (at(16, 12), "迟到 12 分钟"),
    ],
)
def test_arriving_closes_the_visit_and_measures_punctuality(arrival, words):
    place = house()
    ticket = accepted(place)
    book(place, ticket, at(14), at(16))

    visits.arrive(ticket=ticket, photos=examined(photo(1)), by=Actor.staff(place.worker.user), at=arrival)

    visit = Visit.objects.get()
    assert (status(ticket), visit.state, punctuality.words(visit)) == ("surveying", "done", words)


def test_arriving_on_another_day_frees_the_agreed_window():
    place = house()
    first, second = accepted(place), accepted(place)
    book(place, first, at(14, day=22), at(16, day=22))
    visits.arrive(ticket=first, photos=examined(photo(1)), by=Actor.staff(place.worker.user), at=at(15))

    book(place, second, at(14, day=22), at(16, day=22))

    assert [visit.state for visit in Visit.objects.order_by("pk")] == ["moved", "booked"]


@pytest.mark.row("DI-07")
def test_nobody_home_frees_the_window_and_asks_for_a_new_one():
    place = house()
    ticket = accepted(place)
    book(place, ticket, at(14), at(16))

    visits.no_access(
        ticket=ticket,
        photos=examined(photo(1)),
        reason="敲门无人，电话未接",
        by=Actor.staff(place.worker.user),
        at=at(14, 20),
    )
    book(place, ticket, at(15), at(17), now=at(14, 30))

    rows = Visit.objects.order_by("pk").values_list("state", "reason")
    assert list(rows) == [("no_access", "敲门无人，电话未接"), ("booked", "")]


@pytest.mark.row("DI-07")
def test_the_windows_of_a_day_show_what_is_taken_and_past():
    place = house()
    ticket = accepted(place)
    book(place, ticket, at(13), at(15))

    slots = visits.free_windows(place.worker, at(0).date(), at=at(11, 45))

    assert [(slot.label, slot.state) for slot in slots] == [
        ("08:00–10:00", "past"),
        ("10:00–12:00", "past"),
        ("12:00–14:00", "taken"),
        ("14:00–16:00", "taken"),
        ("16:00–18:00", "free"),
        ("18:00–20:00", "free"),
    ]
    assert slots[2].taken_by == ticket.number


def test_the_own_window_is_free_for_who_moves_it():
    place = house()
    ticket = accepted(place)
    book(place, ticket, at(14), at(16))

    slots = visits.free_windows(place.worker, at(0).date(), at=NOW, ticket=ticket)

    assert {slot.state for slot in slots} == {"free"}


def test_a_cancelled_ticket_frees_its_worker():
    place = house()
    ticket = accepted(place)
    book(place, ticket, at(14), at(16))

    tasks.release_visits(ticket.pk)

    assert Visit.objects.get().state == "cancelled"


def test_a_window_left_behind_by_a_ticket_that_moved_on_does_not_block():
    place = house()
    first, second = accepted(place), accepted(place)
    book(place, first, at(14), at(16))
    other = worker(place.estate)
    workflow.step(ticket=first, name="reassign", by=place.reviewer, at=NOW, reason="换人", handler=other.user)

    book(place, second, at(14), at(16))

    assert [visit.state for visit in Visit.objects.order_by("pk")] == ["cancelled", "booked"]


def test_a_window_across_midnight_names_both_days():
    assert visits.window_words(at(23), at(1, day=22)) == "11月21日 23:00–11月22日 01:00"
