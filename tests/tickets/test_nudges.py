"""催单: counted, heard by worker and supervisor, and never a second ticket."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils.timezone import now

from notices.models import Message
from tests.house import AT, House
from tests.tickets.test_owner_views import enter
from tickets import nudges, workflow
from tickets.lines import lines, values_of
from tickets.models import Status, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("IN-20")]


@pytest.fixture
def house():
    return House.build("front_desk", "dispatcher", "engineer", "supervisor", "manager", "director")


def told(ticket: Ticket) -> list[tuple[str, str]]:
    rows = Message.objects.filter(ticket=ticket, template="W21").order_by("pk")
    return [(row.user.username, row.title) for row in rows.select_related("user")]


def test_the_worker_and_the_supervisor_are_told_and_it_is_counted(house):
    ticket = house.ticket_at(Status.ACCEPTED)

    for words in ("还没人来", "又问了一次"):
        nudges.urge(ticket=ticket, by=house.actor("front_desk"), at=AT, words=words)

    stored = Ticket.objects.get(pk=ticket.pk)
    first, second = f"业主催单（第1次）：{ticket.number}", f"业主催单（第2次）：{ticket.number}"
    assert told(ticket) == [
        ("worker", first),
        ("supervisor", first),
        ("worker", second),
        ("supervisor", second),
    ]
    assert (stored.urged, stored.status, Ticket.objects.count()) == (2, Status.ACCEPTED, 1)
    assert [event.reason for event in stored.events.filter(name="urge")] == ["还没人来", "又问了一次"]


def test_before_anybody_was_sent_the_dispatchers_are_told(house):
    ticket = house.register()

    nudges.urge(ticket=ticket, by=house.actor("front_desk"), at=AT)

    assert {name for name, _ in told(ticket)} == {"dispatcher", "supervisor", "manager"}


def test_an_owner_may_urge_once_an_hour(house):
    ticket = house.ticket_at(Status.ACCEPTED)
    owner = house.journey_owner(ticket)
    nudges.urge(ticket=ticket, by=owner, at=AT)

    with pytest.raises(nudges.TooSoon) as refused:
        nudges.urge(ticket=ticket, by=owner, at=AT + timedelta(minutes=59))
    nudges.urge(ticket=ticket, by=owner, at=AT + timedelta(hours=1))

    assert refused.value.next_at == AT + timedelta(hours=1)
    assert Ticket.objects.get(pk=ticket.pk).urged == 2


def test_what_is_done_cannot_be_hurried(house):
    ticket = house.ticket_at(Status.COMPLETED)

    with pytest.raises(workflow.StepTaken):
        nudges.urge(ticket=ticket, by=house.actor("front_desk"), at=AT)


def test_the_list_shows_how_often(house):
    ticket = house.register()
    nudges.urge(ticket=ticket, by=house.actor("front_desk"), at=AT)

    [line] = lines(values_of(Ticket.objects.all()), now=AT)

    assert line.urged == 1


def test_the_desk_writes_down_what_the_owner_said(client, house):
    ticket = house.ticket_at(Status.ACCEPTED)
    client.force_login(house.people["front_desk"])
    url = reverse("ticket_urge", args=[ticket.number])
    form = {"form_key": str(uuid4()), "words": "孩子等着洗澡"}

    answers = [client.post(url, form), client.post(url, form)]
    page = client.get(reverse("ticket", args=[ticket.number])).content.decode()

    assert [answer.status_code for answer in answers] == [303, 303]
    assert Ticket.objects.get(pk=ticket.pk).urged == 1
    assert ("催1次" in page, "孩子等着洗澡" in page) == (True, True)


def test_the_owner_presses_once_and_is_asked_to_wait_the_second_time(client, house):
    cache.clear()
    ticket = house.journey(at=now() - timedelta(hours=9)).to(Status.ACCEPTED)
    enter(client, ticket)
    url = reverse("owner_urge", args=[ticket.number])

    first = client.post(url, {"form_key": str(uuid4())}, follow=True)
    second = client.post(url, {"form_key": str(uuid4())}, follow=True)

    words = [str(message) for answer in (first, second) for message in answer.context["messages"]]
    assert words[0] == "已催单：师傅和主管都收到了，会尽快与您联系。"
    assert "已经为您催过" in words[1]
    assert (Ticket.objects.get(pk=ticket.pk).urged, "后可以再催" in second.content.decode()) == (1, True)


def test_the_back_button_counts_no_second_time(client):
    house = House.build("front_desk", "supervisor")
    ticket = house.register()
    client.force_login(house.people["front_desk"])
    url = reverse("ticket_urge", args=[ticket.number])
    page = client.get(url)
    # static/js/guard.js gives a form so marked its first key again after the back button.
    sent = {"form_key": page.context["form"]["form_key"].value(), "words": "等了一上午"}

    again = [client.post(url, sent | more).status_code for more in ({}, {}, {"words": ""})]

    assert ("data-once" in page.content.decode(), again) == (True, [303, 303, 422])
    assert Ticket.objects.get(pk=ticket.pk).urged == 1
