"""What a list says of a ticket, and that it costs two queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.house import AT, House
from tickets.lines import lines, values_of
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return House.build("front_desk", "dispatcher")


@pytest.mark.row("SL-09")
def test_a_line_names_place_problem_state_and_the_limit_that_ends_first(house):
    ticket = house.register()
    clock = ticket.clocks.filter(stopped_at__isnull=True).order_by("due_at").first()

    [line] = lines(values_of(Ticket.objects.all()), now=AT)

    assert (line.number, line.level, line.url) == (ticket.number, ticket.level, f"/desk/t/{ticket.number}/")
    assert (line.place, line.problem) == (f"{ticket.estate.name} {ticket.place_label}", ticket.fault.fault)
    assert (line.status, line.status_label, line.handler) == ("registered", "已登记", "")
    assert (line.clock, line.late) == (clock.get_kind_display(), False)


@pytest.mark.row("SL-09")
def test_a_limit_that_is_over_is_late(house):
    house.register()

    [line] = lines(values_of(Ticket.objects.all()), now=AT + timedelta(days=30))

    assert line.late is True


def test_without_a_fault_the_callers_words_stand_in_shortened(house):
    house.register(fault=None, description="水" * 60)

    [line] = lines(values_of(Ticket.objects.all()), now=AT)

    assert (line.problem, line.due, line.late) == ("水" * 39 + "…", "", False)


def test_a_page_of_lines_is_two_queries_however_many_there_are(house):
    for _ in range(3):
        house.register()

    with CaptureQueriesContext(connection) as queries:
        found = lines(values_of(Ticket.objects.all())[:2], now=AT)

    assert (len(found), len(queries)) == (2, 2)
