"""The watcher tells of a breach once, whoever and how many run it."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from notices.models import Message
from tests.house import AT, House
from tickets import watch, workflow
from tickets.models import Clock, Status

LATE = AT + timedelta(hours=3)


def told() -> int:
    return Message.objects.filter(template="W05").count()


@pytest.mark.django_db
@pytest.mark.row("SL-05")
def test_a_breached_clock_is_told_once_to_those_responsible():
    house = House.build("front_desk", "dispatcher")
    house.register()

    first, second = watch.breach_due(now=LATE), watch.breach_due(now=LATE + timedelta(hours=1))

    people = set(Message.objects.filter(template="W05").values_list("user__username", flat=True))
    assert (first, second, people) == (2, 0, {"dispatcher"})


@pytest.mark.django_db
@pytest.mark.row("SL-04")
def test_paused_clocks_do_not_breach():
    house = House.build()
    ticket = house.ticket_at(Status.ACCEPTED)
    workflow.step(
        ticket=ticket, name="suspend", by=house.actor("worker"), at=AT + timedelta(minutes=50), reason="等料"
    )

    watch.breach_due(now=LATE + timedelta(days=9))

    breached = Clock.objects.filter(ticket=ticket, breached_at__isnull=False)
    assert list(breached) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.row("SL-05")
def test_four_watchers_at_once_tell_each_breach_once():
    house = House.build("front_desk", "dispatcher")
    for _ in range(30):
        house.register()

    def run():
        watch.breach_due(now=LATE)
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (told(), Clock.objects.filter(breached_at__isnull=False).count()) == (60, 60)
