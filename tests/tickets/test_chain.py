"""Whoever changes history behind the database's back is found, and the ticket is named."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.house import House
from tickets import chain
from tickets.models import Status, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("FU-03")]
COLUMNS = """
    ticket_id, seq, name, label, from_status, to_status, round, actor_kind, actor_id, actor_name, at, reason,
    payload, prev_hash, hash
"""
# What an owner of the tables can do once the triggers are off; %s is the ticket.
TAMPERED = {
    "altered": ("UPDATE tickets_ticketevent SET reason = '改' WHERE ticket_id = %s AND seq = 3", "content"),
    "deleted": ("DELETE FROM tickets_ticketevent WHERE ticket_id = %s AND seq = 3", "gap"),
    "inserted": (
        f"""INSERT INTO tickets_ticketevent ({COLUMNS})
            SELECT {COLUMNS.replace("seq", "max_seq + 1").replace("from_status", "to_status", 1)} FROM (
                SELECT *, max(seq) OVER () AS max_seq FROM tickets_ticketevent WHERE ticket_id = %s
            ) rows WHERE seq = max_seq""",
        "link",
    ),
    "reordered": (
        "UPDATE tickets_ticketevent SET seq = CASE seq WHEN 3 THEN 4 ELSE 3 END"
        " WHERE ticket_id = %s AND seq IN (3, 4)",
        "link",
    ),
    "truncated": (
        "DELETE FROM tickets_ticketevent WHERE ticket_id = %s AND seq > 3",
        "end",
    ),
}


def tamper(statement: str, ticket: Ticket) -> None:
    """Change history as somebody who owns the tables could."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("tickets_ticketevent", "tickets_ticket"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE tickets_ticketevent DROP CONSTRAINT event_seq_once")
        cursor.execute(statement, [ticket.pk])


@pytest.fixture
def tickets():
    house = House.build()
    return [house.ticket_at(Status.ACCEPTED), house.ticket_at(Status.ACCEPTED)]


def test_an_untouched_history_holds(tickets):
    assert (chain.verify(), chain.verify(tickets[0])) == ([], [])


@pytest.mark.parametrize("kind", TAMPERED)
def test_tampering_is_found_and_named(tickets, kind):
    statement, problem = TAMPERED[kind]
    tamper(statement, tickets[0])

    found = chain.verify()

    assert {each.number for each in found} == {tickets[0].number}
    assert problem in {each.problem for each in found}
    assert chain.verify(tickets[1]) == []


def test_a_status_without_its_event_is_found(tickets):
    tamper("UPDATE tickets_ticket SET status = 'archived' WHERE id = %s", tickets[0])

    assert [(each.number, each.problem) for each in chain.verify()] == [(tickets[0].number, "end")]


def test_the_command_says_that_all_is_well(tickets, capsys):
    call_command("verify_chain")
    call_command("verify_chain", ticket=tickets[0].number)

    assert capsys.readouterr().out.splitlines() == [
        f"已核对 {sum(ticket.version for ticket in tickets)} 条事件，未发现改动。",
        f"已核对 {tickets[0].version} 条事件，未发现改动。",
    ]


def test_the_command_fails_with_the_number_of_the_ticket(tickets):
    tamper(TAMPERED["altered"][0], tickets[0])

    with pytest.raises(CommandError, match=tickets[0].number):
        call_command("verify_chain")


def test_the_command_fails_for_a_ticket_that_is_not_there(tickets):
    with pytest.raises(CommandError, match="没有工单"):
        call_command("verify_chain", ticket="XX-1")
