"""Owners who need more care get the housekeeper's one-to-one follow-up."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.timezone import localtime, now

from estates.models import CareFlag
from notices.models import Message
from tests.house import AT, House
from tickets import care, intake
from tickets.models import CareTask

pytestmark = [pytest.mark.django_db, pytest.mark.row("IN-09")]


@pytest.fixture
def house():
    built = House.build("front_desk", "housekeeper")
    CareFlag.objects.create(owner=built.household.owner, kind=CareFlag.Kind.ELDERLY_ALONE)
    return built


def test_the_housekeeper_is_asked_and_told(house):
    ticket = house.register()

    task = CareTask.objects.get()
    told = Message.objects.get(template="W24")
    # 2级 by category, raised by the flag.
    assert (ticket.level, task.flags, task.due_at) == (1, "高龄独居", AT + timedelta(hours=1))
    assert (told.user, told.link) == (house.people["housekeeper"], f"/desk/care/{task.pk}/")


def test_the_message_names_the_day_it_is_read_on_another(house):
    at = now()
    house.register(at=at)

    due = localtime(CareTask.objects.get().due_at)
    assert f"{due.month}月{due.day}日 {due:%H:%M}" in Message.objects.get(template="W24").body


def test_nobody_is_asked_without_a_flag(house):
    CareFlag.objects.all().delete()

    house.register()

    assert CareTask.objects.count() == 0


def test_an_owner_known_later_gets_the_task_then_and_only_once(house):

    ticket = house.register(owner=None, reporter_phone="")
    before = CareTask.objects.count()

    intake.complete(ticket=ticket, intake=house.intake(), by=house.actor("front_desk"), at=AT)

    assert (before, CareTask.objects.count()) == (0, 1)


def test_it_stands_on_the_first_page_until_it_is_done_with_a_note(client, house):
    ticket = house.register()
    task = CareTask.objects.get()
    client.force_login(house.people["housekeeper"])
    url = reverse("desk_care_task", args=[task.pk])

    waiting = client.get(reverse("desk_home")).content.decode()
    empty = client.post(url, {"form_key": str(uuid4())})
    done = client.post(url, {"form_key": str(uuid4()), "note": "已上门看望"})
    again = client.post(url, {"form_key": str(uuid4()), "note": "再记一次"})

    task.refresh_from_db()
    assert (url in waiting, url in client.get(reverse("desk_home")).content.decode()) == (True, False)
    assert [answer.status_code for answer in (empty, done, again)] == [422, 303, 409]
    assert (task.note, task.done_by) == ("已上门看望", house.people["housekeeper"])
    assert ticket.events.get(name="care").reason == "已上门看望"


def test_the_front_desk_does_not_do_the_housekeepers_work(client, house):
    house.register()
    client.force_login(house.people["front_desk"])

    assert client.get(reverse("desk_care")).status_code == 403
    assert [task.flags for task in care.waiting(house.people["front_desk"])] == ["高龄独居"]
