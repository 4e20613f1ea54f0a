"""Practised once from the warning to the record (DI-09); and what a killed worker leaves behind."""

import contextlib
import queue
import threading
from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError, connection

from dispatch.emergency import activation as verbs
from dispatch.emergency import holds, record
from dispatch.models import Activation, AfterAction, Held
from notices.models import Message
from tests.dispatch.emergency.storms import MORNING, NOON, Storm, minute, told
from tests.tickets.test_machine import recomputed_clocks, stored_clocks
from tickets.models import Clock, Status, Ticket, TicketEvent

HOUR = timedelta(hours=1)
pytestmark = [pytest.mark.row("DI-09")]


@pytest.mark.django_db
def test_from_the_typhoon_warning_to_the_record():
    storm = Storm.build()
    house, manager = storm.house, storm.house.people["manager"]
    waiting = [storm.ticket(3, reporter_phone=f"1380013801{number}") for number in range(6)]
    urgent = storm.ticket(2)
    before = {clock.pk: clock.due_at for clock in Clock.objects.filter(ticket__in=waiting, due_at__gt=NOON)}

    # The warning: the plan is put into force, the machine pauses and tells.
    activation = storm.start()
    minute(NOON + timedelta(seconds=20))
    assert Ticket.objects.filter(status=Status.SUSPENDED).count() == 6
    assert told("E01") == [f"1380013801{number}" for number in range(6)]

    # The storm: disasters come and go first, a small report waits, a grandmother does not.
    floods = [storm.disaster(at=NOON + HOUR, reporter_phone=f"1380013802{number}") for number in range(3)]
    small = storm.ticket(4, at=NOON + HOUR, reporter_phone="13800138030")
    minute(NOON + HOUR)
    holds.let_one_go(
        activation=activation,
        ticket=waiting[0],
        reason="高龄独居，家中无法用水",
        by=house.actor("dispatcher"),
        at=NOON + 2 * HOUR,
    )
    statuses = [Ticket.objects.get(pk=ticket.pk).status for ticket in (*floods, small, waiting[0], urgent)]
    assert statuses == ["registered"] * 3 + ["suspended", "registered", "registered"]

    # It lasts longer than expected, and ends by itself while the house stands still.
    verbs.move_end(
        activation=activation, until=MORNING + HOUR, reason="风未停", by=manager, at=MORNING - HOUR
    )
    minute(MORNING - HOUR)
    minute(MORNING + 9 * HOUR)

    # Taken up again to the minute: each limit moved by what its ticket waited.
    assert Ticket.objects.filter(status=Status.SUSPENDED).count() == 0
    resumed = set(
        TicketEvent.objects.filter(name="resume", ticket__in=waiting[1:]).values_list("at", flat=True)
    )
    assert resumed == {MORNING + HOUR}
    moved = {
        clock.due_at - before[clock.pk]
        for clock in Clock.objects.filter(pk__in=before, ticket__in=waiting[1:], kind="complete")
    }
    assert moved == {MORNING + HOUR - NOON}
    assert [stored_clocks(ticket) == recomputed_clocks(ticket) for ticket in (*waiting, small)] == [True] * 7

    # The record: figures of the end, words, approval.
    row = AfterAction.objects.get(activation=activation)
    words = {"course": "夜间强风暴雨", "good": "到岗快", "poor": "沙袋不足", "measures": "增购沙袋"}
    record.write(row=row, words=words, submit=True, by=house.people["supervisor"], at=MORNING + 10 * HOUR)
    record.decide(row=row, approved=True, answer="", by=manager, at=MORNING + 11 * HOUR)
    row.refresh_from_db()
    assert (row.state, row.figures["tickets"], row.figures["paused"], row.figures["excepted"]) == (
        "approved",
        3,
        7,
        1,
    )
    assert (len(told("E02")), len(told("E03")), len(told("N08"))) == (6, 7, 0)


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_leaves_nothing_half_done_and_the_next_goes_on():
    storm = Storm.build()
    for number in range(10, 22):
        storm.ticket(3, reporter_phone=f"138001380{number}")
    activation = storm.start()
    backends = queue.Queue()

    def work():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                backends.put(cursor.fetchone()[0])
            with contextlib.suppress(OperationalError, InterfaceError):
                holds.hold_all(activation, at=NOON, batch=1)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    backend = backends.get()
    while Held.objects.count() < 2:
        pass
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
    worker.join()
    died_at = Held.objects.count()
    told_then = Message.objects.filter(template="E01").count()
    holds.hold_all(activation, at=NOON, batch=5)

    assert died_at < 12
    assert told_then == died_at
    assert (Held.objects.count(), len(told("E01"))) == (12, 12)
    assert TicketEvent.objects.filter(name="suspend").count() == 12


@pytest.mark.django_db(transaction=True)
def test_three_workers_share_the_tickets_and_none_is_paused_or_let_go_twice():
    storm = Storm.build()
    for number in range(10, 22):
        storm.ticket(3, reporter_phone=f"138001380{number}")
    activation = storm.start()

    moved = together(lambda: holds.hold_all(activation, at=NOON, batch=2))
    paused = TicketEvent.objects.filter(name="suspend").count()
    ended = verbs.end(activation=activation, reason="风停", by=storm.house.people["manager"], at=NOON + HOUR)
    gone = together(lambda: holds.let_go_all(ended, at=NOON + HOUR, batch=2))
    over = verbs.finish(ended, at=NOON + HOUR)

    assert (sum(moved), paused, sum(gone), over) == (12, 12, 12, True)
    assert TicketEvent.objects.filter(name="resume").count() == 12
    assert (len(told("E01")), len(told("E03"))) == (12, 12)
    assert Activation.objects.get().state == "ended"


def together(act, number: int = 3) -> list[int]:
    """Let some threads do it at once; what each returned."""
    results, start = [], threading.Barrier(number)

    def run():
        try:
            start.wait()
            results.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
