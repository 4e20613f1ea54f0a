"""The pages: asking from a ticket, answering with papers, lists as files, the weekly list."""

import csv
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.timezone import now

from coordination import weekly
from coordination.models import Counterpart, Request, RequestFile, WeeklyItem, WeeklyList
from tests.factories_files import upload
from tickets.models import Status, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-11")]


def key(**data) -> dict:
    return {"form_key": str(uuid4()), **data}


def ask_of(house, client, ticket, **changes):
    client.force_login(house.people["engineer"])
    data = {
        "counterpart": Counterpart.objects.get(code="developer").pk,
        "asked": "",
        "owner": house.people["engineer"].pk,
        "contact_email": "drawings@example.com",
    }
    return client.post(reverse("coordination_ticket", args=[ticket.number]), key(**data | changes))


def test_the_usual_words_stand_in_for_none_and_the_ticket_shows_the_request(house, client):
    ticket = house.ticket_at(Status.SURVEYING)

    answer = ask_of(house, client, ticket, pause="on")

    row = Request.objects.get()
    assert (answer.status_code, answer.url) == (303, reverse("coordination_request", args=[row.pk]))
    assert (row.asked, row.pauses) == ("提供该部位竣工图纸与隐蔽验收记录", True)
    page = client.get(reverse("ticket", args=[ticket.number])).content.decode()
    assert reverse("coordination_request", args=[row.pk]) in page
    assert Ticket.objects.get(pk=ticket.pk).status == Status.SUSPENDED


def test_bad_input_is_named_at_its_field_and_stays(house, client):
    other = Counterpart.objects.get(code="other")
    bad = {
        "counterpart": other.pk,
        "due_at": "2020-01-01T10:00",
        "contact_phone": "12",
        "contact_name": "老钱",
    }

    answer = ask_of(house, client, house.register(), **bad)

    errors = answer.context["form"].errors
    assert (answer.status_code, sorted(errors)) == (422, ["asked", "contact_phone", "due_at"])
    assert "老钱" in answer.content.decode()
    assert Request.objects.count() == 0


def test_the_last_contact_of_the_counterpart_is_filled_in(house, client, asked):
    asked()
    client.force_login(house.people["clerk"])

    page = client.get(reverse("coordination_ticket", args=[house.register().number]), {"to": "developer"})

    form = page.context["form"]
    assert (form["contact_unit"].value(), form["contact_email"].value()) == (
        "云栖置业",
        "drawings@example.com",
    )


def test_the_pause_is_offered_only_to_those_who_may_suspend(house, client):
    url = reverse("coordination_ticket", args=[house.ticket_at(Status.SURVEYING).number])
    offered = {}
    for who in ("clerk", "engineer"):
        client.force_login(house.people[who])
        offered[who] = "pause" in client.get(url).context["form"].fields

    assert offered == {"clerk": False, "engineer": True}


def test_an_answer_brings_its_papers_and_a_second_click_is_no_error(house, client, asked):
    row = asked(at=now(), ticket=house.register())
    client.force_login(house.people["clerk"])
    url, data = reverse("coordination_answer", args=[row.pk]), key(answer="图纸见附件")

    files = [upload(b"%PDF-1.4 drawing", "竣工图.pdf") for _ in range(2)]
    answers = [client.post(url, data | {"files": file}) for file in files]

    assert [answer.status_code for answer in answers] == [303, 303]
    paper = RequestFile.objects.get()
    sent = client.get(reverse("coordination_file", args=[paper.pk]))
    content = sent.getvalue()
    assert (sent.status_code, sent["Content-Type"], content) == (200, "application/pdf", b"%PDF-1.4 drawing")
    assert "attachment" in sent["Content-Disposition"]


def test_whoever_comes_second_reads_who_was_first(house, client, asked):
    row = asked(at=now())
    client.force_login(house.people["clerk"])
    client.post(reverse("coordination_answer", args=[row.pk]), key(answer="给了"))
    client.force_login(house.people["dispatcher"])

    answer = client.post(reverse("coordination_answer", args=[row.pk]), key(answer="也给了"))

    assert (answer.status_code, "何晓舟" in answer.content.decode()) == (409, True)


def test_the_export_holds_what_the_filter_shows_and_no_formula(house, client, asked):
    asked(asked='=HYPERLINK("http://example.com")')
    asked(asked="报价", counterpart=Counterpart.objects.get(code="supplier"))
    client.force_login(house.people["manager"])
    supplier = Counterpart.objects.get(code="developer").pk

    answer = client.get(reverse("coordination_export", args=["csv"]), {"counterpart": supplier})

    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row[7] for row in rows[1:]] == ['\'=HYPERLINK("http://example.com")']


def test_the_list_takes_the_same_queries_for_many_rows(house, client, asked, django_assert_max_num_queries):
    for _ in range(8):
        asked(ticket=house.register())
    client.force_login(house.people["manager"])

    with django_assert_max_num_queries(16):
        answer = client.get(reverse("coordination_list"), {"state": "overdue"})
    assert len(answer.context["page_obj"].object_list) == 8


class TestTheWeeklyList:
    @pytest.fixture
    def item(self, house, asked) -> WeeklyItem:
        asked(at=now() - timedelta(days=2), ticket=house.register())
        weekly.make_all(on=now().date(), at=now())
        return WeeklyItem.objects.get()

    def decide(self, client, item):
        until = (now() + timedelta(days=2)).date().isoformat()
        data = key(decision="本周送到", decider="开发商 钱工", until=until)
        return client.post(reverse("coordination_decide", args=[item.pk]), data)

    def test_closing_asks_first_and_says_what_has_no_decision(self, house, client, item):
        client.force_login(house.people["manager"])
        url = reverse("coordination_week", args=[item.weekly_id])

        assert client.get(url).context["close_asks"] == "还有1项没有记录决定。定稿后决定不能再改，现在定稿？"
        self.decide(client, item)
        page = client.get(url)
        assert page.context["close_asks"] == "定稿后决定不能再改，现在定稿？"
        assert 'data-confirm="定稿后决定不能再改，现在定稿？"' in page.content.decode()
        assert [str(each) for each in page.context["messages"]] == ["已记录决定。"]

    def test_decided_followed_up_closed_and_printed(self, house, client, item):
        client.force_login(house.people["manager"])
        self.decide(client, item)
        developer = Counterpart.objects.get(code="developer").pk
        follow = key(counterpart=developer, owner=house.people["engineer"].pk)
        client.post(reverse("coordination_follow", args=[item.pk]), follow)
        close = key(attendees="开发商、房修", minutes="下周复查")
        client.post(reverse("coordination_week_close", args=[item.weekly_id]), close)

        paper = client.get(reverse("coordination_week_print", args=[item.weekly_id])).content.decode()
        made = WeeklyItem.objects.get().follow_up
        assert all(
            words in paper for words in ("本周送到", "开发商 钱工", made.number, "开发商、房修", "下周复查")
        )
        assert self.decide(client, item).status_code == 409

    def test_a_follow_up_without_a_decision_is_refused(self, house, client, item):
        client.force_login(house.people["manager"])

        answer = client.post(reverse("coordination_follow", args=[item.pk]), key())

        assert (answer.status_code, Request.objects.count()) == (422, 1)

    def test_a_refused_follow_up_keeps_what_was_chosen_and_says_what_lacks(self, house, client, item):
        client.force_login(house.people["manager"])
        self.decide(client, item)
        other = Counterpart.objects.get(code="other")

        answer = client.post(
            reverse("coordination_follow", args=[item.pk]), key(counterpart=other.pk, owner="")
        )

        (_, _, form) = answer.context["lines"][0]
        assert (answer.status_code, form["counterpart"].value(), form.errors) == (
            422,
            str(other.pk),
            {"owner": ["请选择我方负责人。"]},
        )

    def test_a_refused_second_decision_keeps_the_typed_text(self, house, client, item):
        client.force_login(house.people["manager"])
        self.decide(client, item)

        answer = client.post(
            reverse("coordination_decide", args=[item.pk]),
            key(decision="改为下周送到", decider="", until="2020-01-01"),
        )

        page = answer.content.decode()
        assert (answer.status_code, "改为下周送到" in page, "请填写决定人。" in page) == (422, True, True)

    def test_a_list_may_be_made_in_the_middle_of_the_week_once(self, house, client):
        client.force_login(house.people["clerk"])
        url = reverse("coordination_week_make")
        answers = {client.post(url, key(estate=house.estate.pk)).url for _ in range(2)}

        assert answers == {reverse("coordination_week", args=[WeeklyList.objects.get().pk])}
