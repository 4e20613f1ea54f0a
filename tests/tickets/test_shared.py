"""A double click is no error, whatever the first click has moved."""

import pytest
from django.urls import reverse

from tests.house import House
from tickets.models import Status

pytestmark = pytest.mark.django_db


def form_key(page) -> str:
    return str(page.context["form"]["form_key"].value())


def test_a_step_taken_twice_with_one_form_gives_the_first_answer_again(client):
    house = House.build()
    ticket = house.ticket_at(Status.CLOSED)
    client.force_login(house.people["manager"])
    url = reverse("ticket_step", args=[ticket.number, "archive"])
    data = {"form_key": form_key(client.get(url))}

    answers = [client.post(url, data) for _ in range(2)]

    assert [(answer.status_code, answer.url) for answer in answers] == [
        (303, reverse("ticket", args=[ticket.number]))
    ] * 2
    assert ticket.events.filter(name="archive").count() == 1


def test_a_worker_who_declines_twice_with_one_form_is_not_told_off(client):
    house = House.build()
    ticket = house.ticket_at(Status.DISPATCHED)
    client.force_login(house.worker.user)
    url = reverse("field_act", args=[ticket.number, "decline"])
    data = {"form_key": form_key(client.get(url)), "reason": "当天已排满"}

    statuses = [client.post(url, data).status_code for _ in range(2)]

    assert (statuses, ticket.events.filter(name="decline").count()) == ([303, 303], 1)


def test_another_form_after_the_step_is_told_who_took_it(client):
    house = House.build()
    ticket = house.ticket_at(Status.CLOSED)
    client.force_login(house.people["manager"])
    url = reverse("ticket_step", args=[ticket.number, "archive"])
    first, second = form_key(client.get(url)), form_key(client.get(url))
    client.post(url, {"form_key": first})

    answer = client.post(url, {"form_key": second})

    page = answer.content.decode()
    assert (answer.status_code, "赵文博" in page, "已归档" in page) == (409, True, True)


def test_the_key_of_somebody_else_gives_nothing_away(client):
    house = House.build()
    ticket = house.ticket_at(Status.CLOSED)
    client.force_login(house.people["manager"])
    url = reverse("ticket_step", args=[ticket.number, "archive"])
    data = {"form_key": form_key(client.get(url))}
    client.post(url, data)
    client.force_login(house.people["clerk"])

    assert client.post(url, data).status_code == 409
