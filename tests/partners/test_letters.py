"""Letters with receipts, objections within their days, the weekly list (DI-12, DI-13)."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from notices.models import Message
from partners import digest, disputes, letters, news, watch
from partners.models import Dispute, Notice, NoticeRead
from tests.factories_files import picture, upload
from tests.house import AT
from tests.partners.companies import Companies, acting, hours
from tickets.models import WorkDay
from tickets.workflow import StepForbidden, StepTaken

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-12")]


@pytest.fixture
def companies():
    return Companies.build()


def written(companies, ticket, *, at=AT) -> Notice:
    return letters.send(
        ticket=ticket,
        contractor=companies.first.contractor,
        kind="order",
        words="渗漏未处理",
        due_at=at + hours(24),
        by=companies.house.actor("engineer"),
        at=at,
    )


def test_opening_a_letter_is_its_receipt_with_person_time_and_address(companies, client):
    notice = written(companies, companies.given())
    client.force_login(companies.first.user)
    page = client.get(reverse("partner_home"))
    assert page.context["unread"] == [notice]

    client.get(reverse("partner_notice", args=[notice.pk]))
    client.get(reverse("partner_notice", args=[notice.pk]))

    row = NoticeRead.objects.get()
    assert (row.user, row.name, row.ip) == (companies.first.user, companies.first.name, "127.0.0.1")
    assert client.get(reverse("partner_home")).context["unread"] == []


def test_another_companys_letter_is_not_there(companies, client):
    notice = written(companies, companies.given())
    client.force_login(companies.second.user)

    assert client.get(reverse("partner_notice", args=[notice.pk])).status_code == 404
    assert NoticeRead.objects.count() == 0


def test_our_staff_write_a_letter_and_see_who_opened_it(companies, client):
    ticket = companies.given()
    client.force_login(companies.user("engineer"))
    url = reverse("partners_notice", args=[companies.first.contractor_id])
    form = client.get(url).context["form"]
    data = {
        "kind": "reminder",
        "ticket": ticket.pk,
        "words": "三天未到场",
        "due_at": (now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
        "consequence": form["consequence"].value(),
        "form_key": form["form_key"].value(),
    }

    assert client.post(url, data).status_code == 303
    notice = Notice.objects.get()
    assert (notice.sent_by, notice.words) == (companies.user("engineer"), "三天未到场")
    letters.read(notice=notice, contact=companies.other, ip="10.0.0.9", at=now())
    page = client.get(reverse("partners_company", args=[companies.first.contractor_id])).content.decode()
    assert ("10.0.0.9" in page, companies.other.name in page) == (True, True)


def raised(companies, ticket, *, at=AT, by=None, photos=()) -> Dispute:
    contact = by or companies.first
    return disputes.raise_(
        ticket=ticket, contact=contact, words="属业主使用不当", photos=photos, by=acting(contact), at=at
    )


@pytest.mark.row("DI-13")
def test_an_objection_is_kept_with_words_and_photos_and_the_engineers_read_it(companies, client):
    ticket = companies.given()
    client.force_login(companies.first.user)
    url = reverse("partner_dispute", args=[ticket.number])
    key = client.get(url).context["form"]["form_key"].value()

    disputes_before = disputes.last_day(ticket, companies.first)
    answer = client.post(url, {"words": "属业主使用不当", "photos": [upload(picture())], "form_key": key})

    # The ticket of the tests is of May; the days are long over.
    assert (answer.status_code, disputes_before) == (422, date(2026, 5, 13))
    dispute = raised(companies, ticket)
    assert (dispute.state, dispute.words) == ("open", "属业主使用不当")
    told = Message.objects.filter(template="P08").values_list("user__username", flat=True)
    assert "engineer" in set(told)
    assert ticket.events.filter(name="contractor_dispute").count() == 1


@pytest.mark.row("DI-13")
def test_the_days_to_object_are_working_days_and_end_with_the_last_one(companies):
    # Friday the 8th: Monday, Tuesday and a holiday on Wednesday make Thursday the last day.
    WorkDay.objects.create(day=date(2026, 5, 13), working=False)
    ticket = companies.given()

    assert disputes.last_day(ticket, companies.first) == date(2026, 5, 14)
    with pytest.raises(disputes.TooLate, match="5月14日"):
        raised(companies, ticket, at=AT + timedelta(days=7))
    assert raised(companies, ticket, at=AT + timedelta(days=6)).state == "open"


@pytest.mark.row("DI-13")
def test_one_objection_at_a_time_and_none_from_a_company_that_never_had_the_ticket(companies):
    ticket = companies.given()
    raised(companies, ticket)

    with pytest.raises(disputes.OpenAlready):
        raised(companies, ticket, by=companies.other)
    with pytest.raises(StepForbidden):
        raised(companies, ticket, by=companies.second)


def test_while_an_objection_waits_the_page_offers_no_second_one(companies, client):
    ticket = companies.given()
    client.force_login(companies.first.user)
    url, door = (
        reverse("partner_ticket", args=[ticket.number]),
        reverse("partner_dispute", args=[ticket.number]),
    )
    before = client.get(url).content.decode()

    raised(companies, ticket)

    assert (door in before, door in client.get(url).content.decode()) == (True, False)


@pytest.mark.row("DI-13")
def test_an_objection_is_answered_once_and_the_company_reads_the_answer(companies):
    dispute = raised(companies, companies.given())
    by = companies.house.actor("engineer")

    disputes.decide(dispute=dispute, upheld=True, words="确属使用不当", by=by, at=AT + hours(5))
    with pytest.raises(StepTaken):
        disputes.decide(dispute=dispute, upheld=False, words="反悔", by=by, at=AT + hours(6))

    row = Dispute.objects.get()
    assert (row.state, row.answer, row.decided_by) == ("upheld", "确属使用不当", companies.user("engineer"))
    told = Message.objects.get(template="P06")
    assert (told.user, told.title) == (companies.first.user, f"异议成立：{row.ticket.number}")


def test_every_week_each_company_and_our_supervisor_get_the_list_once(companies):
    late, fresh = companies.given(), companies.given(at=AT + hours(3))
    watch.look(now=AT + hours(4))
    monday = date(2026, 5, 11)

    digest.send_all(on=monday, at=AT + hours(72))
    digest.send_all(on=date(2026, 5, 13), at=AT + hours(120))

    rows = Message.objects.filter(template="P02")
    assert sorted(rows.values_list("channel", "address")) == [("app", ""), ("app", "")]
    lines = rows.first().body.splitlines()
    assert lines[0] == "【房修】宏基建设现有未完保修工单2单，其中按协议逾期1单。"
    assert lines[1] == f"{late.number} {late.estate.name}{late.place_label} {late.problem}，待接单（逾期）"
    assert lines[2].startswith(fresh.number)
    [ours] = Message.objects.filter(template="P03")
    assert (ours.user.username, "宏基建设：未完2单，按协议逾期1单" in ours.body) == ("supervisor", True)


def test_a_phone_gets_the_list_in_one_sentence(companies):
    late = companies.given()
    companies.given(at=AT + hours(3))
    watch.look(now=AT + hours(4))

    digest.send_all(on=date(2026, 5, 11), at=AT + hours(72))

    rows = Message.objects.filter(template="P09")
    assert sorted(rows.values_list("channel", "address")) == [("sms", "13811110001"), ("sms", "13811110002")]
    assert rows.first().body == (
        f"【房修】宏基建设现有未完保修工单2单，其中按协议逾期1单（{late.number}）。请用个人链接或账号登录办理。"
    )


def test_a_long_list_says_how_many_it_leaves_out(companies, monkeypatch):
    monkeypatch.setattr(digest, "LISTED", 1)
    companies.given()
    companies.given(at=AT + hours(3))

    digest.send_all(on=date(2026, 5, 11), at=AT + hours(72))

    assert (
        Message.objects.filter(template="P02").first().body.splitlines()[-1] == "其余1单请在手机工单页查看。"
    )


def test_the_next_week_brings_a_new_list(companies):
    companies.given()

    digest.send_all(on=date(2026, 5, 11), at=AT)
    digest.send_all(on=date(2026, 5, 18), at=AT)

    assert Message.objects.filter(template="P09", address="13811110001").count() == 2


def test_a_new_ticket_is_told_to_the_contacts_phones_once(companies):
    ticket = companies.given()
    companies.house.journey().to("dispatched")

    for minutes in (1, 2, 3):
        news.tell(now=AT + timedelta(minutes=minutes))

    rows = Message.objects.filter(template="P07")
    assert sorted(rows.values_list("channel", "address")) == [("sms", "13811110001"), ("sms", "13811110002")]
    assert ticket.number in rows.first().body
