"""What the owner's pages ask, advise, and show of a report afterwards (IN-05)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.timezone import localtime, now

from channels.forms.owner import wanted_words
from channels.owner_report import faults_meant
from knowledge import presets as knowledge
from notices.models import Message
from tests.channels.owners import STRANGER, answers, report
from tests.factories_files import HTML, SVG, picture, upload, video
from tests.house import AT
from tickets import workflow
from tickets.models import Status, Ticket

pytestmark = pytest.mark.django_db


# -- the form ------------------------------------------------------------------


def test_what_is_missing_is_named_at_its_field_and_what_was_typed_stays(client, house, signed_in):
    signed_in()

    page = client.post(
        reverse("owner_report"), {"form_key": str(uuid4()), "where": "other", "description": "漏水啦"}
    )

    missing = {"estate", "said_place", "running_water", "power_threat", "person_at_risk", "wanted", "name"}
    assert (page.status_code, set(page.context["form"].errors)) == (422, missing)
    assert "漏水啦" in page.content.decode()


@pytest.mark.parametrize("content", [HTML, SVG])
def test_pages_and_drawings_are_no_photos(client, house, signed_in, content):
    signed_in()

    page = report(client, house, photos=upload(content, "照片.jpg"))

    assert (page.status_code, list(page.context["form"].errors)) == (422, ["photos"])


def test_two_videos_are_one_too_many(client, house, signed_in):
    signed_in()

    page = report(client, house, photos=[upload(video(), "a.mp4"), upload(video(), "b.mp4")])

    assert list(page.context["form"].errors["photos"]) == ["一次只能上传一段视频。"]


def test_the_page_works_without_scripts_and_knows_the_owner(client, house, signed_in):
    page = signed_in().get(reverse("owner_report")).content.decode()

    shown = [str(house.household.unit), 'value="张伟"', 'type="submit" form="report-form"', "有没有人受伤"]
    assert [words for words in shown if words not in page] == []


def test_wishes_that_cannot_come_true_any_more_are_not_offered():
    today = [[word for word in wanted_words(hour) if word.startswith("今天")] for hour in (8, 13, 18, 22)]

    assert today == [
        ["今天上午", "今天下午", "今天晚上"],
        ["今天下午", "今天晚上"],
        ["今天晚上"],
        [],
    ]


@pytest.mark.row("IN-05")
def test_what_waited_for_the_network_was_wished_when_it_was_sent(client, house, signed_in):
    signed_in()
    yesterday = localtime(now() - timedelta(days=1)).replace(hour=9)
    headers = {"X-Outbox": "1", "X-Outbox-At": yesterday.isoformat()}
    given = answers(house, wanted="今天上午")

    sent = client.post(reverse("owner_report"), given, headers=headers)
    again = client.post(reverse("owner_report"), given)

    ticket = Ticket.objects.get()
    assert (sent.status_code, again.url) == (204, sent["X-Go"])
    assert ticket.wanted == f"{yesterday.month}月{yesterday.day}日上午"


def test_a_script_is_told_where_to_go_instead_of_being_redirected(client, house, signed_in):
    asked = client.post(reverse("owner_report"), headers={"X-Outbox": "1"})
    signed_in()
    done = client.post(reverse("owner_report"), answers(house), headers={"X-Outbox": "1"})

    target = reverse("owner_ticket", args=[Ticket.objects.get().number])
    assert [(answer.status_code, answer["X-Go"]) for answer in (asked, done)] == [
        (204, reverse("owner_login")),
        (204, target),
    ]


# -- words and advice ----------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("家里突然没电了，空开合不上", "EL01"),
        ("马桶堵了冲不下去", "WS04"),
        ("门打不开，钥匙断在里面", "DW01"),
        ("电梯坏了，停在3楼不动", "LI02"),
        ("卧室窗户边上一下雨就渗水", "WP04"),
        ("厕所有臭味", "WS10"),
    ],
)
@pytest.mark.row("IN-05")
def test_an_owners_sentence_leads_to_the_fault(words, code):
    knowledge.load()

    assert code in [fault.code for fault in faults_meant(words, at_home=True)]


@pytest.mark.row("IN-15")
def test_the_guide_for_the_chosen_fault_is_given_on_the_spot(client, house, signed_in):
    knowledge.load()
    signed_in()
    faults = client.get(reverse("owner_faults"), {"description": "马桶堵了"}).context["hits"]

    page = client.get(reverse("owner_advice"), {"fault": faults[0].pk}).content.decode()

    assert "先停水停冲" in page


@pytest.mark.parametrize("fault", ["", "abc", "99999999999999999999", "999999"])
def test_a_fault_that_is_none_has_no_advice(client, house, signed_in, fault):
    assert signed_in().get(reverse("owner_advice"), {"fault": fault}).context["rescue"] == []


# -- afterwards ----------------------------------------------------------------


def test_the_phone_opens_every_ticket_reported_with_it_and_no_other(client, house, signed_in):
    mine, foreign = house.register(), house.register(reporter_phone=STRANGER)
    signed_in()

    listed = client.get(reverse("owner_reports")).context["tickets"]
    statuses = [client.get(reverse("owner_ticket", args=[t.number])).status_code for t in (mine, foreign)]

    assert ([ticket.pk for ticket in listed], statuses) == ([mine.pk], [200, 404])


def test_the_page_says_who_comes_and_when(client, house, signed_in):
    ticket = house.ticket_at(Status.SCHEDULED)
    house.worker.user.phone = "13700137000"
    house.worker.user.save()

    page = signed_in().get(reverse("owner_ticket", args=[ticket.number])).content.decode()

    shown = ["马永康", "tel:13700137000", "上门时段", "师傅会在约定时段上门"]
    assert [words for words in shown if words not in page] == []


def test_an_owner_adds_words_and_photos_and_the_worker_is_told(client, house, signed_in):
    ticket = house.ticket_at(Status.ACCEPTED)
    signed_in()
    url = reverse("owner_comment", args=[ticket.number])

    empty = client.post(url, {"form_key": str(uuid4())})
    photo = upload(picture(), "b.jpg")
    done = client.post(url, {"form_key": str(uuid4()), "words": "门口有台阶", "photos": photo})

    page = client.get(done.url).content.decode()
    assert (empty.status_code, done.status_code, "门口有台阶" in page) == (422, 303, True)
    told_to = Message.objects.filter(template="W22").values_list("user", flat=True)
    assert (list(told_to), ticket.evidence.filter(stage="other").count()) == ([house.worker.user_id], 1)


def test_what_staff_write_inside_is_not_shown_to_the_owner(client, house, signed_in):
    ticket = house.register()
    by = house.actor("front_desk")
    workflow.note(ticket=ticket, name="comment", by=by, at=AT, reason="业主脾气急")

    page = signed_in().get(reverse("owner_ticket", args=[ticket.number])).content.decode()

    assert ("业主脾气急" in page) is False
