"""One ticket in plain queries: the same rows, and the same eyes, as the querysets."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.house import House
from tickets import reads
from tickets.models import Status, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return House.build("front_desk", "dispatcher", "engineer", "manager", "auditor")


def test_a_row_is_visible_to_exactly_those_whose_queryset_holds_it(house):
    tickets = [house.register(), house.register()]
    Ticket.objects.filter(pk=tickets[0].pk).update(handler=house.worker.user)
    far = User.objects.create(username="far", full_name="远")
    people = [
        *house.people.values(),
        house.worker.user,
        far,
        User.objects.create(username="root", is_superuser=True),
    ]

    for user in map(_fresh, people):
        seen = set(Ticket.objects.visible_to(user))
        rows = Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets])
        assert {ticket for ticket in rows if ticket.is_visible_to(user)} == seen, user.username


def test_a_ticket_comes_with_all_that_it_refers_to_in_one_query(house):
    number = house.register().number
    user = _fresh(house.people["front_desk"])
    assert (user.has_perm("tickets.view_estate_tickets"), user.may_see_estate(0)) == (True, False)

    with CaptureQueriesContext(connection) as queries:
        ticket = reads.find(user, number)
        words = (
            str(ticket.estate),
            str(ticket.fault),
            str(ticket.policy),
            str(ticket.unit),
            ticket.owner.name,
        )
        channel = ticket.report.channel

    stored = Ticket.objects.get(number=number)
    assert words == (
        str(stored.estate),
        str(stored.fault),
        str(stored.policy),
        str(stored.unit),
        stored.owner.name,
    )
    assert (ticket, ticket.verdict, channel) == (stored, stored.verdict, stored.report.channel)
    assert len(queries) == 1


def test_a_number_that_does_not_exist_finds_nothing(house):
    assert reads.find(_fresh(house.people["front_desk"]), "X-000000-0001") is None


def test_what_hangs_on_a_ticket_is_what_the_relations_hold(house):
    ticket = house.register()

    assert reads.clocks_of(ticket) == list(ticket.clocks.all())
    assert reads.events_of(ticket) == list(ticket.events.order_by("-seq"))
    assert reads.evidence_of(ticket) == list(ticket.evidence.all())
    assert reads.beside(ticket) == reads.Beside(ticket.holders.get(until=None), None, None)


@pytest.mark.parametrize("status", [Status.REGISTERED, Status.OWNER_CONSENT, Status.COMPLETED, Status.CLOSED])
def test_sheets_are_asked_for_where_the_history_tells_of_them(house, status):
    ticket = house.ticket_at(status)
    events = reads.events_of(ticket)

    assert reads.plan_of(ticket, events) == ticket.plans.order_by("-number").first()
    assert reads.acceptances_of(ticket, events) == list(ticket.acceptances.order_by("-round"))
    assert reads.follow_ups_of(ticket, events) == list(ticket.follow_ups.order_by("-called_at"))


@pytest.mark.row("IN-03")
def test_the_other_tickets_of_the_dwelling_are_listed_newest_first(house):
    first, second = house.register(), house.register()

    others = reads.others_of_unit(_fresh(house.people["front_desk"]), second)

    assert (others, second.status) == ([first], Status.REGISTERED)


def _fresh(user: User) -> User:
    """As the next request would load it."""
    return User.objects.get(pk=user.pk)
