"""Reminders: half-time, the deadline, each day of a delay, up to supervisor and manager, each once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from coordination import requests, watch
from coordination.models import Request
from coordination.thread import Moved
from notices.models import Message

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-11")]


def told() -> list[tuple[str, str]]:
    """Template and reader of every message besides those of asking, in order."""
    rows = Message.objects.exclude(key__contains=":asked:").order_by("pk")
    return [
        (row.template, row.user.username if row.user else row.channel) for row in rows.select_related("user")
    ]


def test_each_stage_is_told_once_and_climbs(asked, later):
    asked()
    for hours in (11, 12, 13, 24, 47, 48, 71, 72, 96, 97):
        watch.look(now=later(hours))

    once = [("N17", "email"), ("X01", "engineer")]
    # Half-time, the deadline, one day late, two days, three days.
    assert told() == [
        *once,
        *once,
        *once,
        ("X02", "supervisor"),
        *once,
        *once,
        ("X02", "manager"),
    ]


def test_after_a_stop_of_days_everybody_is_told_once_and_nobody_is_left_out(asked, later):
    row = asked()

    assert (watch.look(now=later(24 * 6)), watch.look(now=later(24 * 6))) == (1, 0)

    assert told() == [("N17", "email"), ("X01", "engineer"), ("X02", "supervisor"), ("X02", "manager")]
    row = Request.objects.get(pk=row.pk)
    assert (row.escalated, row.next_look_at) == (2, later(24 * 7))
    assert dict(row.events.get(name="reminded").facts)["已提醒"] == "陈立言、顾明远、赵文博"


def test_a_moved_deadline_is_warned_of_anew(house, asked, later):
    row = asked()
    watch.look(now=later(24))
    before = len(told())
    requests.change(
        request=row,
        owner=row.owner,
        due_at=later(60),
        reason="对方要求",
        by=house.actor("engineer"),
        at=later(25),
    )

    watch.look(now=later(30))
    watch.look(now=later(60))

    assert told()[before:] == [("N17", "email"), ("X01", "engineer")] * 2


def test_what_was_answered_is_left_in_peace(house, asked, later):
    row = asked()
    requests.answer(request=row, words="给了", files=[], by=house.actor("engineer"), at=later(1))

    assert watch.look(now=later(500)) == 0
    assert told() == []


@pytest.mark.django_db(transaction=True)
def test_two_watchers_remind_once(asked, later):
    for _ in range(6):
        asked()
    gate = Barrier(2)

    def look(_) -> int:
        try:
            gate.wait(timeout=60)
            return watch.look(now=later(12), batch=2)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(look, range(2))) == 6

    assert Message.objects.filter(template="X01").count() == 6
    assert Request.objects.filter(next_look_at=later(24)).count() == 6


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_are_one(house, asked, later):
    row, gate = asked(), Barrier(2)

    def answer(who: str) -> str:
        try:
            gate.wait(timeout=60)
            requests.answer(request=row, words=who, files=[], by=house.actor(who), at=later(1))
            return "done"
        except Moved:
            return "moved"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(answer, ["clerk", "engineer"])) == ["done", "moved"]

    assert row.events.filter(name="answered").count() == 1
