"""A clock as a line that explains itself."""

from datetime import datetime, timedelta

import pytest
from django.utils.timezone import now as today_now

from tests.house import House
from tickets import pausing, watch, workflow
from tickets.calendars import SHANGHAI
from tickets.clock_lines import clock_lines, phone_lines, span
from tickets.models import Status, Ticket

pytestmark = pytest.mark.django_db


def ten_today() -> datetime:
    return datetime.combine(
        today_now().astimezone(SHANGHAI).date(), datetime.min.time(), SHANGHAI
    ) + timedelta(hours=10, minutes=2)


def line(ticket, kind: str, now: datetime) -> tuple[str, str]:
    (found,) = [each for each in clock_lines(ticket, now=now) if each["kind"] == kind]
    return found["state"], found["why"]


@pytest.mark.row("SL-03")
def test_a_line_says_limit_beginning_due_and_end():
    house = House.build("front_desk", "dispatcher", "engineer", "manager")
    journey = house.journey(at=ten_today(), dangers=["running_water"])
    journey.pace = timedelta(minutes=3, seconds=30)
    ticket = journey.to(Status.DISPATCHED)

    found = line(ticket, "dispatch", ten_today() + timedelta(hours=1))

    assert found == ("met", "15 分钟，自 10:02 登记起，10:17 到期，10:09 完成")


@pytest.mark.row("SL-03")
def test_on_paper_a_line_names_its_days_in_full():
    house = House.build("front_desk")
    at = ten_today()
    ticket = house.register(at=at, dangers=["running_water"])

    lines = clock_lines(ticket, now=at + timedelta(minutes=40))

    [found] = [each["printed"] for each in lines if each["kind"] == "dispatch"]
    assert found == (
        f"15 分钟，自 {at.year}年{at.month}月{at.day}日 10:02 登记起，10:17 到期，已超时 25 分钟"
    )


@pytest.mark.row("SL-03")
def test_a_line_says_by_how_much_a_limit_was_missed():
    house = House.build("front_desk")
    ticket = house.register(at=ten_today(), dangers=["running_water"])

    found = line(ticket, "dispatch", ten_today() + timedelta(minutes=40, seconds=10))

    assert found == ("breach", "15 分钟，自 10:02 登记起，10:17 到期，已超时 25 分钟")


@pytest.mark.row("SL-03")
def test_what_a_transfer_ended_was_neither_in_time_nor_done():
    house = House.build("front_desk", "manager")
    at = ten_today()
    ticket = house.register(at=at, dangers=["running_water"])
    workflow.step(
        ticket=ticket,
        name="transfer",
        by=house.actor("manager"),
        at=at + timedelta(minutes=20),
        reason="自来水公司",
    )

    lines = clock_lines(Ticket.objects.get(pk=ticket.pk), now=at + timedelta(hours=1))

    said = {each["kind"]: (each["state"], each["text"]) for each in lines}
    assert (said["dispatch"], said["arrive"]) == (("late", "超时未办"), ("cancelled", "不再计时"))


def test_half_a_minute_late_is_late_and_adds_up():
    house = House.build("front_desk", "dispatcher", "engineer", "manager")
    at = ten_today()
    ticket = house.register(at=at, dangers=["running_water"])

    found = line(ticket, "dispatch", at + timedelta(minutes=15, seconds=30))

    assert found == ("breach", "15 分钟，自 10:02 登记起，10:17 到期，已超时不到 1 分钟")


@pytest.mark.row("SL-04")
def test_a_line_tells_of_every_pause_and_why():
    house = House.build("front_desk", "dispatcher", "engineer", "manager")
    at = ten_today()
    ticket = house.journey(at=at).to(Status.ACCEPTED)
    by = house.system()
    pausing.suspend(
        ticket=ticket, code="emergency", words="台风红色预警", files=[], by=by, at=at + timedelta(minutes=40)
    )

    paused = line(ticket, "complete", at + timedelta(minutes=50))
    workflow.step(ticket=ticket, name="resume", by=by, at=at + timedelta(minutes=100))
    resumed = line(ticket, "complete", at + timedelta(minutes=101))

    assert paused[0] == "paused"
    moves = "原定 明天 10:02 到期，恢复后顺延"
    assert paused[1] == f"24 小时，自 10:02 登记起，10:42 挂起（应急模式），{moves}"
    assert resumed == (
        "running",
        "24 小时，自 10:02 登记起，10:42 挂起（应急模式），11:42 恢复，扣除 1 小时，明天 11:02 到期",
    )


def test_spans_are_said_in_hours_and_minutes():
    assert [span(each) for each in (0, 15, 60, 125, 1440, 4320, 14400)] == [
        "0 分钟",
        "15 分钟",
        "1 小时",
        "2 小时 5 分钟",
        "24 小时",
        "72 小时",
        "10 天",
    ]


@pytest.mark.row("SL-04")
def test_a_reason_that_must_be_proved_is_refused_without_proof():
    house = House.build("front_desk", "dispatcher", "engineer", "manager")
    ticket = house.ticket_at(Status.ACCEPTED)

    with pytest.raises(pausing.ProofMissing, match="现场照片或调货申请"):
        pausing.suspend(
            ticket=ticket, code="material", words="等阀芯", files=[], by=house.actor("worker"), at=ten_today()
        )


@pytest.mark.row("SL-05")
def test_the_phone_shows_what_runs_and_folds_what_was_kept_and_asks_for_own_delays_only():
    house = House.build("front_desk", "dispatcher", "engineer", "manager")
    at = ten_today()
    journey = house.journey(at=at, dangers=["running_water"])
    journey.pace = timedelta(minutes=3, seconds=30)
    ticket = journey.to(Status.ACCEPTED)
    watch.look(now=at + timedelta(hours=3))

    shown = phone_lines(ticket, now=at + timedelta(hours=3))

    missed = {line["label"] for line in shown["clocks"] if line["state"] in {"breach", "late"}}
    asked = {line["label"] for line in shown["clocks"] if line["owed"]}
    assert (missed - asked, [line["label"] for line in shown["kept"]]) == ({"登记"}, ["派单"])
