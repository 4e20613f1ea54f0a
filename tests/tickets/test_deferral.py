"""Work that cannot be done now: a reason, a day, the owner told, and back by itself."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils.timezone import localdate
from django_q.models import OrmQ

from notices.models import Message
from tests.house import AT, House
from tickets import pages, upkeep, watch, workflow
from tickets.models import Clock, Status, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("SL-10")]
UNTIL = localdate(AT) + timedelta(days=3)


def deferred(house: House) -> Ticket:
    return workflow.step(
        ticket=house.register(),
        name="defer",
        by=house.actor("dispatcher"),
        at=AT + timedelta(minutes=10),
        reason="屋面要等天晴",
        payload={"until": UNTIL.isoformat()},
        until=UNTIL,
    )


def test_the_owner_reads_until_when_and_why():
    house = House.build("front_desk", "dispatcher")
    ticket = deferred(house)

    message = Message.objects.get(template="N33")
    assert (message.address, "5月11日" in message.body, "屋面要等天晴" in message.body) == (
        "13800138000",
        True,
        True,
    )
    assert "5月11日办理，原因：屋面要等天晴" in pages.owner_timeline(ticket)[0]["text"]


def test_nothing_fails_until_then_and_the_clocks_go_on_from_there():
    house = House.build("front_desk", "dispatcher")
    ticket = deferred(house)
    back = AT + timedelta(days=3)
    silent = watch.look(now=back)

    upkeep.undefer_due(today=UNTIL, at=back)

    clock = Clock.objects.get(ticket=ticket, kind="dispatch")
    # 60 minutes less the ten before it was put off.
    assert (silent, clock.due_at) == (0, back + timedelta(minutes=50))


def test_a_day_missed_by_a_stop_is_made_good_once_and_the_desk_is_told():
    house = House.build("front_desk", "dispatcher")
    ticket = deferred(house)
    late = AT + timedelta(days=5)

    moved = [upkeep.undefer_due(today=UNTIL + timedelta(days=2), at=late) for _ in range(2)]

    told = Message.objects.filter(template="W02", ticket=ticket).values_list("user__username", flat=True)
    assert (moved, Ticket.objects.get(pk=ticket.pk).status) == ([1, 0], Status.REGISTERED)
    assert list(told) == ["dispatcher"]


def test_what_came_back_says_why_and_wakes_the_machine_for_a_new_suggestion():
    house = House.build("front_desk", "dispatcher")
    ticket = deferred(house)
    # The day of the registration is over, and with it what that transaction remembers of its wake-ups.
    OrmQ.objects.all().delete()
    connection.run_on_commit.clear()

    upkeep.undefer_due(today=UNTIL, at=AT + timedelta(days=3))

    event = ticket.events.order_by("-seq").first()
    assert (event.name, event.reason) == ("undefer", "延期到5月11日，自动恢复")
    assert ("dispatch.tasks.propose", (ticket.pk,)) in [
        (job.func(), job.args()) for job in OrmQ.objects.all()
    ]
