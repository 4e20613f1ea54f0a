"""The live board: columns, cards, filters and the figures above them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from tests.house import AT, House
from tickets import board, workflow
from tickets.models import Clock, Status, TicketEvent

pytestmark = [pytest.mark.django_db, pytest.mark.row("SL-07")]


def shown(house: House, *, at, **choice) -> dict[str, list[str]]:
    """The numbers on the board for the dispatcher, by column; empty columns left out."""
    chosen = board.Choice(**choice)
    columns = board.columns(board.tickets_of(house.people["dispatcher"], chosen), chosen, now=at)
    return {column.label: [card.number for card in column.cards] for column in columns if column.count}


def client_of(house: House, code: str = "dispatcher") -> Client:
    client = Client()
    client.force_login(house.people[code])
    return client


def test_each_open_ticket_stands_in_the_column_of_its_state():
    house = House.build("front_desk", "dispatcher", "engineer", "manager")
    waiting, going = house.register(), house.ticket_at(Status.ACCEPTED)
    gone = house.register()
    workflow.step(ticket=gone, name="cancel", by=house.actor("dispatcher"), at=AT, reason="重复")

    assert shown(house, at=AT) == {"待派单": [waiting.number], "待上门": [going.number]}


def test_what_is_late_comes_first_and_then_the_level_counts():
    house = House.build("front_desk", "dispatcher")
    urgent = house.register(dangers=["running_water"], at=AT + timedelta(hours=2))
    late, normal = house.register(), house.register(at=AT + timedelta(hours=2))

    assert shown(house, at=AT + timedelta(hours=2, minutes=1)) == {
        "待派单": [late.number, urgent.number, normal.number]
    }


def test_filters_narrow_the_board():
    house = House.build("front_desk", "dispatcher", "engineer", "manager")
    other = House.person("front_desk", house.estate, username="nobody")
    plain, urgent = house.register(), house.register(dangers=["running_water"])
    going = house.ticket_at(Status.ACCEPTED)
    trade = house.fault.trades.get()
    at = AT + timedelta(minutes=20)

    assert shown(house, at=at, level=1) == {"待派单": [urgent.number]}
    assert shown(house, at=at, person=house.worker.user) == {"待上门": [going.number]}
    assert shown(house, at=at, person=other) == {}
    assert len(shown(house, at=at, trade=trade)) == 2
    # Dispatch of level 1 ends after 15 minutes, of level 2 after 60.
    assert shown(house, at=at, overdue=True) == {"待派单": [urgent.number]}
    assert plain.number in shown(house, at=at, estate=house.estate)["待派单"]


def test_the_figures_are_those_of_the_tickets():
    house = House.build()
    house.register()
    done = house.ticket_at(Status.COMPLETED)
    contacted = Clock.objects.get(ticket=done, kind="contact").stopped_at
    tickets = board.tickets_of(house.people["dispatcher"], board.Choice())

    found = board.figures(tickets, board.columns(tickets, board.Choice(), now=AT), now=AT)

    assert (found.open, found.registered_today, found.completion) == (2, 2, 50)
    assert found.response_minutes == (contacted - AT).total_seconds() / 60


def test_a_poll_brings_nothing_until_something_has_happened():
    house = House.build("front_desk", "dispatcher")
    ticket, client = house.register(), client_of(house)
    url = reverse("desk_board")
    seen = board.stamp(now=now())

    same = client.get(url, {"seen": seen}, headers={"HX-Request": "true"})
    workflow.note(ticket=ticket, name="comment", by=house.actor("dispatcher"), at=AT, reason="催过")
    after = client.get(url, {"seen": seen}, headers={"HX-Request": "true"})

    # The minute may have turned between the two looks; then the first brings the board as well.
    assert same.status_code == (204 if board.stamp(now=now()).split("-")[1] == seen.split("-")[1] else 200)
    assert (after.status_code, "<html" in after.content.decode()) == (200, False)
    assert TicketEvent.objects.count() == 2


def test_the_wall_shows_few_cards_and_says_how_many_more():
    house = House.build("front_desk", "dispatcher")
    for _ in range(6):
        house.register()

    page = client_of(house).get(reverse("desk_board"), {"wall": "1"}).content.decode()

    assert (page.count("board-card "), "另有 2 单" in page) == (4, True)
