"""Each role sees first what fails, what waits for it, and what it owes."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.house import AT, House
from tickets import classes, delays, first_page, watch
from tickets.models import Status

pytestmark = [pytest.mark.django_db, pytest.mark.row("SL-09")]


def numbers(part) -> list[str]:
    return [line.number for line in part.lines]


def test_what_is_over_stands_apart_from_what_is_near():
    house = House.build("front_desk", "dispatcher")
    over, near = house.register(), house.register(at=AT + timedelta(hours=1))

    page = first_page.read(house.people["front_desk"], now=AT + timedelta(minutes=90))

    assert (numbers(page["breached"]), numbers(page["soon"])) == ([over.number], [near.number])


def test_each_role_sees_what_waits_for_it():
    house = House.build()
    in_review = house.ticket_at(Status.IN_REVIEW)
    to_inspect = house.ticket_at(Status.PRE_INSPECTION)
    to_call = house.ticket_at(Status.COMPLETED)
    word = {in_review.number: "review", to_inspect.number: "inspect", to_call.number: "call"}

    seen = {}
    for code in ("dispatcher", "engineer", "housekeeper", "supervisor", "director"):
        waiting = first_page.read(house.people[code], now=AT)["waiting"]
        seen[code] = waiting and {word[number] for number in numbers(waiting)}

    assert seen == {
        "dispatcher": {"review"},
        "engineer": {"inspect"},
        "housekeeper": {"call"},
        "supervisor": {"review", "inspect", "call"},
        "director": None,
    }


def test_the_director_and_the_manager_see_how_each_estate_stands():
    house = House.build()
    house.register()
    at = AT + timedelta(hours=3)

    found = {
        code: [
            (row["estate"], row["open"], row["late"])
            for row in first_page.read(house.people[code], now=at)["estates"]
        ]
        for code in ("director", "manager", "front_desk")
    }

    here = [(house.estate.pk, 1, 1)]
    assert found == {"director": here, "manager": here, "front_desk": []}


def test_what_somebody_owes_is_on_their_page():
    house = House.build()
    house.register()
    at = AT + timedelta(hours=3)
    watch.look(now=at)

    page = first_page.read(house.people["dispatcher"], now=at)

    assert page["owed_count"] == delays.owed_by(house.people["dispatcher"], now=at).count() == 2


def test_who_decides_sees_how_many_decisions_wait(client):
    house = House.build()
    ticket = house.register()
    classes.raise_accident(ticket=ticket, by=house.actor("manager"), at=AT, reason="业主滑倒受伤")

    seen = {}
    for code in ("director", "manager", "dispatcher"):
        client.force_login(house.people[code])
        seen[code] = client.get(reverse("desk_home")).context["to_decide"]

    assert seen == {"director": 1, "manager": 0, "dispatcher": None}
