"""The manager's morning digest: once a day for each estate, in the inbox and by mail."""

from datetime import date, timedelta

import pytest
from django.conf import settings

from notices.models import Message
from tests.factories_estates import EstateFactory
from tests.house import AT, House
from tickets import digest, watch

pytestmark = [pytest.mark.django_db, pytest.mark.row("SL-09")]
MORNING = AT.replace(hour=23, minute=30)  # 07:30 of the next day in Shanghai
DAY = date(2026, 5, 9)


def house_with_mail() -> House:
    house = House.build("front_desk", "dispatcher", "manager")
    manager = house.people["manager"]
    manager.email = "manager@example.cn"
    manager.save(update_fields=["email"])
    EstateFactory()
    return house


def test_managers_get_one_message_and_one_mail_however_often_it_runs():
    house_with_mail()

    digest.send_all(on=DAY, at=MORNING)
    digest.send_all(on=DAY, at=MORNING + timedelta(hours=1))

    found = Message.objects.filter(template="W32").values_list("channel", "user__username", "address")
    assert sorted(found) == [("app", "manager", ""), ("email", None, "manager@example.cn")]


def test_the_digest_counts_yesterday_and_names_the_worst():
    house = house_with_mail()
    first = house.register()
    house.register(at=AT + timedelta(hours=1), started_at=AT + timedelta(minutes=58))
    watch.look(now=AT + timedelta(hours=3))

    digest.send_all(on=DAY, at=MORNING)

    body = Message.objects.get(template="W32", channel="app").body.splitlines()
    assert body[0] == "昨日新报2单，完成0单，超时4项，其中4项未说明原因。"
    assert body[1] == "现有未完2单：待派2单，已超时2单，待回访0单。"
    assert body[3].startswith(first.number)


def test_the_mail_names_the_board_and_a_ticket_without_a_fault_its_words():
    house = house_with_mail()
    house.register(fault=None, description="阳台门关不严")
    watch.look(now=AT + timedelta(hours=3))

    digest.send_all(on=DAY, at=MORNING)

    bodies = dict(Message.objects.filter(template="W32").values_list("channel", "body"))
    board = f"看板：{settings.SITE_URL}/desk/board/?estate={house.estate.pk}"
    assert bodies["email"] == f"{bodies['app']}\n{board}"


def test_words_that_are_cut_say_so():
    house = house_with_mail()
    details = {"about": "safety", "demand": "赔偿", "harm": "no"}
    words = "地库出口道闸砸到车，前挡风玻璃碎了，手划伤"
    house.register(kind="complaint", details=details, fault=None, wanted="", description=words)

    digest.send_all(on=DAY, at=MORNING)

    body = Message.objects.get(template="W32", channel="app").body
    assert "地库出口道闸砸到车，前挡风玻璃碎了，手…（1级" in body
