"""The demo town comes from the services: its clocks, history and scope hold like any other's."""

import pytest
from django.core.management import call_command
from django.utils.timezone import now

from coordination.models import Request, WeeklyList
from dispatch.models import Worker
from estates.models import Estate, Unit
from notices.models import Message
from tests.tickets.test_machine import recomputed_clocks, stored_clocks
from tickets.models import Status, Ticket

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def town():
    call_command("load_presets", verbosity=0)
    call_command("load_demo", tickets=4, seed=3)


def test_the_town_has_people_dwellings_and_tickets_in_the_states_aside(town):
    aside = {Status.CANCELLED, Status.TRANSFERRED, Status.DEFERRED, Status.MERGED, Status.INCOMPLETE}

    found = set(Ticket.objects.values_list("status", flat=True))
    assert (Estate.objects.count(), Unit.objects.count() > 2500, Worker.objects.count()) == (4, True, 14)
    assert aside - found == set()
    differing = [
        ticket.number for ticket in Ticket.objects.all() if stored_clocks(ticket) != recomputed_clocks(ticket)
    ]
    assert differing == []
    assert Message.objects.filter(state="new").count() == 0
    assert Request.objects.overdue(at=now()).exists()
    assert [row["outcome"] for row in WeeklyList.objects.latest("monday").review] == ["done", "open"]


def test_it_never_mixes_with_data_that_is_there(town):
    before = Ticket.objects.count()

    call_command("load_demo", tickets=4)

    assert Ticket.objects.count() == before
