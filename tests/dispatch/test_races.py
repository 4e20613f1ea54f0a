"""Real threads on a real database: one ticket is sent once, one worker is booked once (T42, T43)."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils.timezone import now

from dispatch import assign, proposals, visits
from dispatch.models import Proposal, Visit
from tests.factories_dispatch import accept, house, registered
from tickets import workflow
from tickets.actors import Actor
from tickets.models import TicketEvent

pytestmark = pytest.mark.django_db(transaction=True)
NOW = now()


def at_once(number: int, act: Callable[[int], object]) -> Counter:
    """How the acts ended, all started together: "done" or the name of the error."""
    start, ends = threading.Barrier(number), []

    def run(index: int) -> None:
        try:
            start.wait(timeout=60)
            act(index)
            ends.append("done")
        except (workflow.StepTaken, visits.DoubleBooked) as error:
            ends.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[index]) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(ends)


def dispatches(ticket) -> int:
    return TicketEvent.objects.filter(ticket=ticket, name="dispatch").count()


@pytest.mark.row("DI-03")
def test_fifty_approvals_of_one_proposal_send_it_once():
    place = house()
    ticket = registered(place)
    proposal = proposals.ensure(ticket=ticket, at=NOW)

    ends = at_once(50, lambda _: assign.approve(proposal=proposal, by=place.reviewer, at=NOW))

    assert ends == {"done": 1, "StepTaken": 49}
    assert dispatches(ticket) == 1


def test_without_the_lock_the_same_race_decides_more_than_once():
    """The control: the same look and the same write without the ticket's row lock."""
    place = house()
    proposal = proposals.ensure(ticket=registered(place), at=NOW)
    decided, both_looked = [], threading.Barrier(2)

    def unlocked(index: int) -> None:
        with transaction.atomic():
            row = Proposal.objects.get(pk=proposal.pk)
            both_looked.wait(timeout=60)
            if row.decision != Proposal.Decision.OPEN:
                raise workflow.StepTaken(row.ticket)
            row.decision = Proposal.Decision.APPROVED
            row.save(update_fields=["decision"])
            decided.append(index)

    ends = at_once(2, unlocked)

    assert (ends, len(decided)) == ({"done": 2}, 2)


@pytest.mark.row("DI-03")
def test_twenty_proposals_at_once_are_one():
    place = house()
    ticket = registered(place)

    ends = at_once(20, lambda _: proposals.ensure(ticket=ticket, at=NOW))

    assert ends == {"done": 20}
    assert Proposal.objects.filter(ticket=ticket).count() == 1
    assert TicketEvent.objects.filter(ticket=ticket, name="submit_review").count() == 1


@pytest.mark.row("DI-07")
def test_ten_bookings_of_one_window_give_it_to_one_ticket():
    place = house()
    place.worker.capacity = 20
    place.worker.save()
    tickets = []
    for _ in range(10):
        ticket = registered(place)
        assign.approve(proposal=proposals.ensure(ticket=ticket, at=NOW), by=place.reviewer, at=NOW)
        tickets.append(accept(ticket, at=NOW))
    start = NOW + timedelta(days=1)
    by = Actor.staff(place.worker.user)

    ends = at_once(
        10,
        lambda index: visits.book(
            ticket=tickets[index], start=start, end=start + timedelta(hours=2), by=by, at=NOW
        ),
    )

    assert ends == {"done": 1, "DoubleBooked": 9}
    assert Visit.objects.filter(state="booked").count() == 1
