"""What came in by mail and WeChat: kept once, registered once, put aside with a reason."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from core import store
from notices.models import Message
from tests.factories_estates import EstateFactory, PublicPlaceFactory
from tests.factories_files import picture, upload
from tests.house import AT, House
from tickets import evidence, incoming
from tickets.actors import Actor
from tickets.models import Evidence, Incoming, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("IN-01")]
INTAKE, LIST = reverse("desk_intake"), reverse("desk_incoming")


@pytest.fixture
def house(client):
    made = House.build("front_desk")
    client.force_login(made.people["front_desk"])
    return made


def photo(name: str = "漏水.jpg"):
    return store.examined([upload(picture(), name)])[0]


def letter(**changes) -> Incoming:
    facts = {
        "channel": "email",
        "external_id": "m-1",
        "sender": incoming.Sender(name="张伟", address="zhang@example.cn"),
        "subject": "厨房漏水",
        "text": "龙头一直滴水，请尽快来修。电话 138 0013 8000",
        "reply_to_id": "<m-1@example.cn>",
    }
    return incoming.receive(incoming.Letter(**facts | changes), at=AT)[0]


def form(house: House, row: Incoming, **changes) -> dict:
    return {
        "form_key": str(uuid4()),
        "incoming": str(row.pk),
        "unit": house.household.unit_id,
        "owner": house.household.owner_id,
        "reporter_name": "张伟",
        "reporter_phone": "13800138000",
        "fault": house.fault.pk,
        "description": "龙头一直滴水",
        "wanted": "尽快",
        "channel": "email",
        "port": "property",
    } | changes


def test_a_letter_is_kept_with_the_phone_in_it_and_the_estate_of_its_owner(house):
    row = letter(files=[photo()])

    assert (row.state, row.sender_phone, row.estate) == ("new", "13800138000", house.estate)
    assert [file.name for file in row.files.all()] == ["漏水.jpg"]


def test_a_letter_that_is_delivered_twice_is_one_draft(house):
    first = letter(files=[photo()])
    again, created = incoming.receive(
        incoming.Letter("email", "m-1", incoming.Sender(), text="别的", files=[photo()]), at=now()
    )

    assert (again, created, Incoming.objects.count(), first.files.count()) == (first, False, 1, 1)


def test_an_automatic_letter_is_kept_but_put_aside(house):
    row = letter(automatic="自动回复，系统略过")

    assert (row.state, row.reason) == ("dismissed", "自动回复，系统略过")


def test_files_beyond_the_limit_are_named(house):
    row = letter(files=[photo(f"{number}.jpg") for number in range(incoming.FILES_PER_MESSAGE + 1)])

    assert row.files.count() == incoming.FILES_PER_MESSAGE
    assert row.remarks == "「15.jpg」未保留：每条来件最多 15 个附件。"


def test_the_list_shows_what_waits_oldest_first(client, house):
    later = letter(external_id="m-2", sender=incoming.Sender(name="李四"))
    Incoming.objects.filter(pk=later.pk).update(received_at=now())
    earlier = letter(files=[photo()])

    page = client.get(LIST)

    assert [row.pk for row in page.context["page_obj"]] == [earlier.pk, later.pk]
    assert reverse("incoming_thumb", args=[earlier.files.get().pk]) in page.content.decode()


def test_the_intake_form_begins_with_what_the_letter_says(client, house):
    row = letter()

    page = client.get(INTAKE, {"incoming": str(row.pk)})

    found = page.context["form"]
    assert {name: found[name].value() for name in ("channel", "reporter_phone", "unit", "description")} == {
        "channel": "email",
        "reporter_phone": "13800138000",
        "unit": house.household.unit_id,
        "description": "厨房漏水\n龙头一直滴水，请尽快来修。电话 138 0013 8000",
    }


def test_registering_what_came_in_stands_under_what_came_in(client, house):
    row = letter()

    pages = [client.get(INTAKE, said).content.decode() for said in ({}, {"incoming": str(row.pk)})]

    marks = [f'href="{INTAKE}" aria-current="page"', f'href="{LIST}" aria-current="true"']
    assert [[mark in page for mark in marks] for page in pages] == [[True, False], [False, True]]


def test_a_dwelling_or_place_that_is_picked_leaves_the_sender_as_the_reporter(client, house):
    row = letter(
        text="楼道灯不亮，电话 13811112222", sender=incoming.Sender(name="李大成", address="li@example.cn")
    )
    unit = house.household.unit
    lobby = PublicPlaceFactory(building=unit.building, name="大堂")
    asked = [
        (
            reverse("intake_unit", args=[unit.pk]),
            {"incoming": str(row.pk), "owner": house.household.owner_id},
        ),
        (reverse("intake_place"), {"incoming": str(row.pk), "place": lobby.pk, "chosen": "1"}),
        (reverse("intake_unit", args=[unit.pk]), {"incoming": "", "owner": house.household.owner_id}),
    ]

    forms = [client.get(url, data).context["form"] for url, data in asked]

    said = [
        (form["reporter_name"].value(), form["reporter_phone"].value(), form["owner"].value())
        for form in forms
    ]
    sender = ("李大成", "13811112222", None)
    assert said == [sender, sender, ("张伟", "13800138000", house.household.owner_id)]


def test_registering_a_letter_makes_a_ticket_with_its_files_and_answers_the_sender(client, house):
    row = letter(files=[photo()])

    answer = client.post(INTAKE, form(house, row))

    ticket = Ticket.objects.get()
    row.refresh_from_db()
    assert (answer.status_code, answer.url) == (303, reverse("ticket", args=[ticket.number]))
    assert (row.state, row.ticket, row.handled_by) == ("taken", ticket, house.people["front_desk"])
    assert ticket.report.channel == "email"
    assert [(proof.name, proof.added_by_name) for proof in ticket.evidence.all()] == [("漏水.jpg", "张伟")]
    told = Message.objects.get(channel="email")
    assert (told.address, ticket.number in told.title) == ("zhang@example.cn", True)


def test_the_history_holds_the_hash_of_what_the_letter_brought(client, house):
    row = letter(files=[photo()])

    client.post(INTAKE, form(house, row))

    ticket = Ticket.objects.get()
    event = ticket.events.get(name="add_evidence")
    assert event.payload["incoming"] == str(row.pk)
    assert event.payload["evidence"] == evidence.as_payload(ticket.evidence.all())


def test_a_letter_that_may_not_be_answered_is_not(client, house):
    client.post(INTAKE, form(house, letter(reply_to_id="")))

    assert Message.objects.filter(channel="email").count() == 0


def test_a_letter_of_an_incomplete_ticket_is_taken_too(client, house):
    row = letter()

    client.post(
        INTAKE, form(house, row, save="incomplete", fault="", unit="", owner="", estate=house.estate.pk)
    )

    row.refresh_from_db()
    assert (row.state, row.ticket.status) == ("taken", "incomplete")


def test_who_comes_second_gets_a_friendly_page_and_makes_no_second_ticket(client, house):
    row = letter()
    client.post(INTAKE, form(house, row))

    second = client.post(INTAKE, form(house, row))
    opened = client.get(INTAKE, {"incoming": str(row.pk)})

    assert (second.status_code, opened.status_code, Ticket.objects.count()) == (409, 409, 1)
    assert "这条来件已经有人处理了" in second.content.decode()


def test_a_second_click_on_a_registered_message_leads_to_the_same_ticket(client, house):
    sent = form(house, letter())

    answers = [client.post(INTAKE, sent) for _ in range(2)]

    made = reverse("ticket", args=[Ticket.objects.get().number])
    assert [(answer.status_code, answer.url) for answer in answers] == [(303, made)] * 2


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_make_one_ticket():
    house = House.build("front_desk", "clerk")
    row = letter()
    answers: list[int] = []

    def register(code: str) -> None:
        client = Client()
        client.force_login(house.people[code])
        answers.append(client.post(INTAKE, form(house, row)).status_code)
        connection.close()

    threads = [threading.Thread(target=register, args=[code]) for code in ("front_desk", "clerk")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (sorted(answers), Ticket.objects.count()) == ([303, 409], 1)


def test_putting_aside_asks_for_a_reason_and_can_be_undone(client, house):
    row = letter()
    dismiss, restore = (reverse(f"desk_incoming_{verb}", args=[row.pk]) for verb in ("dismiss", "restore"))

    refused = client.post(dismiss, {"form_key": str(uuid4()), "reason": "其他"})
    done = client.post(dismiss, {"form_key": str(uuid4()), "reason": "广告或垃圾信息", "words": "装修推销"})
    row.refresh_from_db()
    put_aside = (row.state, row.reason, row.handled_by)
    back = client.post(restore, {"form_key": str(uuid4())})
    row.refresh_from_db()

    assert (refused.status_code, done.status_code, back.status_code) == (422, 303, 303)
    assert put_aside == ("dismissed", "广告或垃圾信息：装修推销", house.people["front_desk"])
    assert (row.state, row.handled_by) == ("new", None)


def test_a_ticket_is_not_put_aside(client, house):
    row = letter()
    client.post(INTAKE, form(house, row))

    answers = [
        client.post(
            reverse(f"desk_incoming_{verb}", args=[row.pk]),
            {"form_key": str(uuid4()), "reason": "与报修无关"},
        )
        for verb in ("dismiss", "restore")
    ]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert Incoming.objects.get().state == "taken"


@pytest.mark.row("OR-01")
def test_a_letter_of_another_estate_is_not_there(client, house):
    row = letter(files=[photo()])
    Incoming.objects.update(estate=EstateFactory())

    pages = [
        client.get(reverse("desk_incoming_item", args=[row.pk])),
        client.get(reverse("incoming_file", args=[row.files.get().pk])),
    ]

    assert [page.status_code for page in pages] == [404, 404]
    assert list(client.get(LIST).context["page_obj"]) == []


@pytest.mark.row("OR-01")
def test_a_letter_that_nobody_could_place_is_read_by_those_of_its_ticket_alone(client, house):
    row = letter(text="漏水", files=[photo()])
    file = row.files.get().pk
    addresses = [reverse("desk_incoming_item", args=[row.pk])]
    addresses += [reverse(name, args=[file]) for name in ("incoming_file", "incoming_thumb")]

    def statuses(*estates) -> list[int]:
        house.people["front_desk"].estates.set(estates)
        return [client.get(url).status_code for url in addresses]

    before = statuses(EstateFactory()), statuses(house.estate)
    client.post(INTAKE, form(house, row))

    assert before == ([200] * 3, [200] * 3)
    assert (statuses(EstateFactory()), statuses(house.estate)) == ([404] * 3, [200] * 3)


def test_files_of_a_letter_are_no_orphans(house):
    row = letter(files=[photo()])
    loose = store.keep(*photo(), at=AT).original

    evidence.purge_orphans(older_than=now())

    assert (default_storage.exists(row.files.get().original), default_storage.exists(loose)) == (True, False)


def test_hostile_words_stay_words(client, house):
    row = letter(subject="<script>alert(1)</script>", text="<img src=x onerror=alert(1)>")

    pages = [client.get(url).content.decode() for url in (LIST, reverse("desk_incoming_item", args=[row.pk]))]

    assert [("<img src=x" in page, "<script>alert" in page) for page in pages] == [(False, False)] * 2


def test_evidence_of_a_letter_is_shown_like_any_other(client, house):
    client.post(INTAKE, form(house, letter(files=[photo()])))

    shown = client.get(reverse("evidence", args=[Evidence.objects.get().pk]))

    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")


def test_a_message_is_put_aside_once(house):
    row = letter()
    incoming.dismiss(pk=row.pk, reason="重复", by=Actor.system(), at=AT)

    with pytest.raises(incoming.Handled):
        incoming.dismiss(pk=row.pk, reason="重复", by=Actor.system(), at=AT)


def add(client, row: Incoming, number: str):
    url = reverse("desk_incoming_add", args=[row.pk])
    return client.post(url, {"form_key": str(uuid4()), "number": number})


def test_a_letter_about_a_ticket_becomes_a_remark_with_its_files(client, house):
    ticket = house.register()
    row = letter(subject=f"Re: 您的报修已登记 {ticket.number}", text="补两张照片", files=[photo()])
    meant = client.get(reverse("desk_incoming_item", args=[row.pk])).context["meant"]

    answer = add(client, row, ticket.number.lower())

    row.refresh_from_db()
    remark = ticket.events.get(name="comment")
    assert (meant, answer.status_code, row.state, row.ticket) == (ticket, 303, "taken", ticket)
    assert remark.reason.startswith("邮件来件（张伟）：Re: 您的报修已登记")
    assert (ticket.evidence.count(), Ticket.objects.count()) == (1, 1)


def test_the_last_open_ticket_of_the_sender_is_offered(client, house):
    client.post(INTAKE, form(house, letter()))
    again = letter(external_id="m-2", subject="", text="师傅什么时候来？")

    assert incoming.ticket_meant(house.people["front_desk"], again) == Ticket.objects.get()


def test_a_number_that_is_none_is_said_at_its_field(client, house):
    answer = add(client, letter(), "XX-1")

    assert answer.status_code == 422
    assert answer.context["add_form"].errors == {"number": ["没有找到这张工单，请核对单号。"]}


@pytest.mark.row("OR-01")
def test_a_ticket_of_another_estate_is_as_missing_as_none(client, house):
    ticket = house.register()
    row = letter(subject=ticket.number)
    house.people["front_desk"].estates.set([EstateFactory()])
    Incoming.objects.update(estate=None)

    answer = add(client, row, ticket.number)

    assert (answer.status_code, answer.context["meant"]) == (422, None)
    assert list(answer.context["add_form"].errors) == ["number"]


def test_a_very_long_letter_fits_into_a_remark(client, house):
    ticket = house.register()

    add(client, letter(text="漏" * 3000), ticket.number)

    assert len(ticket.events.get(name="comment").reason) == incoming.LONGEST_NOTE


def test_the_desk_is_told_once_of_what_nobody_takes_up(house):
    row = letter()
    seconds = incoming.PATIENCE.total_seconds()
    early = incoming.remind_waiting(at=row.received_at + timedelta(seconds=seconds - 1))
    late = [incoming.remind_waiting(at=row.received_at + incoming.PATIENCE) for _ in range(2)]

    told = Message.objects.get(template="M03")
    assert (early, late, told.user) == (0, [1, 0], house.people["front_desk"])
    assert told.link == reverse("desk_incoming_item", args=[row.pk])


def test_nobody_is_told_of_what_was_taken_up(house):
    incoming.dismiss(pk=letter().pk, reason="重复", by=Actor.system(), at=AT)

    assert incoming.remind_waiting(at=now()) == 0


def test_what_belongs_to_no_estate_is_told_to_every_desk(house):
    row = letter(text="没有电话")
    incoming.remind_waiting(at=now())

    assert (row.estate, Message.objects.filter(template="M03").count()) == (None, 1)


def test_what_was_typed_about_a_message_is_kept_as_a_draft(client, house):
    row = letter()
    page = client.get(reverse("desk_incoming_item", args=[row.pk])).content.decode()

    kept = [reverse(f"desk_incoming_{verb}", args=[row.pk]) for verb in ("add", "dismiss")]
    assert [f'data-draft="{name}"' in page for name in kept] == [True, True]
