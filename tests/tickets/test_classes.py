"""日常, 重要, 事故: what raises a class, what follows from it, and who decides (SL-06)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from estates.models import Estate
from notices.models import Message
from tests.house import AT, House
from tests.tickets.test_kinds import opened
from tickets import class_queries, class_watch, classes, handling, promises, workflow
from tickets.clocks import Fact
from tickets.models import Class, ClassCase, ClassRule, Clock, Kind, Statement, Ticket
from tickets.states import Status

pytestmark = [pytest.mark.row("SL-06"), pytest.mark.django_db]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORDS = classes.Words("道闸落下", "手背划伤", "地感失灵", "维保单位", "已更换线圈", "每周测试")


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def names(ticket: Ticket) -> list[str]:
    return list(ticket.events.order_by("seq").values_list("name", flat=True))


def test_what_is_not_solved_in_a_day_becomes_important_once():
    house = House.build("front_desk", "supervisor")
    ticket = house.register()

    assert class_watch.raise_slow(now=AT + 23 * HOUR) == 0
    assert [class_watch.raise_slow(now=AT + 25 * HOUR) for _ in range(2)] == [1, 0]

    assert fresh(ticket).severity == Class.IMPORTANT
    assert names(ticket).count("raise_important") == 1
    assert Message.objects.get(template="K05").user.username == "supervisor"


@pytest.mark.parametrize("kind", [Kind.CONSULTATION, Kind.PLANNED, Kind.MINOR_WORKS, Kind.SUGGESTION])
def test_what_has_a_date_of_its_own_keeps_its_class(kind):
    ticket = opened(House.build("front_desk"), kind)

    class_watch.run(now=AT + 30 * DAY)

    assert fresh(ticket).severity == Class.DAILY


def test_what_is_solved_or_put_aside_is_left_alone():
    house = House.build()
    done = house.ticket_at(Status.COMPLETED)
    aside = house.register()
    until = (AT + 9 * DAY).date()
    workflow.step(
        ticket=aside, name="defer", by=house.actor("dispatcher"), at=AT, reason="等雨天", until=until
    )

    class_watch.run(now=AT + 20 * DAY)

    assert {fresh(done).severity, fresh(aside).severity} == {Class.DAILY}


def test_no_reasonable_solution_in_two_weeks_is_an_accident():
    house = House.build("front_desk", "director")
    ticket = house.register()
    now = AT + 15 * DAY

    class_watch.run(now=now)

    assert fresh(ticket).severity == Class.ACCIDENT
    assert names(ticket)[-2:] == ["raise_important", "raise_accident"]
    clocks = dict(
        Clock.objects.filter(ticket=ticket, kind__in=["answer", "solve"]).values_list("kind", "due_at")
    )
    assert clocks == {"answer": now + 2 * DAY, "solve": now + 10 * DAY}
    assert "director" in [m.user.username for m in Message.objects.filter(template="K05")]


def fact(name: str, hours: float, **payload) -> Fact:
    return Fact(name, AT + hours * HOUR, 1, payload)


def window(hours: float) -> dict:
    return {"until": (AT + hours * HOUR).isoformat()}


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ([fact("schedule", 0, **window(4)), fact("arrive", 3)], []),
        ([fact("schedule", 0, **window(4)), fact("arrive", 5)], ["预约时段未到场"]),
        ([fact("schedule", 0, **window(4)), fact("reschedule", 3, **window(12))], []),
        (
            [fact("schedule", 0, **window(4)), fact("reschedule", 5, **window(9))],
            ["预约时段未到场", "预约时段未到场"],
        ),
        ([fact("schedule", 0, **window(4)), fact("no_access", 3)], []),
        (
            [fact("consent", 0, promised_until=(AT + HOUR).isoformat()), fact("finish", 2)],
            ["未按约定工期完工"],
        ),
        ([fact("consent", 0, promised_until=(AT + HOUR).isoformat()), fact("finish", 0.5)], []),
        ([fact("fail_follow_up", 2)], ["维修后问题未解决"]),
    ],
    ids=[
        "kept",
        "late",
        "moved in time",
        "moved too late",
        "nobody home",
        "work late",
        "work kept",
        "not solved",
    ],
)
def test_which_promises_were_broken(facts, words):
    assert [each.words for each in promises.broken(facts, now=AT + 10 * HOUR)] == words


def test_two_broken_promises_make_an_accident():
    house = House.build()
    journey = house.journey()
    ticket = journey.to(Status.SCHEDULED)
    ends = ticket.visits.get(state="booked").window.upper
    assert class_watch.raise_broken(now=ends + HOUR) == 0

    ClassRule.objects.update_or_create(estate=None, defaults={"broken_promises": 1})
    assert [class_watch.raise_broken(now=ends + HOUR) for _ in range(2)] == [1, 0]
    assert fresh(ticket).severity == Class.ACCIDENT
    assert ClassCase.objects.get(ticket=ticket).reason == "承诺1次未落实：预约时段未到场"


def test_an_estate_may_have_limits_of_its_own():
    house = House.build("front_desk")
    ticket = house.register()
    ClassRule.objects.create(estate=house.estate, important_hours=6)

    assert class_watch.raise_slow(now=AT + 7 * HOUR) == 1
    assert fresh(ticket).severity == Class.IMPORTANT


def test_work_on_site_over_half_an_hour_is_reported_once_for_each_visit():
    house = House.build()
    journey = house.journey()
    ticket = journey.to(Status.SURVEYING)
    arrived = ticket.events.get(name="arrive").at

    assert class_watch.report_on_site(now=arrived + timedelta(minutes=29)) == 0
    late = [class_watch.report_on_site(now=arrived + timedelta(minutes=40)) for _ in range(2)]

    assert late == [1, 0]
    assert ticket.events.get(name="report_on_site").reason == "日常维修现场已40分，超过30分"
    told = {message.user.username for message in Message.objects.filter(template="K07")}
    assert told == {"supervisor", "manager"}
    assert list(class_queries.long_on_site(house.people["supervisor"])) == [ticket]


def test_what_was_raised_meanwhile_is_no_longer_asked_to_be_raised():
    house = House.build()
    ticket = house.journey().to(Status.SURVEYING)
    arrived = ticket.events.get(name="arrive").at
    class_watch.report_on_site(now=arrived + timedelta(minutes=40))

    important(house, ticket)

    assert list(class_queries.long_on_site(house.people["supervisor"])) == []


def important(house: House, ticket: Ticket) -> Ticket:
    return classes.raise_important(ticket=ticket, by=house.system(), at=AT, reason="一天未解决")


def test_important_over_two_days_waits_for_the_managers_word():
    house = House.build()
    ticket = important(house, house.register())
    assert class_watch.ask_overruns(now=AT + 47 * HOUR) == 0
    assert [class_watch.ask_overruns(now=AT + 49 * HOUR) for _ in range(2)] == [1, 0]
    assert list(class_queries.overruns(house.people["manager"])) == [ticket]

    until = AT + 4 * DAY
    facts = {"ticket": ticket, "reason": "等配件到货", "at": AT + 50 * HOUR}
    with pytest.raises(workflow.StepForbidden):
        classes.decide_overrun(until=until, by=house.actor("engineer"), **facts)
    classes.decide_overrun(until=until, by=house.actor("manager"), **facts)

    assert list(class_queries.overruns(house.people["manager"])) == []
    assert "5月12日" in Message.objects.get(template="K11").body
    assert class_watch.ask_overruns(now=until - HOUR) == 0
    assert class_watch.ask_overruns(now=until + HOUR) == 1


def test_two_managers_decide_once():
    house = House.build()
    ticket = important(house, house.register())
    class_watch.ask_overruns(now=AT + 49 * HOUR)
    facts = {"ticket": ticket, "until": None, "reason": "限期完成", "at": AT + 50 * HOUR}
    classes.decide_overrun(by=house.actor("manager"), **facts)

    with pytest.raises(workflow.StepTaken):
        classes.decide_overrun(by=house.actor("supervisor"), **facts)


def test_the_answer_names_the_hotline_and_not_the_worker_it_is_about():
    house = House.build()
    Estate.objects.update(hotline="0571-88001234")
    User.objects.filter(pk=house.worker.user_id).update(phone="13911112222")
    ticket = accident(house, house.ticket_at(Status.SCHEDULED))

    classes.answer_accident(ticket=ticket, answer="今天修好", by=house.actor("director"), at=AT + HOUR)

    assert Message.objects.get(template="K03").body.endswith("如仍有疑问请致电0571-88001234。")


def accident(house: House, ticket: Ticket) -> Ticket:
    return classes.raise_accident(ticket=ticket, by=house.actor("manager"), at=AT, reason="业主滑倒受伤")


def test_an_accident_is_closed_only_with_an_answer_and_an_approved_statement():
    house = House.build()
    ticket = accident(house, house.ticket_at(Status.COMPLETED))
    close = {"ticket": ticket, "name": "close", "by": house.actor("clerk"), "at": AT + DAY}
    with pytest.raises(workflow.NotReady) as refused:
        workflow.step(**close)
    assert [each.label for each in refused.value.missing] == ["负责人的答复", "经批准的事故说明"]

    director = house.actor("director")
    classes.answer_accident(ticket=ticket, answer="已安排就医并赔付", by=director, at=AT + HOUR)
    statement = classes.submit_statement(ticket=ticket, words=WORDS, by=house.actor("manager"), at=AT + HOUR)
    with pytest.raises(workflow.NotReady):
        workflow.step(**close)
    classes.decide_statement(statement=statement, approved=True, remark="", by=director, at=AT + 2 * HOUR)

    assert workflow.step(**close).status == Status.CLOSED
    answered = Clock.objects.get(ticket=ticket, kind="answer")
    assert answered.stopped_at == AT + HOUR


def test_a_complaint_with_an_injury_needs_the_same_before_it_ends():
    house = House.build("front_desk", "director", "manager")
    details = {"about": "safety", "demand": "赔偿", "harm": "yes"}
    ticket = opened(house, Kind.COMPLAINT, details=details)
    by = house.actor("front_desk")
    handling.contact(ticket=ticket, result="已慰问", by=by, at=AT)
    ticket = handling.reply(ticket=ticket, answer="已赔付", means="visit", by=by, at=AT + HOUR)

    with pytest.raises(workflow.NotReady):
        workflow.step(ticket=ticket, name="close", by=house.actor("manager"), at=AT + DAY)


def test_a_statement_that_is_sent_back_is_written_anew_and_nobody_judges_their_own():
    house = House.build()
    ticket = accident(house, house.register())
    manager, director = house.actor("manager"), house.actor("director")
    first = classes.submit_statement(ticket=ticket, words=WORDS, by=manager, at=AT)
    with pytest.raises(workflow.StepTaken):
        classes.submit_statement(ticket=ticket, words=WORDS, by=manager, at=AT)
    with pytest.raises(workflow.ReasonMissing):
        classes.decide_statement(statement=first, approved=False, remark=" ", by=director, at=AT)
    with pytest.raises(workflow.StepForbidden):
        classes.decide_statement(statement=first, approved=True, remark="", by=manager, at=AT)
    classes.decide_statement(statement=first, approved=False, remark="原因不清", by=director, at=AT)

    second = classes.submit_statement(ticket=ticket, words=WORDS, by=manager, at=AT)
    assert (second.number, second.approved) == (2, None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Statement.objects.filter(pk=second.pk).update(approved=True, decided_by=second.made_by, decided_at=AT)


def test_a_person_raises_a_class_with_words_and_only_the_right_lowers_it():
    house = House.build()
    ticket = house.register()
    clerk, manager = house.actor("clerk"), house.actor("manager")
    with pytest.raises(workflow.ReasonMissing):
        classes.raise_important(ticket=ticket, by=clerk, at=AT, reason=" ")
    classes.raise_important(ticket=ticket, by=clerk, at=AT, reason="影响多户")
    with pytest.raises(workflow.StepForbidden):
        classes.lower(ticket=ticket, to="daily", by=clerk, at=AT, reason="误判")
    classes.lower(ticket=ticket, to="daily", by=manager, at=AT, reason="误判")

    class_watch.run(now=AT + 20 * DAY)
    assert fresh(ticket).severity == Class.DAILY
    assert class_queries.case_of(fresh(ticket)) is None


@pytest.mark.row("SL-01")
def test_the_third_repair_of_the_same_thing_is_told_to_the_manager_once():
    house = House.build("front_desk", "manager")
    for days in (60, 30):
        house.register(at=AT - days * DAY)
    house.register(at=AT)

    for _ in range(2):
        class_watch.run(now=AT + timedelta(minutes=5))

    told = Message.objects.get(template="K08")
    assert (told.user.username, "一年内第3次报修" in told.body) == ("manager", True)
