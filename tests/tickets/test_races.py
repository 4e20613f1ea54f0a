"""Fifty at once make one; and the same test against careless code shows more than one."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connections, transaction
from django.http import HttpResponseRedirect
from django.test import Client, RequestFactory
from django.urls import reverse
from django_fsm import can_proceed

from dispatch import assign, proposals
from tests.house import AT, House
from tickets import class_watch, intake, workflow
from tickets.forms.intake import IntakeForm
from tickets.models import Status, Ticket, TicketEvent

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 50


def all_at_once(act: Callable[[], object]) -> Counter:
    """What fifty threads, let go at the same moment, each got: a result or the name of an exception."""
    gate = Barrier(AT_ONCE)

    def one(_) -> object:
        try:
            connections["default"].ensure_connection()
            gate.wait(timeout=60)
            return act()
        except (workflow.StepTaken, assign.NotEligible) as error:
            return type(error).__name__
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(one, range(AT_ONCE)))


# -- one form, sent fifty times ----------------------------------------------


def call(house: House) -> dict:
    """A complete intake form."""
    return {
        "form_key": str(uuid4()),
        "unit": house.household.unit_id,
        "owner": house.household.owner_id,
        "reporter_name": "张伟",
        "reporter_phone": "13800138000",
        "fault": house.fault.pk,
        "description": "厨房龙头关不紧",
        "wanted": "尽快",
        "channel": "phone",
        "port": "property",
    }


def without_key(request) -> HttpResponseRedirect:
    """The intake view as it would be without the one-time key."""
    form = IntakeForm(request.POST, user=request.user)
    form.full_clean()
    ticket = intake.register(intake=form.intake(), by=request.actor, at=AT)
    return HttpResponseRedirect(reverse("ticket", args=[ticket.number]), status=303)


@pytest.mark.row("IN-02")
def test_a_form_sent_fifty_times_at_once_makes_one_ticket():
    house = House.build("front_desk")
    signed_in = Client()
    signed_in.force_login(house.people["front_desk"])
    form = call(house)

    def send():
        client = Client()
        client.cookies = signed_in.cookies
        response = client.post(reverse("desk_intake"), form)
        return response.status_code, response.headers["Location"]

    answers = all_at_once(send)

    assert (Ticket.objects.count(), TicketEvent.objects.filter(name="register").count()) == (1, 1)
    assert answers == {(303, reverse("ticket", args=[Ticket.objects.get().number])): AT_ONCE}


def test_without_the_key_the_same_form_would_make_many():
    house = House.build("front_desk")
    form, user = call(house), house.people["front_desk"]

    def send():
        request = RequestFactory().post("/", form)
        request.user, request.actor = user, house.actor("front_desk")
        return without_key(request).status_code

    assert all_at_once(send) == {303: AT_ONCE}
    assert Ticket.objects.count() > 1


# -- one step, taken fifty times -----------------------------------------------


def accept_checked_too_early(ticket: Ticket, by, looked: Barrier) -> str:
    """The accept step as it would be if it looked before it had the lock."""
    seen = Ticket.objects.get(pk=ticket.pk)
    if not can_proceed(seen.accept):
        raise workflow.StepTaken(seen)
    looked.wait(timeout=60)
    with transaction.atomic():
        row = workflow.lock(ticket)
        Ticket.objects.filter(pk=row.pk).update(status=Status.ACCEPTED, version=row.version + 1)
        TicketEvent.objects.create(
            ticket=row,
            seq=row.version + 1,
            name="accept",
            label="接单",
            from_status=row.status,
            to_status=Status.ACCEPTED,
            round=1,
            actor_kind=by.kind,
            actor_name=by.name,
            at=AT,
        )
    return "accepted"


@pytest.mark.row("DI-04")
def test_fifty_accepting_at_once_accept_once():
    house = House.build()
    ticket, by = house.ticket_at(Status.DISPATCHED), house.actor("worker")

    answers = all_at_once(lambda: workflow.step(ticket=ticket, name="accept", by=by, at=AT).status)

    assert answers == {"accepted": 1, "StepTaken": AT_ONCE - 1}
    assert ticket.events.filter(name="accept").count() == 1


def test_looking_before_the_lock_would_accept_many_times():
    house = House.build()
    ticket, by = house.ticket_at(Status.DISPATCHED), house.actor("worker")
    looked = Barrier(AT_ONCE)

    answers = all_at_once(lambda: accept_checked_too_early(ticket, by, looked))

    assert answers == {"accepted": AT_ONCE}
    assert ticket.events.filter(name="accept").count() > 1


@pytest.mark.row("DI-03")
def test_fifty_dispatching_at_once_dispatch_once():
    house = House.build()
    ticket, by = house.ticket_at(Status.IN_REVIEW), house.actor("dispatcher")
    proposal = proposals.ensure(ticket=ticket, at=AT)

    answers = all_at_once(lambda: assign.approve(proposal=proposal, by=by, at=AT).status)

    assert answers == {"dispatched": 1, "StepTaken": AT_ONCE - 1}
    assert ticket.events.filter(name="dispatch").count() == 1


# -- several workers, one pass each ------------------------------------------


@pytest.mark.row("SL-06")
def test_fifty_passes_of_the_class_watch_raise_each_ticket_once():
    house = House.build("front_desk", "supervisor")
    tickets = [house.register() for _ in range(6)]

    all_at_once(lambda: class_watch.raise_slow(now=AT + timedelta(hours=30)))

    raised = TicketEvent.objects.filter(name="raise_important").values_list("ticket", flat=True)
    assert Counter(raised) == Counter(ticket.pk for ticket in tickets)
