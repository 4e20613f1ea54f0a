"""What an emergency pauses, what stays, and how it is taken up again to the minute (DI-09, SL-04)."""

from datetime import timedelta

import pytest

from dispatch.emergency import activation as verbs
from dispatch.emergency import active_for, beat, holds, priority_faults
from dispatch.models import Activation, Held, Visit
from dispatch.tasks import propose
from notices.models import Message
from tests.dispatch.emergency.storms import MORNING, NOON, Storm, minute, told
from tests.house import AT
from tests.tickets.test_machine import recomputed_clocks, stored_clocks
from tickets import levels, pausing, workflow
from tickets.actors import Actor
from tickets.models import Clock, Holder, Status, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-09")]
HOUR = timedelta(hours=1)


def status(ticket: Ticket) -> str:
    return Ticket.objects.get(pk=ticket.pk).status


def due(ticket: Ticket, kind: str):
    return Clock.objects.get(ticket=ticket, kind=kind).due_at


def test_levels_3_and_4_are_paused_and_what_is_urgent_stays():
    storm = Storm.build()
    tickets = {
        "registered": storm.ticket(3),
        "dispatched": storm.ticket(4, status=Status.DISPATCHED),
        "accepted": storm.ticket(3, status=Status.ACCEPTED),
        "on site": storm.ticket(3, status=Status.SURVEYING),
        "level 2": storm.ticket(2),
        "disaster": storm.disaster(),
        "signature": storm.ticket(3, status=Status.OWNER_CONSENT),
        "done": storm.ticket(3, status=Status.PRE_INSPECTION),
    }

    # The next day: what waits for a signature has waited since before.
    storm.start(at=MORNING, until=MORNING + HOUR)
    minute(MORNING + timedelta(seconds=5))

    paused = {name for name, ticket in tickets.items() if status(ticket) == Status.SUSPENDED}
    assert paused == {"registered", "dispatched", "accepted", "signature"}


@pytest.mark.row("SL-04")
def test_due_times_move_by_the_span_of_the_emergency_and_stored_clocks_are_the_recomputed_ones():
    storm = Storm.build()
    tickets = [
        storm.ticket(3),
        storm.ticket(3, status=Status.DISPATCHED),
        storm.ticket(4, status=Status.ACCEPTED),
    ]
    before = {ticket.pk: due(ticket, "complete") for ticket in tickets}

    storm.start()
    minute(NOON + HOUR)
    paused = [stored_clocks(ticket) == recomputed_clocks(ticket) for ticket in tickets]
    minute(MORNING + 5 * HOUR)

    moved = [due(ticket, "complete") and due(ticket, "complete") - before[ticket.pk] for ticket in tickets]
    spans = [each for each in moved if each]
    assert set(spans) == {MORNING - NOON}
    assert paused == [True] * 3
    assert [stored_clocks(ticket) == recomputed_clocks(ticket) for ticket in tickets] == [True] * 3


def test_each_goes_on_where_it_was_at_the_minute_of_the_end_though_the_house_stood_still():
    storm = Storm.build()
    tickets = {
        name: storm.ticket(3, status=name)
        for name in ("in_review", "dispatched", "accepted")
        if name != "in_review"
    }
    tickets["registered"] = storm.ticket(3)
    storm.start()
    minute(NOON)

    minute(MORNING + 7 * HOUR)

    assert {name: status(ticket) for name, ticket in tickets.items()} == {name: name for name in tickets}
    times = {ticket.events.get(name="resume").at for ticket in tickets.values()}
    assert times == {MORNING}
    assert Activation.objects.get().state == "ended"


def test_the_pause_carries_its_publisher_its_end_and_its_reason():
    storm = Storm.build()
    ticket = storm.ticket(3)
    activation = storm.start()
    minute(NOON)

    event = ticket.events.get(name="suspend")

    assert (event.payload["emergency"], event.payload["publisher"], event.payload["until"]) == (
        activation.pk,
        "赵文博",
        MORNING.isoformat(),
    )
    assert pausing.label(event.payload) == "应急模式"
    assert "台风红色预警" in event.reason
    assert Holder.objects.get(ticket=ticket, until__isnull=True).desk == "review"


def test_only_the_machine_lets_go_what_the_emergency_holds():
    storm = Storm.build()
    ticket = storm.ticket(3, status=Status.ACCEPTED)
    storm.start()
    minute(NOON)
    ticket = Ticket.objects.get(pk=ticket.pk)

    able = [
        who
        for who in ("worker", "dispatcher", "manager", "engineer")
        if workflow.may(ticket, "resume", storm.house.actor(who))
    ]

    assert able == []
    assert workflow.may(ticket, "resume", Actor.system())


def test_people_cannot_put_aside_what_nobody_has_gone_to():
    storm = Storm.build()
    ticket = storm.ticket(3)

    assert not any(
        workflow.may(ticket, "suspend", storm.house.actor(who)) for who in ("dispatcher", "manager")
    )


def test_owners_are_told_once_each_at_the_start_at_a_new_end_and_when_it_goes_on():
    storm = Storm.build()
    for phone in ("13800138001", "13800138001", "13800138002"):
        storm.ticket(3, reporter_phone=phone)
    storm.ticket(3, reporter_phone="02088886666")
    activation = storm.start()
    minute(NOON)
    minute(NOON + HOUR)
    verbs.move_end(
        activation=activation,
        until=MORNING + HOUR,
        reason="风未停",
        by=storm.house.people["manager"],
        at=NOON + HOUR,
    )
    minute(NOON + 2 * HOUR)
    minute(MORNING + 2 * HOUR)
    minute(MORNING + 3 * HOUR)

    both = ["13800138001", "13800138002"]
    assert (told("E01"), told("E02"), told("E03"), told("N08")) == (both, both, both, [])


def test_messages_leave_at_the_plans_pace_and_not_in_its_night():
    storm = Storm.build()
    storm.plan.per_minute, storm.plan.quiet_from, storm.plan.quiet_until = 2, "10:00", "13:30"
    storm.plan.save()
    for number in range(4):
        storm.ticket(3, reporter_phone=f"1380013800{number}")

    storm.start()  # NOON is 12:00 in Shanghai
    minute(NOON)

    times = sorted(Message.objects.filter(template="E01").values_list("next_try_at", flat=True))
    assert [each - NOON for each in times] == [timedelta(minutes=90, seconds=30 * n) for n in range(4)]


def test_a_report_of_level_3_during_the_emergency_is_registered_and_paused_at_once():
    storm = Storm.build()
    storm.start()
    new = storm.ticket(3, at=NOON + HOUR, reporter_phone="13800138009")
    flood = storm.disaster(at=NOON + HOUR)

    assert beat.hold_new(new, at=NOON + HOUR)
    assert not beat.hold_new(flood, at=NOON + HOUR)
    assert (status(new), told("E01")) == (Status.SUSPENDED, ["13800138009"])
    assert propose(new.pk) == "已不在待复核"


def test_a_person_excepts_a_ticket_with_a_reason_and_it_is_not_paused_again():
    storm = Storm.build()
    ticket, other = storm.ticket(3, status=Status.DISPATCHED), storm.ticket(3)
    activation = storm.start()
    minute(NOON)
    by = storm.house.actor("dispatcher")

    with pytest.raises(workflow.ReasonMissing):
        holds.let_one_go(activation=activation, ticket=ticket, reason=" ", by=by, at=NOON + HOUR)
    holds.let_one_go(activation=activation, ticket=ticket, reason="家中有婴儿", by=by, at=NOON + HOUR)
    with pytest.raises(holds.NotHeld):
        holds.let_one_go(activation=activation, ticket=ticket, reason="再来", by=by, at=NOON + HOUR)
    minute(NOON + 2 * HOUR)

    assert (status(ticket), status(other)) == (Status.DISPATCHED, Status.SUSPENDED)
    row = Held.objects.get(ticket=ticket)
    assert (row.state, row.reason, row.excepted_by.username, row.resumed_at) == (
        "excepted",
        "家中有婴儿",
        "dispatcher",
        NOON + HOUR,
    )
    assert ticket.events.get(name="resume").actor_name == "刘洋帆（应急例外）"


def test_what_is_raised_to_level_2_goes_on_within_the_minute():
    storm = Storm.build()
    ticket = storm.ticket(3)
    storm.start()
    minute(NOON)
    levels.change(
        ticket=ticket, level=1, reason="开始流水", by=storm.house.actor("dispatcher"), at=NOON + HOUR
    )

    minute(NOON + HOUR)

    assert status(ticket) == Status.REGISTERED


def test_a_window_within_the_emergency_is_given_back_and_must_be_agreed_anew():
    storm = Storm.build()
    near = storm.ticket(3, status=Status.SCHEDULED)
    visit = Visit.objects.get(ticket=near)
    storm.start(at=AT + HOUR, until=visit.window.lower + HOUR)
    minute(AT + HOUR)
    freed = Visit.objects.get(pk=visit.pk).state

    minute(visit.window.lower + HOUR)

    assert (freed, status(near)) == ("cancelled", Status.ACCEPTED)


def test_a_window_after_the_emergency_stays():
    storm = Storm.build()
    ticket = storm.ticket(3, status=Status.SCHEDULED)
    visit = Visit.objects.get(ticket=ticket)
    storm.start(at=AT + timedelta(minutes=1), until=AT + timedelta(minutes=2))
    minute(AT + timedelta(minutes=1))
    held = status(ticket)

    minute(AT + timedelta(minutes=2))

    assert (held, status(ticket), Visit.objects.get(pk=visit.pk).state) == (
        "suspended",
        "scheduled",
        "booked",
    )


def test_a_drill_pauses_nothing_and_tells_no_owner():
    storm = Storm.build()
    ticket = storm.ticket(3)
    storm.start(drill=True)
    minute(NOON)
    minute(MORNING)

    assert (status(ticket), told("E01"), Held.objects.count()) == (Status.REGISTERED, [], 0)
    assert active_for(estate_id=storm.house.estate.pk, at=NOON) is None
    assert Activation.objects.get().record.figures["paused"] == 0


def test_the_interface_says_what_is_in_force_and_what_goes_first():
    storm = Storm.build()
    activation = storm.start()
    here = storm.house.estate.pk

    assert active_for(estate_id=here, at=NOON) == activation
    assert active_for(estate_id=here, at=NOON - HOUR) is None
    assert active_for(estate_id=here, at=MORNING) is None
    assert active_for(estate_id=here + 1, at=NOON) is None
    assert priority_faults(estate_id=here, at=NOON) == {storm.flood.pk}
    assert priority_faults(estate_id=here, at=MORNING) == frozenset()
