"""Leave: asked on the phone, answered by a supervisor, and visits in between are never dropped."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.timezone import localdate, now

from dispatch import leaves, visits
from dispatch.models import Leave, Visit
from notices.models import Message
from tests.house import House
from tests.partners.companies import Companies
from tickets.calendars import SHANGHAI
from tickets.models import Status, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-08")]
DAY = date(2026, 6, 10)
AT = datetime(2026, 6, 1, 1, tzinfo=UTC)


@pytest.fixture
def house():
    return House.build()


def ask(house, first: date = DAY, last: date = DAY, part: str = "all", at: datetime = AT) -> Leave:
    return leaves.ask(
        worker=house.worker, span=leaves.span_of(first, last, part), kind="personal", reason="家里有事", at=at
    )


def decide(house, leave: Leave, *, yes: bool = True, answer: str = "", who: str = "supervisor") -> Leave:
    return leaves.decide(leave=leave, approve=yes, answer=answer, by=house.people[who], at=AT)


@pytest.mark.parametrize(
    ("last", "part", "words"),
    [
        (DAY, "all", "6月10日"),
        (DAY, "morning", "6月10日上午"),
        (DAY, "afternoon", "6月10日下午"),
        (DAY + timedelta(days=2), "all", "6月10日–6月12日"),
    ],
)
def test_the_time_of_a_leave_is_said_in_days_and_halves(house, last, part, words):
    assert leaves.span_words(ask(house, DAY, last, part)) == words


def test_supervisors_are_told_of_the_asking_and_the_worker_of_the_answer(house):
    decide(house, ask(house), yes=False, answer="当天没有人替")

    told = Message.objects.filter(template__startswith="W5").values_list("template", "user__username")
    assert sorted(told) == [("W51", "manager"), ("W51", "supervisor"), ("W52", "worker")]
    assert Message.objects.get(template="W52").body == "您6月10日的请假未批准。当天没有人替"


def test_an_overlap_is_refused_by_name_and_a_refused_leave_is_in_nobodys_way(house):
    first = ask(house, DAY, DAY + timedelta(days=2))

    with pytest.raises(leaves.LeaveRefused, match="6月10日–6月12日（待审批）"):
        ask(house, DAY + timedelta(days=2), DAY + timedelta(days=4))
    decide(house, first, yes=False, answer="没有人替")

    assert ask(house, DAY + timedelta(days=2), DAY + timedelta(days=2)).state == "asked"


def test_two_halves_of_a_day_do_not_overlap(house):
    ask(house, part="morning")

    assert ask(house, part="afternoon").state == "asked"


@pytest.mark.parametrize(("yes", "answer", "words"), [(False, " ", "写明原因")])
def test_a_no_needs_a_reason(house, yes, answer, words):
    with pytest.raises(leaves.LeaveRefused, match=words):
        decide(house, ask(house), yes=yes, answer=answer)


def test_the_second_who_decides_is_told_so(house):
    leave = decide(house, ask(house))

    with pytest.raises(leaves.LeaveRefused, match="已批准"):
        decide(house, leave, who="manager")


def test_nobody_decides_on_the_own_leave(house):
    house.worker.user = house.people["supervisor"]
    house.worker.save()

    with pytest.raises(leaves.LeaveRefused, match="自己"):
        decide(house, ask(house))


def test_visits_in_the_span_stay_booked_and_are_listed_until_they_are_moved(house, client):
    ticket = house.ticket_at(Status.SCHEDULED)
    visit = Visit.objects.get(ticket=ticket, state="booked")
    day = visit.window.lower.astimezone(SHANGHAI).date()
    at = visit.window.lower - timedelta(days=1)
    leave = ask(house, day, day, at=at)

    decide(house, leave)

    assert (list(leaves.clashing(at)), Visit.objects.get(pk=visit.pk).state) == ([visit], "booked")
    told = Message.objects.filter(template="W53")
    assert sorted(told.values_list("user__username", flat=True)) == ["dispatcher", "manager", "supervisor"]
    assert ticket.number in told.first().body
    Visit.objects.update(state="moved")
    assert list(leaves.clashing(at)) == []


def test_no_visit_is_agreed_in_approved_leave(house):
    ticket = house.ticket_at(Status.ACCEPTED)
    day = localdate() + timedelta(days=2)
    decide(house, ask(house, day, day, "morning", at=now()))
    by, start = house.actor("worker"), datetime.combine(day, time(10), SHANGHAI)

    states = [slot.state for slot in visits.free_windows(house.worker, day, at=now())]
    with pytest.raises(visits.BadWindow, match="请假"):
        visits.book(ticket=ticket, start=start, end=start + timedelta(hours=2), by=by, at=now())
    afternoon = start + timedelta(hours=2)
    visits.book(ticket=ticket, start=afternoon, end=afternoon + timedelta(hours=2), by=by, at=now())

    assert states == ["away", "away", "free", "free", "free", "free"]


def test_leave_that_was_withdrawn_counts_no_more(house):
    leave = decide(house, ask(house))

    leaves.withdraw(leave=leave)

    assert Leave.objects.get(pk=leave.pk).state == "withdrawn"


# -- over HTTP ---------------------------------------------------------------


def form(**data) -> dict:
    day = localdate() + timedelta(days=3)
    usual = {"kind": "personal", "first": day, "last": day, "part": "all", "reason": "家里有事"}
    return usual | data | {"form_key": str(uuid4())}


def test_a_worker_asks_on_the_phone_and_takes_it_back(house, client):
    client.force_login(house.worker.user)
    client.post(reverse("field_leave"), form())
    leave = Leave.objects.get()

    page = client.get(reverse("field_leave")).content.decode()
    client.post(reverse("field_leave_withdraw", args=[leave.pk]), {"form_key": str(uuid4())})

    assert ("待审批" in page, Leave.objects.get().state) == (True, "withdrawn")


def test_a_companys_contact_has_neither_the_page_nor_its_link(house, client):
    contact = Companies.build(house).first
    client.force_login(contact.user)

    answers = [client.get(reverse("field_leave")), client.post(reverse("field_leave"), form())]
    home = client.get(reverse("field_home")).content.decode()

    assert [answer.status_code for answer in answers] == [403, 403]
    assert (reverse("field_pool") in home, reverse("field_leave") in home) == (True, False)
    assert Leave.objects.count() == 0


def test_a_leave_that_the_desk_wrote_down_for_a_companys_worker_leads_to_no_closed_page(house):
    house.worker.employer = "contractor"
    house.worker.save()

    decide(house, ask(house))

    told = Message.objects.get(template="W52")
    assert (told.user, told.link) == (house.worker.user, reverse("field_home"))


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(house, client):
    client.force_login(house.worker.user)
    day = localdate() + timedelta(days=3)

    answer = client.post(reverse("field_leave"), form(last=day - timedelta(days=1), reason="去医院"))

    assert (answer.status_code, answer.context["form"].errors) == (
        422,
        {"last": ["结束日期不能早于开始日期。"]},
    )
    assert "去医院" in answer.content.decode()


def test_a_day_at_the_end_of_the_calendar_is_refused_at_its_field(house, client):
    client.force_login(house.worker.user)

    answer = client.post(reverse("field_leave"), form(first="9999-12-31", last="9999-12-31"))

    assert answer.context["form"].errors == {"first": ["日期应在两年以内。"], "last": ["日期应在两年以内。"]}


def test_an_overlap_on_the_phone_is_an_error_of_the_form(house, client):
    client.force_login(house.worker.user)
    client.post(reverse("field_leave"), form())

    answer = client.post(reverse("field_leave"), form())

    assert (answer.status_code, "重叠" in str(answer.context["form"].errors), Leave.objects.count()) == (
        422,
        True,
        1,
    )


def test_a_supervisor_decides_on_the_page_that_names_the_visits(house, client):
    client.force_login(house.people["supervisor"])
    leave = leaves.ask(
        worker=house.worker,
        span=leaves.span_of(localdate(), localdate() + timedelta(days=3)),
        kind="annual",
        reason="探亲",
        at=now(),
    )
    url = reverse("dispatch_leave", args=[leave.pk])

    refused = client.post(url, {"decision": "refuse", "answer": "", "form_key": str(uuid4())})
    client.post(url, {"decision": "approve", "answer": "", "form_key": str(uuid4())})

    assert (refused.status_code, "写明原因" in refused.content.decode()) == (422, True)
    assert Leave.objects.get(pk=leave.pk).state == "approved"


def test_a_supervisor_writes_it_down_for_who_rang(house, client):
    client.force_login(house.people["supervisor"])

    client.post(reverse("dispatch_leave_new"), form(worker=house.worker.pk))

    assert Leave.objects.get().worker == house.worker
    assert Ticket.objects.count() == 0
