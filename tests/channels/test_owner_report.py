"""The owner's own report: one form, one ticket, nothing lost, nothing taken for granted (IN-05)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from channels import owner_report, qr
from channels.owner_report import TooManyOpen, place_said
from core import store
from estates.models import PublicPlace
from notices.models import Message
from tests import factories_estates as estates
from tests.channels.owners import PHONE, STRANGER, answers, report, told
from tests.factories_files import picture, upload
from tests.house import AT
from tickets import evidence, fieldwork
from tickets.actors import Actor
from tickets.models import Channel, Evidence, Follower, Incident, Status, Ticket

pytestmark = pytest.mark.django_db


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
