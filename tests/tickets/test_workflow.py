"""The one door: who may take which step, what is written, and what the database refuses."""

import itertools

import pytest
from django.db import IntegrityError, connection, transaction

from demo.journeys import WAY
from tests.house import AT, House
from tickets import workflow
from tickets.actors import Actor
from tickets.models import Holder, Status, Ticket, TicketEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return House.build()


def events_of(ticket: Ticket) -> list[str]:
    return list(ticket.events.order_by("seq").values_list("name", flat=True))


@pytest.mark.row("OR-02")
def test_a_ticket_walks_from_registration_to_the_archive(house):
    ticket = house.ticket_at(Status.ARCHIVED)

    steps = list(ticket.events.exclude(from_status="").values_list("from_status", "to_status").distinct())
    moves = [pair for pair in dict.fromkeys(steps) if pair[0] != pair[1]]
    assert moves == list(itertools.pairwise(WAY))


def test_a_step_writes_one_event_and_raises_the_version_by_one(house):
    ticket = house.ticket_at(Status.DISPATCHED)

    after = workflow.step(ticket=ticket, name="accept", by=house.actor("worker"), at=AT)

    last = after.events.order_by("-seq").first()
    assert (after.version, last.seq, last.name, last.from_status, last.to_status, last.actor_id) == (
        ticket.version + 1,
        after.version,
        "accept",
        "dispatched",
        "accepted",
        house.worker.user_id,
    )


def test_a_step_taken_by_somebody_else_says_who_and_when(house):
    ticket = house.ticket_at(Status.DISPATCHED)
    workflow.step(ticket=ticket, name="accept", by=house.actor("worker"), at=AT)

    with pytest.raises(workflow.StepTaken) as caught:
        workflow.step(ticket=ticket, name="accept", by=house.actor("worker"), at=AT)

    assert (caught.value.last.actor_name, caught.value.last.at) == ("马永康", AT)


@pytest.mark.row("OR-01")
def test_who_may_not_take_a_step_is_refused_and_nothing_is_written(house):
    ticket = house.ticket_at(Status.DISPATCHED)
    before = events_of(ticket)

    with pytest.raises(workflow.StepForbidden):
        workflow.step(ticket=ticket, name="accept", by=house.actor("front_desk"), at=AT)

    assert (Ticket.objects.get(pk=ticket.pk).status, events_of(ticket)) == ("dispatched", before)


@pytest.mark.row("OR-01")
def test_a_role_without_the_estate_in_scope_may_not_act(house):
    stranger = house.person("dispatcher", username="stranger")
    ticket = house.register()

    with pytest.raises(workflow.StepForbidden):
        workflow.step(ticket=ticket, name="cancel", by=Actor.staff(stranger), at=AT, reason="试试")


def test_a_step_that_asks_why_is_refused_without_a_reason(house):
    ticket = house.ticket_at(Status.DISPATCHED)

    with pytest.raises(workflow.ReasonMissing):
        workflow.step(ticket=ticket, name="decline", by=house.actor("worker"), at=AT, reason="  ")


def test_an_old_version_of_the_page_is_refused(house):
    ticket = house.ticket_at(Status.DISPATCHED)

    with pytest.raises(workflow.StepTaken):
        workflow.step(
            ticket=ticket, name="accept", by=house.actor("worker"), at=AT, version=ticket.version - 1
        )


def test_suspended_work_resumes_where_it_was_put_aside(house):
    ticket = house.ticket_at(Status.REPAIRING)
    by = house.actor("worker")
    aside = workflow.step(
        ticket=ticket, name="suspend", by=by, at=AT, reason="等料", payload={"pause": "material"}
    )

    back = workflow.step(ticket=aside, name="resume", by=by, at=AT)

    assert (aside.status, back.status) == ("suspended", "repairing")


@pytest.mark.row("FU-02")
def test_a_failed_follow_up_sends_the_same_ticket_round_again(house):
    ticket = house.ticket_at(Status.COMPLETED)

    again = workflow.step(
        ticket=ticket, name="fail_follow_up", by=house.actor("front_desk"), at=AT, reason="还在滴水"
    )

    assert (again.status, again.round, again.rework, again.handler) == ("registered", 2, True, None)


def test_there_is_one_holder_at_a_time_and_the_last_one_is_open(house):
    ticket = house.ticket_at(Status.OWNER_CONSENT)

    held = list(Holder.objects.filter(ticket=ticket).order_by("pk").values_list("desk", "until"))
    assert [desk for desk, _ in held] == ["review", "worker", "owner"]
    assert [until is None for _, until in held] == [False, False, True]


@pytest.mark.row("IN-02")
def test_numbers_name_estate_and_day_and_are_never_given_twice(house):
    numbers = [house.register().number for _ in range(20)]

    assert {number.rsplit("-", 1)[0] for number in numbers} == {f"{house.estate.code}-260508"}
    assert len(set(numbers)) == 20


def refuse(sql: str, *params) -> str:
    """The first line of what the database says to a statement."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return str(caught.value).splitlines()[0]


def test_the_database_refuses_to_change_or_delete_history(house):
    ticket = house.register()

    told = [
        refuse("UPDATE tickets_ticketevent SET reason = 'x' WHERE ticket_id = %s", ticket.pk),
        refuse("DELETE FROM tickets_ticketevent WHERE ticket_id = %s", ticket.pk),
        refuse("DELETE FROM tickets_ticket WHERE id = %s", ticket.pk),
    ]

    assert told == [
        "UPDATE on tickets_ticketevent is refused: history is append-only",
        "DELETE on tickets_ticketevent is refused: history is append-only",
        "DELETE on tickets_ticket is refused: history is append-only",
    ]


def test_the_database_refuses_a_status_without_its_event(house):
    ticket = house.register()

    told = refuse("UPDATE tickets_ticket SET status = 'closed' WHERE id = %s", ticket.pk)

    assert told == f"ticket {ticket.pk} stands at closed version 1 without its event"


def test_the_database_refuses_an_event_that_starts_elsewhere(house):
    ticket = house.register()

    with pytest.raises(IntegrityError, match="but the ticket stood at registered"), transaction.atomic():
        TicketEvent.objects.create(
            ticket=ticket, seq=2, name="x", label="x", from_status="closed", to_status="archived",
            round=1, actor_kind="system", actor_name="x", at=AT,
        )  # fmt: skip


def test_events_chain_by_hash(house):
    ticket = house.ticket_at(Status.ACCEPTED)

    rows = list(ticket.events.order_by("seq").values_list("prev_hash", "hash"))
    assert [prev for prev, _ in rows] == ["", *[each for _, each in rows[:-1]]]
