"""Certificates with their history and warnings, exams of new people, quarterly training, and load."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.timezone import localdate, now

from demo import pictures
from dispatch import certificates, facts, queries, training, workload
from dispatch.capacity import places_for, reserve_left
from dispatch.models import Attendance, Certificate, Exam, Skill, TradeRule, Training, Visit, Worker
from notices.models import Message
from tests.house import House
from tickets import evidence
from tickets.calendars import SHANGHAI
from tickets.models import Status

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-08")]
TODAY = date(2026, 5, 8)
AT = datetime.combine(TODAY, time(9), SHANGHAI)


@pytest.fixture
def house():
    return House.build()


@pytest.fixture
def skill(house) -> Skill:
    return house.worker.skills.get()


def record(skill: Skill, number: str, *, ends: date, scans=()) -> Certificate:
    return certificates.record(
        skill=skill, number=number, issued_on=TODAY, expires_on=ends, scans=scans, by=None, at=AT
    )


# -- certificates ------------------------------------------------------------


def test_a_renewal_is_the_skills_own_and_keeps_what_was_there(skill):
    Skill.objects.filter(pk=skill.pk).update(certificate="T0", expires_on=TODAY)
    new = TODAY + timedelta(days=1000)

    record(skill, "T1", ends=new)

    skill.refresh_from_db()
    assert (skill.certificate, skill.expires_on) == ("T1", new)
    assert sorted(skill.certificates.values_list("number", "expires_on")) == [("T0", TODAY), ("T1", new)]


def test_an_older_certificate_written_down_late_is_history_only(skill):
    new = TODAY + timedelta(days=1000)
    record(skill, "T2", ends=new)

    record(skill, "T1", ends=TODAY + timedelta(days=30))

    skill.refresh_from_db()
    assert (skill.certificate, skill.expires_on, skill.certificates.count()) == ("T2", new, 2)


@pytest.mark.parametrize(("left", "stage"), [(31, None), (30, 30), (8, 30), (7, 7), (1, 7), (0, 0), (-5, 0)])
def test_which_warning_is_due(left, stage):
    assert certificates.stage_of(TODAY + timedelta(days=left), TODAY) == stage


def test_worker_and_supervisors_are_warned_once_at_each_stage(skill):
    ends = TODAY + timedelta(days=30)
    record(skill, "T1", ends=ends)

    for ahead in (31, 30, 29, 7, 7, 3, 0, -1):
        certificates.warn(today=ends - timedelta(days=ahead), at=AT)

    found = Message.objects.filter(template="W54")
    to_worker = found.filter(user__username="worker").order_by("pk").values_list("title", flat=True)
    assert list(to_worker) == [
        f"马永康：水电工证书{words}" for words in ("还剩 30 天", "还剩 7 天", "当日到期")
    ]
    assert set(found.values_list("user__username", flat=True)) == {"worker", "supervisor", "manager"}


def test_a_scan_is_served_within_scope_and_outlives_the_nightly_look_for_orphans(house, skill, client):
    row = record(skill, "T1", ends=TODAY, scans=pictures.examined(pictures.photo(1)))
    far = House.person("supervisor", username="far")
    url = reverse("dispatch_certificate_scan", args=[row.pk])
    evidence.purge_orphans(older_than=now() + timedelta(minutes=1))

    answers = []
    for user in (house.people["supervisor"], far, house.worker.user):
        client.force_login(user)
        answer = client.get(url)
        answers.append((answer.status_code, answer.getvalue()[:3] == b"\xff\xd8\xff"))

    assert answers == [(200, True), (404, False), (403, False)]


def test_a_supervisor_renews_on_the_page(house, skill, client):
    client.force_login(house.people["supervisor"])
    data = {"number": "T9", "issued_on": "2026-01-02", "expires_on": "2029-01-01", "form_key": str(uuid4())}

    client.post(reverse("dispatch_certificate", args=[skill.pk]), data | {"scan": pictures.photo(2)})

    skill.refresh_from_db()
    assert (skill.certificate, str(skill.expires_on), skill.certificates.get().kind) == (
        "T9",
        "2029-01-01",
        "photo",
    )


def test_typing_over_a_certificate_in_admin_keeps_the_old_one(house, skill, client):
    Skill.objects.filter(pk=skill.pk).update(certificate="T0", expires_on=date(2030, 1, 1))
    client.force_login(house.people["supervisor"])
    data = {
        "worker": house.worker.pk,
        "trade": skill.trade_id,
        "certificate": "T1",
        "issued_on": "",
        "expires_on": "2029-01-01",
    }

    client.post(reverse("admin:dispatch_skill_change", args=[skill.pk]), data)

    skill.refresh_from_db()
    assert (skill.certificate, str(skill.expires_on)) == ("T1", "2029-01-01")
    assert sorted(skill.certificates.values_list("number", flat=True)) == ["T0", "T1"]


def test_the_list_shows_all_by_expiry(house, skill, client):
    record(skill, "T1", ends=localdate() + timedelta(days=10))
    client.force_login(house.people["dispatcher"])

    page = client.get(reverse("dispatch_certificates"), {"show": "soon"}).content.decode()

    assert ("T1" in page, "还剩 10 天" in page) == (True, True)


def test_the_days_of_a_certificate_are_counted_in_local_days(house, skill):
    record(skill, "T1", ends=TODAY + timedelta(days=10))
    early = datetime.combine(TODAY, time(4), SHANGHAI).astimezone(UTC)

    [post] = queries.posts([Worker.objects.get(pk=house.worker.pk)], house.people["dispatcher"], at=early)

    assert [each.words for each in post.certificates] == ["还剩 10 天"]


# -- exams -------------------------------------------------------------------


def reasons(house) -> list[str]:
    ticket = house.ticket_at(Status.IN_REVIEW)
    return [each.reason for each in facts.suggestion_for(ticket, at=AT).excluded]


def examine(house, part: str, *, passed: bool, on: date = TODAY) -> None:
    trade = house.worker.skills.get().trade
    Exam.objects.create(
        worker=house.worker, trade=trade, part=part, taken_on=on, score=60 if passed else 40, passed=passed
    )


@pytest.fixture
def asked(house, skill):
    """The trade asks for exams since a month, and the worker is new."""
    TradeRule.objects.create(trade=skill.trade, exams_from=TODAY - timedelta(days=30))
    Worker.objects.filter(pk=house.worker.pk).update(hired_on=TODAY - timedelta(days=5))


def test_somebody_new_is_suggested_once_theory_and_practice_are_passed(house, asked):
    found = [reasons(house)]
    examine(house, "theory", passed=True)
    found.append(reasons(house))
    examine(house, "practice", passed=True)
    found.append(reasons(house))

    assert found == [["水电工考核未通过：理论、实操"], ["水电工考核未通过：实操"], []]


def test_the_latest_result_of_a_part_counts(house, asked):
    examine(house, "theory", passed=True, on=TODAY - timedelta(days=2))
    examine(house, "practice", passed=True)
    examine(house, "theory", passed=False)

    assert reasons(house) == ["水电工考核未通过：理论"]


def test_who_was_there_before_the_rule_is_not_asked(house, asked):
    Worker.objects.update(hired_on=TODAY - timedelta(days=31))

    assert reasons(house) == []


# -- training ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "first", "end", "words"),
    [
        (date(2026, 3, 31), date(2026, 1, 1), date(2026, 4, 1), "2026年第一季度"),
        (date(2026, 12, 1), date(2026, 10, 1), date(2027, 1, 1), "2026年第四季度"),
    ],
)
def test_quarters_begin_with_their_month(day, first, end, words):
    assert (training.quarter_of(day), training.quarter_words(day)) == ((first, end), words)


def test_who_missed_the_quarter_is_listed_until_they_attend(house):
    boss = house.people["supervisor"]
    facts_of = {"topic": "服务礼仪", "hours": 2}
    training.record(attended={house.worker: None}, by=boss, held_on=date(2026, 3, 31), **facts_of)
    before = list(training.missing(boss, on=TODAY))

    training.record(attended={house.worker: 90}, by=boss, held_on=date(2026, 4, 1), **facts_of)

    assert (before, list(training.missing(boss, on=TODAY))) == ([house.worker], [])
    assert training.hours_of(house.worker, on=TODAY) == 2


def test_a_session_is_written_down_with_who_was_there(house, client):
    client.force_login(house.people["supervisor"])
    other = House.new_worker("other", house.household, house.fault)
    data = {"topic": "登高作业", "held_on": localdate(), "hours": "2.5", "form_key": str(uuid4())}

    bad = [
        client.post(reverse("dispatch_train"), data | {f"s.{other.pk}": score}) for score in ("120", "NaN")
    ]
    client.post(reverse("dispatch_train"), data | {f"p.{house.worker.pk}": "on", f"s.{other.pk}": "88"})

    told = [(each.status_code, "应为 0 到 100" in each.content.decode()) for each in bad]
    assert told == [(422, True), (422, True)]
    assert Training.objects.get().topic == "登高作业"
    assert dict(Attendance.objects.values_list("worker__user__username", "score")) == {
        "worker": None,
        "other": 88,
    }


# -- load --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("load", "left", "ordinary", "urgent"), [(0, 2, 4, 6), (4, 2, 0, 2), (5, 1, 0, 1), (7, 0, 0, 0)]
)
def test_what_is_kept_free_is_used_by_level_one_only(load, left, ordinary, urgent):
    places = {"capacity": 6, "load": load, "reserve": 2}

    assert (reserve_left(**places), places_for(3, **places), places_for(1, **places)) == (
        left,
        ordinary,
        urgent,
    )


def test_booked_hours_stand_under_their_day(house):
    ticket = house.ticket_at(Status.SCHEDULED)
    today = datetime.combine(TODAY, time(), SHANGHAI)
    Visit.objects.filter(ticket=ticket).update(
        window=(today + timedelta(hours=23), today + timedelta(hours=26))
    )

    [load] = workload.loads([house.worker], at=AT)

    assert (load.today, load.tomorrow, load.capacity.load) == (1.0, 2.0, 1)


def test_the_pages_of_people_tell_what_is_known(house, skill, client):
    client.force_login(house.people["supervisor"])
    house.ticket_at(Status.ACCEPTED)

    worker = client.get(reverse("dispatch_worker", args=[house.worker.pk])).content.decode()
    load = client.get(reverse("dispatch_load")).content.decode()

    assert [words in worker for words in ("本季度还没有参加培训", "1/50", "水电工")] == [True] * 3
    assert "1/50 单" in load
