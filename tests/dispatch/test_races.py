"""Real threads on a real database: one ticket is sent once, one worker is booked once (T42, T43)."""

import os
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Count
from django.utils.timezone import now

from dispatch import asks, assign, handing, pool, proposals, visits
from dispatch.models import DispatchRule, Proposal, Visit, Worker
from tests.factories_dispatch import accept, house, registered, worker
from tickets import workflow
from tickets.actors import Actor
from tickets.models import Ticket, TicketEvent

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
        except (workflow.StepTaken, visits.DoubleBooked, handing.Busy) as error:
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


# -- taking and approving in one go (T44, T46) --------------------------------


def offered(place, number: int) -> list[Proposal]:
    """So many tickets that are offered to take."""
    DispatchRule.objects.create(level=2, mode="grab", since=NOW - timedelta(days=1))
    found = [proposals.ensure(ticket=registered(place), at=NOW) for _ in range(number)]
    for each in found:
        handing.approve(proposal=each, by=place.reviewer, at=NOW)
    return found


def crew(place, number: int) -> list[Worker]:
    """So many plumbers with room for everything."""
    found = [place.worker, *(worker(place.estate) for _ in range(number - 1))]
    Worker.objects.update(capacity=1000)
    return list(Worker.objects.filter(pk__in=[each.pk for each in found]).select_related("user"))


@pytest.mark.row("DI-04")
def test_five_workers_grab_every_ticket_and_each_has_one_winner():
    """Five at a time over many tickets; `FANGXIU_RACES` sets how many (200 in the nightly run)."""
    place = house()
    people, races = crew(place, 5), int(os.environ.get("FANGXIU_RACES", "12"))
    tickets = offered(place, races)

    ends = Counter()
    for proposal in tickets:
        ends += at_once(5, lambda index, it=proposal: pool.take(proposal=it, worker=people[index], at=NOW))

    assert ends == {"done": races, "StepTaken": 4 * races}
    for name in ("dispatch", "accept"):
        counted = TicketEvent.objects.filter(name=name).values("ticket").annotate(times=Count("pk"))
        assert [row["times"] for row in counted] == [1] * races


def test_without_the_lock_two_workers_both_take_it():
    """The control: the same look and the same write without the ticket's row lock."""
    place = house()
    [proposal] = offered(place, 1)
    taken, both_looked = [], threading.Barrier(2)

    def unlocked(index: int) -> None:
        with transaction.atomic():
            row = Proposal.objects.get(pk=proposal.pk)
            both_looked.wait(timeout=60)
            if row.decision != Proposal.Decision.OPEN:
                raise workflow.StepTaken(row.ticket)
            Proposal.objects.filter(pk=row.pk).update(decision=Proposal.Decision.GRABBED)
            taken.append(index)

    assert (at_once(2, unlocked), len(taken)) == ({"done": 2}, 2)


@pytest.mark.row("DI-03")
def test_bulk_jobs_over_crossing_tickets_end_without_a_deadlock():
    """Four jobs over the same eight tickets; 20 over 100 where `FANGXIU_RACES` is set (T46)."""
    place = house()
    crew(place, 3)
    jobs, rows = (20, 100) if "FANGXIU_RACES" in os.environ else (4, 8)
    found = [proposals.ensure(ticket=registered(place), at=NOW) for _ in range(rows)]
    seen = [(each.pk, Ticket.objects.get(pk=each.ticket_id).version) for each in found]
    results = []

    ends = at_once(
        jobs,
        lambda index: results.extend(
            handing.approve_all(seen=seen[:: 1 if index % 2 else -1], by=place.reviewer, at=NOW)
        ),
    )

    # Who waits for six seconds is asked to come again; nobody meets a deadlock.
    assert (ends["done"] + ends["Busy"], ends["done"] > 0) == (jobs, True)
    assert Counter(each.done for each in results) == Counter({True: rows, False: rows * (ends["done"] - 1)})
    assert TicketEvent.objects.filter(name="dispatch").count() == rows


@pytest.mark.row("DI-04")
def test_four_watchers_move_one_ticket_on_once():
    place = house()
    ticket = registered(place)
    assign.approve(proposal=proposals.ensure(ticket=ticket, at=NOW), by=place.reviewer, at=NOW)

    at_once(4, lambda _: asks.look(now=NOW + timedelta(hours=9)))

    assert TicketEvent.objects.filter(ticket=ticket, name="take_back").count() == 1
