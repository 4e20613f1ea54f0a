"""The schedule and a person let one ticket go in the same moment (DI-09, T02)."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from dispatch.emergency import holds
from dispatch.models import Held
from tests.dispatch.emergency.storms import NOON, Storm, minute
from tickets import workflow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.row("DI-09")]


def somebody_waits() -> bool:
    """Whether another session waits for what this one has locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        return cursor.fetchone()[0]


def test_an_exception_and_the_schedule_lock_in_one_order():
    storm = Storm.build()
    ticket = storm.ticket(3)
    activation = storm.start()
    minute(NOON)

    def except_it() -> None:
        try:
            holds.let_one_go(
                activation=activation,
                ticket=ticket,
                reason="家中有婴儿",
                by=storm.house.actor("dispatcher"),
                at=NOON + timedelta(hours=1),
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        # As the schedule does: what the emergency holds first, its ticket then.
        with transaction.atomic():
            Held.objects.select_for_update().get(ticket=ticket)
            person = pool.submit(except_it)
            while not somebody_waits() and not person.done():
                time.sleep(0.05)
            workflow.lock(ticket)
        person.result(timeout=20)

    assert Held.objects.get(ticket=ticket).state == Held.State.EXCEPTED
