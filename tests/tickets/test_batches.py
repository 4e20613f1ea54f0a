"""Many tickets through the one door at once leave what they leave one by one (DI-09, SL-04)."""

from datetime import timedelta

import pytest

from tests.house import AT, House
from tests.tickets.test_machine import recomputed_clocks, stored_clocks
from tickets import batches, chain, workflow
from tickets.actors import Actor
from tickets.models import Holder, Status, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-09", "SL-04")]
MACHINE = Actor.system("应急模式")
NOON = AT + timedelta(hours=3)
STANDING = (Status.REGISTERED, Status.DISPATCHED, Status.ACCEPTED)


@pytest.fixture
def house() -> House:
    return House.build()


def tickets(house: House) -> list[Ticket]:
    """One at each of some states."""
    return [house.register()] + [house.ticket_at(status) for status in STANDING[1:]]


def left(ticket: Ticket) -> tuple:
    """What a step leaves behind: the row, its last event, whom it waits for, its clocks."""
    row = Ticket.objects.get(pk=ticket.pk)
    said = ("name", "label", "from_status", "to_status", "reason", "payload")
    event = row.events.order_by("-seq").values(*said, "actor_kind", "actor_name", "at", "seq").first()
    event["seq"] -= row.version
    holders = Holder.objects.filter(ticket=row).order_by("pk").values_list("desk", "user", "since", "until")
    state = (row.status, row.suspended_from, row.suspended_for)
    return state, event, list(holders), stored_clocks(row)


def take(ticket: Ticket) -> batches.Take:
    return batches.Take(ticket, NOON, "台风", {"pause": "emergency"}, {"code": "emergency"})


def test_a_batch_leaves_what_single_steps_leave(house):
    singly, at_once = tickets(house), tickets(house)

    for ticket in singly:
        workflow.step(
            ticket=ticket,
            name="suspend",
            by=MACHINE,
            at=NOON,
            reason="台风",
            payload={"pause": "emergency"},
            code="emergency",
        )
    locked = batches.lock_all([each.pk for each in at_once])
    batches.step(name="suspend", takes=[take(each) for each in locked], by=MACHINE)

    assert [left(each) for each in at_once] == [left(each) for each in singly]


def test_its_events_stand_in_the_chain_and_its_clocks_are_the_recomputed_ones(house):
    found = tickets(house)
    keys = [each.pk for each in found]
    batches.step(name="suspend", takes=[take(each) for each in batches.lock_all(keys)], by=MACHINE)
    later = NOON + timedelta(hours=1)

    going_on = [batches.Take(each, later) for each in batches.lock_all(keys)]
    batches.step(name="resume", takes=going_on, by=MACHINE)

    assert [Ticket.objects.get(pk=each.pk).status for each in found] == list(STANDING)
    assert chain.verify() == []
    assert [stored_clocks(each) == recomputed_clocks(each) for each in found] == [True] * 3


def test_all_or_none(house):
    found = [house.register(), house.ticket_at(Status.COMPLETED)]
    locked = batches.lock_all([each.pk for each in found])

    with pytest.raises(workflow.StepTaken):
        batches.step(name="suspend", takes=[take(each) for each in locked], by=MACHINE)

    statuses = [Ticket.objects.get(pk=each.pk).status for each in found]
    assert statuses == [Status.REGISTERED, Status.COMPLETED]


def test_who_may_not_take_the_step_may_not_take_it_by_the_hundred(house):
    locked = batches.lock_all([house.register().pk])

    with pytest.raises(workflow.StepForbidden):
        batches.step(name="suspend", takes=[take(each) for each in locked], by=house.actor("manager"))
