"""What a request to another department does while an emergency has its ticket (DI-09, DI-11)."""

from datetime import timedelta

import pytest

from coordination import requests
from coordination.models import Request
from dispatch.emergency import activation as verbs
from tests.dispatch.emergency.storms import MORNING, NOON, Storm, minute
from tests.tickets.test_machine import recomputed_clocks, stored_clocks
from tickets import workflow
from tickets.models import Status, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-09", "DI-11")]
HOUR = timedelta(hours=1)


@pytest.fixture
def storm(house) -> Storm:
    return Storm.build(house)


def standing(ticket: Ticket) -> tuple[str, str]:
    found = Ticket.objects.get(pk=ticket.pk)
    return found.status, found.suspended_for


def answered(house, row: Request, at) -> Request:
    return requests.answer(request=row, words="图纸附后", files=(), by=house.actor("engineer"), at=at)


def test_an_answer_is_written_down_and_the_emergency_keeps_its_ticket(house, storm, asked):
    ticket = storm.ticket(3, status=Status.ACCEPTED)
    row = asked(ticket=ticket, at=NOON - HOUR)
    storm.start()
    minute(NOON)

    answered(house, row, NOON + HOUR)

    assert standing(ticket) == (Status.SUSPENDED, "emergency")
    assert Request.objects.get(pk=row.pk).state == "answered"
    assert ticket.events.filter(name="coordinate_answer").count() == 1
    minute(MORNING)
    assert standing(ticket) == (Status.ACCEPTED, "")
    assert stored_clocks(ticket) == recomputed_clocks(ticket)


def test_a_ticket_that_waited_for_the_answer_is_not_touched_by_the_emergency_before(house, storm, asked):
    ticket = storm.ticket(3, status=Status.SURVEYING)
    row = asked(ticket=ticket, pause=True, at=NOON - HOUR)
    storm.start()
    minute(NOON)

    waiting = standing(ticket)
    answered(house, row, NOON + HOUR)
    minute(NOON + HOUR)

    # Somebody was on site when it was put aside: it goes on where it stood.
    assert (waiting, standing(ticket)) == (
        (Status.SUSPENDED, "cross_department"),
        (Status.SURVEYING, ""),
    )


def test_an_answer_to_a_request_of_before_does_not_let_go_what_the_emergency_holds_now(house, storm, asked):
    ticket = storm.ticket(3, status=Status.ACCEPTED)
    row = asked(ticket=ticket, pause=True, at=NOON - 4 * HOUR)
    workflow.step(
        ticket=ticket, name="resume", by=house.actor("dispatcher"), at=NOON - HOUR, reason="先修别处"
    )
    storm.start()
    minute(NOON)

    answered(house, row, NOON + HOUR)

    assert standing(ticket) == (Status.SUSPENDED, "emergency")


def test_a_ticket_that_its_answer_takes_up_in_the_storm_is_held_within_the_minute(house, storm, asked):
    ticket = storm.ticket(3, status=Status.ACCEPTED)
    row = asked(ticket=ticket, pause=True, at=NOON - HOUR)
    storm.start()
    minute(NOON)

    answered(house, row, NOON + HOUR)
    taken_up = standing(ticket)
    minute(NOON + HOUR + timedelta(minutes=1))

    assert (taken_up, standing(ticket)) == ((Status.ACCEPTED, ""), (Status.SUSPENDED, "emergency"))
    assert stored_clocks(ticket) == recomputed_clocks(ticket)


def test_the_end_of_the_emergency_leaves_a_pause_for_the_request_alone(house, storm, asked):
    ticket = storm.ticket(3, status=Status.SURVEYING)
    row = asked(ticket=ticket, pause=True, at=NOON - HOUR)
    activation = storm.start()
    minute(NOON)

    verbs.end(activation=activation, reason="预警解除", by=house.people["manager"], at=NOON + HOUR)
    minute(NOON + HOUR)
    after_the_storm = standing(ticket)
    answered(house, row, NOON + 2 * HOUR)

    assert (after_the_storm[0], standing(ticket)[0]) == (Status.SUSPENDED, Status.SURVEYING)
