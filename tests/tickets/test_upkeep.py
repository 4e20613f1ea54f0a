"""What time does: deferred tickets come back, closed ones are filed."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from tests.house import AT, House
from tickets import upkeep, workflow
from tickets.models import Status, Ticket

pytestmark = pytest.mark.django_db


@pytest.mark.row("SL-10")
def test_a_deferred_ticket_returns_on_its_day_and_not_before():
    house = House.build("front_desk", "dispatcher")
    until = localdate(AT) + timedelta(days=3)
    ticket = workflow.step(
        ticket=house.register(), name="defer", by=house.actor("dispatcher"), at=AT, reason="等雨", until=until
    )

    early = upkeep.undefer_due(today=until - timedelta(days=1), at=AT)
    due = upkeep.undefer_due(today=until, at=AT + timedelta(days=3))

    assert (early, due, Ticket.objects.get(pk=ticket.pk).status) == (0, 1, "registered")


@pytest.mark.row("FU-03")
def test_a_closed_ticket_is_filed_after_a_week():
    house = House.build()
    ticket = house.ticket_at(Status.CLOSED)
    closed = ticket.closed_at

    early = upkeep.archive_closed(at=closed + timedelta(days=6))
    due = upkeep.archive_closed(at=closed + timedelta(days=7))

    assert (early, due, Ticket.objects.get(pk=ticket.pk).status) == (0, 1, "archived")
