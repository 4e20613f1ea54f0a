"""The watcher tells of each moment once, whoever and how many run it, and whenever they come."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from accounts.models import User
from notices.models import Message
from tests.house import AT, House
from tickets import watch, workflow
from tickets.models import Clock, Status

pytestmark = pytest.mark.django_db
LATE = AT + timedelta(hours=3)


def after(minutes: int):
    return AT + timedelta(minutes=minutes)


def told(template: str, kind: str = "") -> Counter[str]:
    """How many messages of a template each person or number got; of one clock by its name in the words."""
    found = Message.objects.filter(template=template, body__contains=kind)
    return Counter(found.values_list("user__username", flat=True))


@pytest.mark.row("SL-05")
def test_a_clock_warns_at_half_and_at_four_fifths_of_its_limit_once_each():
    house = House.build("front_desk", "dispatcher")
    house.register()  # level 2: to be dispatched within 60 minutes

    seen = []
    for minutes in (29, 30, 31, 48, 49):
        watch.look(now=after(minutes))
        seen.append(told("W04", "派单")["dispatcher"])

    assert seen == [0, 1, 1, 2, 2]


@pytest.mark.row("SL-05")
def test_a_breached_clock_is_told_once_to_those_responsible():
    house = House.build("front_desk", "dispatcher")
    house.register()

    first, second = watch.look(now=LATE), watch.look(now=LATE + timedelta(minutes=1))

    assert (first, second, told("W05")) == (2, 0, {"dispatcher": 2})


@pytest.mark.row("SL-05")
def test_a_breach_climbs_from_the_worker_to_the_supervisor_the_manager_and_the_director():
    house = House.build()
    house.ticket_at(Status.ACCEPTED)  # to arrive within 120 minutes

    climb = []
    for minutes in (119, 120, 180, 240, 300):
        watch.look(now=after(minutes))
        climb.append((set(told("W05", "到场")), set(told("W31", "到场"))))

    assert climb == [
        (set(), set()),
        ({"worker"}, {"supervisor"}),
        ({"worker"}, {"supervisor", "manager"}),
        ({"worker"}, {"supervisor", "manager", "director"}),
        ({"worker"}, {"supervisor", "manager", "director"}),
    ]


@pytest.mark.row("SL-05")
def test_after_a_stop_of_hours_each_rung_is_told_once_and_no_warning_is_late():
    house = House.build()
    house.ticket_at(Status.ACCEPTED)

    for hours in (5, 6, 7):
        watch.look(now=AT + timedelta(hours=hours))

    assert told("W04", "到场") == {}
    assert told("W05", "到场") == {"worker": 1}
    assert told("W31", "到场") == {"supervisor": 1, "manager": 1, "director": 1}


@pytest.mark.row("SL-05")
def test_where_a_rung_is_empty_the_next_one_up_is_told():
    house = House.build("front_desk", "dispatcher", "manager")
    house.register()

    watch.look(now=after(60))

    assert told("W31", "派单") == {"manager": 1}


@pytest.mark.row("SL-05")
def test_the_policy_may_name_other_rungs():
    house = House.build("front_desk", "dispatcher", "supervisor", "director")
    ticket = house.register()
    rules = ticket.policy.rules
    rules["clocks"]["dispatch"]["escalate"] = [{"at": 120, "to": "director"}]
    ticket.policy.save()
    workflow.note(ticket=ticket, name="comment", by=house.actor("dispatcher"), at=AT, reason="催过")

    watch.look(now=after(71))
    before = told("W31", "派单")
    watch.look(now=after(72))

    assert (before, told("W31", "派单")) == ({}, {"director": 1})


@pytest.mark.row("SL-05")
def test_the_owner_hears_once_of_a_late_visit_and_of_nothing_inside():
    house = House.build("front_desk", "dispatcher")
    place = house.register().place_label

    watch.look(now=LATE)
    watch.look(now=LATE + timedelta(hours=2))

    letters = list(Message.objects.filter(template="N31").values_list("address", "body"))
    assert letters == [
        (
            "13800138000",
            f"【房修】张伟您好，很抱歉，{place}“龙头漏水”没能在约定的5月8日 11:00前上门，"
            "目前还在为您安排师傅。我们已请主管督促，会尽快处理好。着急请致电",
        )
    ]


@pytest.mark.row("SL-05")
@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (3, "目前已与您约好5月8日 14:00–16:00上门。"),
        (8, "目前约好5月8日 14:00–16:00上门的师傅还没有到达。"),
    ],
)
def test_an_owner_who_agreed_to_a_later_window_reads_of_that_window(hours, words):
    house = House.build()
    ticket = house.ticket_at(Status.ACCEPTED)
    day = AT.replace(hour=6)
    workflow.step(
        ticket=ticket,
        name="schedule",
        by=house.actor("worker"),
        at=AT + timedelta(minutes=50),
        payload={
            "from": day.isoformat(),
            "until": day.replace(hour=8).isoformat(),
            "window": "5月8日 14:00–16:00",
        },
    )

    watch.look(now=AT + timedelta(hours=hours))

    [body] = Message.objects.filter(template="N31", body__contains="上门，目前").values_list(
        "body", flat=True
    )
    assert words in body


@pytest.mark.row("SL-04")
def test_paused_clocks_do_not_breach():
    house = House.build()
    ticket = house.ticket_at(Status.ACCEPTED)
    workflow.step(
        ticket=ticket, name="suspend", by=house.actor("worker"), at=AT + timedelta(minutes=50), reason="等料"
    )

    watch.look(now=LATE + timedelta(days=9))

    breached = Clock.objects.filter(ticket=ticket, breached_at__isnull=False)
    assert list(breached) == []


@pytest.mark.row("SL-04")
def test_a_pause_moves_what_is_still_to_come_and_keeps_what_was_told():
    house = House.build()
    ticket, by = house.ticket_at(Status.ACCEPTED), house.actor("worker")
    watch.look(now=after(61))
    workflow.step(ticket=ticket, name="suspend", by=by, at=after(70), reason="等料")
    workflow.step(ticket=ticket, name="resume", by=by, at=after(100))

    heard = []
    for minutes in (101, 125, 126, 149, 150):  # 96 and 120 minutes, half an hour later
        watch.look(now=after(minutes))
        heard.append((told("W04", "到场").total(), told("W05", "到场").total()))

    assert heard == [(1, 0), (1, 0), (2, 0), (2, 0), (2, 1)]


@pytest.mark.row("SL-05")
def test_a_raised_level_warns_of_the_new_limit():
    house = House.build("front_desk", "dispatcher")
    ticket = house.register()
    watch.look(now=after(30))
    workflow.note(
        ticket=ticket,
        name="change_level",
        by=house.system(),
        at=after(31),
        reason="水漫到楼下",
        payload={"level": 3, "from": 2},
        level=3,
    )

    watch.look(now=after(60))  # half of the 120 minutes of level 3

    assert told("W04", "派单") == {"dispatcher": 2}


@pytest.mark.row("SL-05")
def test_a_limit_missed_and_met_while_nobody_watched_is_known_to_be_late():
    house = House.build()
    journey = house.journey()
    journey.now = after(90)
    journey.to(Status.DISPATCHED)

    clock = Clock.objects.get(ticket=journey.ticket, kind="dispatch")

    assert (clock.breached_at, watch.look(now=clock.stopped_at)) == (clock.stopped_at, 1)


# -- several workers at once -----------------------------------------------------


def at_once(number: int, run: Callable[[], int]) -> int:
    """What so many threads answered in all."""
    answers = []

    def one():
        try:
            answers.append(run())
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(answers)


def thirty_tickets() -> House:
    house = House.build("front_desk", "dispatcher")
    for _ in range(30):
        house.register()
    return house


@pytest.mark.django_db(transaction=True)
@pytest.mark.row("SL-05")
def test_four_watchers_at_once_tell_each_breach_once():
    thirty_tickets()

    taken = at_once(4, lambda: watch.look(now=LATE, batch=7))

    assert (taken, told("W05")) == (60, {"dispatcher": 60})
    assert Clock.objects.filter(breached_at__isnull=False).count() == 60


@pytest.mark.django_db(transaction=True)
def test_without_marks_under_a_lock_two_watchers_would_take_the_same_clocks():
    thirty_tickets()
    gate = threading.Barrier(2)

    def careless() -> int:
        found = list(Clock.objects.filter(next_look_at__lte=LATE).values_list("pk", flat=True))
        gate.wait(timeout=60)
        Clock.objects.filter(pk__in=found).update(next_look_at=None, breached_at=LATE)
        return len(found)

    assert at_once(2, careless) == 120


@pytest.mark.django_db(transaction=True)
@pytest.mark.row("SL-05")
def test_a_clock_that_somebody_holds_is_told_by_the_next_pass():
    house = House.build("front_desk", "dispatcher")
    house.register()
    held, let_go = threading.Event(), threading.Event()

    def hold() -> int:
        with watch.transaction.atomic():
            list(Clock.objects.select_for_update().filter(kind="dispatch"))
            held.set()
            let_go.wait(timeout=60)
        return 0

    holder = threading.Thread(target=at_once, args=[1, hold])
    holder.start()
    held.wait(timeout=60)
    first = watch.look(now=LATE)
    let_go.set()
    holder.join()

    assert (first, watch.look(now=LATE)) == (1, 1)
    assert User.objects.filter(messages__template="W05").distinct().count() == 1
