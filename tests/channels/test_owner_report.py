"""The owner's own report: one form, one ticket, nothing lost, nothing taken for granted (IN-05)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localtime, now

from channels import owner_report, qr
from channels.forms.owner import wanted_words
from channels.owner_report import Told, TooManyOpen, faults_meant, place_said
from core import store
from estates.models import PublicPlace
from knowledge import presets as knowledge
from notices.models import Message
from tests import factories_estates as estates
from tests.factories_files import HTML, SVG, picture, upload, video
from tests.house import AT
from tickets import evidence, fieldwork, workflow
from tickets.actors import Actor
from tickets.models import Channel, Evidence, Follower, Incident, Status, Ticket

pytestmark = pytest.mark.django_db
PHONE, STRANGER = "13800138000", "13912345678"


def answers(house, **changes) -> dict:
    """A filled form."""
    given = {
        "form_key": str(uuid4()),
        "where": f"u{house.household.unit_id}",
        "description": "厨房龙头一直滴水",
        "fault": str(house.fault.pk),
        "running_water": "no",
        "power_threat": "no",
        "person_at_risk": "no",
        "wanted": "尽快",
        "name": "张伟",
    }
    return given | changes


def report(client, house, **changes):
    return client.post(reverse("owner_report"), answers(house, **changes))


def told(house, **changes) -> Told:
    facts = {"phone": PHONE, "name": "张伟", "estate": house.estate, "unit": house.household.unit}
    facts |= {"description": "龙头滴水", "wanted": "尽快", "fault": house.fault}
    return Told(**facts | changes)


# -- what becomes of it --------------------------------------------------------


@pytest.mark.row("IN-05")
def test_an_owner_reports_from_the_phone_and_gets_number_and_progress(client, house, signed_in):
    signed_in()

    answer = report(client, house, photos=upload(picture(), "龙头.jpg"))

    ticket = Ticket.objects.get()
    assert (answer.status_code, answer.url) == (303, reverse("owner_ticket", args=[ticket.number]))
    assert (ticket.status, ticket.unit, ticket.owner, ticket.report.channel) == (
        Status.REGISTERED,
        house.household.unit,
        house.household.owner,
        Channel.OWNER_H5,
    )
    page = client.get(answer.url).content.decode()
    assert [
        words for words in (ticket.number, "已登记您的报修", "正在为您安排师傅") if words not in page
    ] == []
    photo = Evidence.objects.get()
    assert (photo.stage, photo.owner_may_see, ticket.events.last().name) == ("report", True, "add_evidence")


@pytest.mark.row("IN-02")
def test_the_number_goes_to_the_owner_by_sms_with_a_link(house):
    ticket = owner_report.submit(told(house), at=AT)

    body = Message.objects.get(template="N01").body
    assert (ticket.number in body, "/o/s/" in body) == (True, True)


def test_the_answers_of_a_layman_decide_the_level(client, house, signed_in):
    signed_in()

    report(client, house, running_water="yes", person_at_risk="yes")

    ticket = Ticket.objects.get()
    assert (ticket.level, ticket.level_reason) == (1, "正在流水、人身风险，定为1级")


def test_a_stranger_reports_a_dwelling_and_the_desk_is_asked_to_verify(client, house, signed_in):
    signed_in(STRANGER)
    unit = house.household.unit
    client.get(reverse("owner_scan", args=[qr.code_for(unit)]))

    answer = report(client, house, name="李四")

    ticket = Ticket.objects.get()
    assert (answer.status_code, ticket.unit, ticket.owner, ticket.status) == (303, unit, None, "registered")
    assert ticket.events.get(name="check_identity").reason == owner_report.UNKNOWN_REPORTER


def test_nobody_may_name_a_dwelling_that_is_neither_theirs_nor_scanned(client, house, signed_in):
    signed_in(STRANGER)

    answer = report(client, house)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["where"])


@pytest.mark.parametrize("words", ["3栋2单元1201", "3-2-1201", "３栋2单元1201室"])
def test_a_room_typed_in_is_found_in_the_book(words):
    building = estates.BuildingFactory(name="3栋")
    unit = estates.UnitFactory(building=building, entrance="2单元", room="1201", label="3-2-1201")

    assert place_said(building.estate, words) == (unit, None)


def test_a_public_place_typed_in_is_found_where_there_is_one_of_that_name():
    building = estates.BuildingFactory(name="3栋")
    lobby = PublicPlace.objects.create(estate=building.estate, building=building, name="大堂")

    found = [place_said(building.estate, words)[1] for words in ("3栋大堂", "3栋 大堂", "大堂", "车库")]

    assert found == [lobby, lobby, None, None]


def test_what_nobody_can_find_waits_for_a_call_back(client, house, signed_in):
    signed_in(STRANGER)

    report(client, house, where="other", estate=house.estate.pk, said_place="东边那栋三楼")

    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.unit, "业主自述位置：东边那栋三楼" in ticket.description) == (
        Status.INCOMPLETE,
        None,
        True,
    )


@pytest.mark.parametrize("fault", ["", "unsure"])
def test_who_cannot_tell_the_fault_is_called_back(client, house, signed_in, fault):
    signed_in()

    report(client, house, fault=fault)

    assert Ticket.objects.get().status == Status.INCOMPLETE


def test_an_urgent_report_that_lacks_something_rings_at_the_desk(client, house, signed_in):
    signed_in()

    report(client, house, fault="unsure", running_water="yes")

    assert Message.objects.filter(template="W23", user=house.people["clerk"]).count() == 1


@pytest.mark.row("IN-01")
def test_the_code_of_a_lift_reports_the_lift(client, house, signed_in):
    lift = estates.PublicPlaceFactory(building=house.household.unit.building, name="1号电梯")
    signed_in(STRANGER)
    client.get(reverse("owner_scan", args=[lift.token]))

    report(client, house, where=f"p{lift.pk}", description="电梯停在三楼不动")

    ticket = Ticket.objects.get()
    assert (ticket.place, ticket.unit, ticket.status) == (lift, None, Status.REGISTERED)
    assert ticket.events.filter(name="check_identity").count() == 0


@pytest.mark.row("IN-18")
def test_what_hangs_at_the_scanned_place_already_can_be_followed_instead(client, house, signed_in):
    lift = estates.PublicPlaceFactory(building=house.household.unit.building, name="1号电梯")
    known = house.register(unit=None, owner=None, place=lift)
    elsewhere = house.register()
    signed_in(STRANGER)
    client.get(reverse("owner_scan", args=[lift.token]))
    offered = [ticket for ticket, _ in client.get(reverse("owner_report")).context["reported"]]
    form = {"form_key": str(uuid4())}

    def press(ticket):
        return client.post(reverse("owner_follow", args=[ticket.number]), form).status_code

    statuses = [press(known), press(known), press(elsewhere)]

    assert (offered, statuses) == ([known], [303, 303, 404])
    assert [(row.phone, row.ticket) for row in Follower.objects.all()] == [(STRANGER, known)]
    assert client.get(reverse("owner_report")).context["reported"] == []


@pytest.mark.row("IN-17")
def test_an_outage_of_the_house_is_told_before_anybody_reports_it(client, house, signed_in):
    facts = {"estate": house.estate, "title": "主管爆裂停水", "words": "抢修队已到", "started_at": AT}
    Incident.objects.create(entered_by=house.people["clerk"], entered_at=AT, **facts)
    signed_in()

    pages = [client.get(reverse(name)).content.decode() for name in ("owner_home", "owner_report")]

    assert [("主管爆裂停水" in page, "抢修队已到" in page) for page in pages] == [(True, True)] * 2


# -- once, and not too often ---------------------------------------------------


@pytest.mark.row("IN-05")
def test_sent_twice_it_is_one_ticket_also_after_another_sign_in(client, house, signed_in):
    form = answers(house)
    first = signed_in().post(reverse("owner_report"), form)
    client.session.flush()
    second = signed_in().post(reverse("owner_report"), form)

    assert (first.url, Ticket.objects.count()) == (second.url, 1)


def test_the_same_key_with_other_words_is_refused(client, house, signed_in):
    signed_in()
    form = answers(house)
    client.post(reverse("owner_report"), form)

    again = client.post(reverse("owner_report"), form | {"description": "另一件事"})

    assert (again.status_code, Ticket.objects.count()) == (422, 1)


@pytest.mark.django_db(transaction=True)
def test_many_equal_posts_at_once_make_one_ticket(house, signed_in):
    client = signed_in()
    form, gate = answers(house), threading.Barrier(5)

    def one(_):
        gate.wait()
        try:
            twin = Client()
            twin.cookies = client.cookies
            return twin.post(reverse("owner_report"), form).url
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        places = set(pool.map(one, range(5)))

    assert places == {reverse("owner_ticket", args=[Ticket.objects.get().number])}


def test_a_phone_has_five_open_reports_and_then_a_kind_answer(client, house, signed_in):
    signed_in()
    statuses = [report(client, house).status_code for _ in range(7)]

    page = client.get(reverse("owner_report"))

    assert (statuses, page.status_code) == ([303] * 5 + [429] * 2, 429)
    assert "一个手机号最多同时有5件在处理" in page.content.decode()


def test_what_is_done_or_was_taken_at_the_desk_does_not_count(house):
    house.register()
    house.ticket_at(Status.COMPLETED, channel=Channel.OWNER_H5)
    waiting = house.register(channel=Channel.OWNER_H5)

    assert list(owner_report.open_reports(PHONE)) == [waiting]


@pytest.mark.django_db(transaction=True)
def test_fifty_reports_at_once_from_one_phone_are_five_tickets(house):
    gate = threading.Barrier(10)

    def one(_):
        gate.wait()
        done = 0
        try:
            for _ in range(5):
                try:
                    owner_report.submit(told(house), at=AT)
                    done += 1
                except TooManyOpen:
                    pass
            return done
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        made = sum(pool.map(one, range(10)))

    assert (made, Ticket.objects.count()) == (5, 5)


def test_a_phone_has_its_quota_of_bytes_for_a_day(house):
    before = owner_report.submit(told(house), at=AT)
    file = upload(picture(), "a.jpg")
    photos = [(file, store.examine(file, kinds=store.PHOTO))]
    by = Actor.owner(ticket_id=before.pk, name="张伟")
    fieldwork.add_photos(ticket=before, photos=photos, stage="report", by=by, at=AT)
    Evidence.objects.update(size=evidence.OWNER_BYTES_PER_DAY)

    with pytest.raises(store.RefusedFile, match="已达上限"):
        owner_report.submit(told(house, photos=photos), at=AT)

    assert Ticket.objects.count() == 1


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

    shown = ["员工worker", "tel:13700137000", "上门时段", "师傅会在约定时段上门"]
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
