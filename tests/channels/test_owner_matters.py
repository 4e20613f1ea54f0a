"""What an owner brings besides repairs: short forms from the table of kinds, as safe as a report (IN-11)."""

from uuid import uuid4

import pytest
from django.urls import Resolver404, resolve, reverse

from channels import owner_report, qr
from notices.models import Message
from tests import factories_estates as estates
from tests.factories_files import picture, upload
from tests.house import AT
from tickets import handling, kinds, owner_words, pages, queries
from tickets.kinds import Kind
from tickets.models import Channel, Class, Evidence, Status, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("IN-11")]
PHONE, STRANGER = "13800138000", "13912345678"
MATTERS = [kind for kind in kinds.FOR_OWNERS if kind != Kind.REPAIR]
# What an owner answers to the questions of each kind.
ANSWERS = {
    Kind.COMPLAINT: {"about": "service", "demand": "给个说法", "happened": "昨天下午", "harm": "no"},
    Kind.SUGGESTION: {"topic": "facility"},
    Kind.CONSULTATION: {"topic": "warranty"},
    Kind.PLANNED: {"item": "清洗两台空调", "wanted": "本周末"},
}


def filled(house, kind: str, **changes) -> dict:
    """A filled form."""
    given = {
        "form_key": str(uuid4()),
        "where": f"u{house.household.unit_id}",
        "description": "约好上午来修，下午才到，也没有打电话",
        "name": "张伟",
    }
    return given | ANSWERS[kind] | changes


def bring(client, house, kind: str, **changes):
    return client.post(reverse("owner_matter", args=[kind]), filled(house, kind, **changes))


# -- which, and what each asks -------------------------------------------------


def test_owners_choose_among_five(client, house):
    page = client.get(reverse("owner_home"))

    words = [entry["door"].title for entry in page.context["doors"]]
    assert words == ["我要报修", "我要投诉", "提个建议", "我想咨询", "有偿便民服务"]
    assert [
        entry["url"] for entry in page.context["doors"] if entry["url"] not in page.content.decode()
    ] == []


@pytest.mark.parametrize("kind", ["repair", "minor_works", "nonsense"])
def test_what_owners_do_not_bring_has_no_address(kind):
    with pytest.raises(Resolver404):
        resolve(f"/o/report/{kind}/")


@pytest.mark.parametrize("kind", MATTERS)
def test_every_question_of_a_kind_is_asked_in_plain_words(kind):
    asks = kinds.opening_sheet(kind).asks

    assert [ask.name for ask in asks if ask.plain is None] == []
    assert [
        ask.name
        for ask in asks
        if ask.plain.choices and [v for v, _ in ask.plain.choices] != [v for v, _ in ask.choices]
    ] == []


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        (Kind.COMPLAINT, {"about", "demand", "harm"}),
        (Kind.SUGGESTION, {"topic"}),
        (Kind.CONSULTATION, {"topic"}),
        (Kind.PLANNED, {"item", "wanted"}),
    ],
)
def test_what_is_missing_is_named_at_its_field_and_what_was_typed_stays(
    client, house, signed_in, kind, missing
):
    signed_in()

    page = client.post(
        reverse("owner_matter", args=[kind]), {"form_key": str(uuid4()), "description": "写了一半"}
    )

    assert page.status_code == 422
    assert set(page.context["form"].errors) == missing | {"where", "name"}
    assert ("写了一半" in page.content.decode(), Ticket.objects.count()) == (True, 0)


@pytest.mark.parametrize("kind", MATTERS)
def test_nobody_is_asked_how_urgent_a_matter_is(client, house, signed_in, kind):
    page = signed_in().get(reverse("owner_matter", args=[kind]))

    fields = set(page.context["form"].fields)
    shown = {field.name for step in page.context["steps"] for field, _ in step.get("fields", ())}
    assert fields & {"fault", "running_water", "power_threat", "person_at_risk"} == set()
    # Every field stands on the page, also without a script.
    assert shown | {"where", "estate", "said_place", "form_key"} == fields


# -- what becomes of it --------------------------------------------------------


@pytest.mark.parametrize("kind", MATTERS)
def test_a_matter_gets_number_photo_and_progress(client, house, signed_in, kind):
    estates_fault(house)
    signed_in()

    answer = bring(client, house, kind, photos=upload(picture(), "现场.jpg"))

    ticket = Ticket.objects.get()
    assert (answer.status_code, answer.url) == (303, reverse("owner_ticket", args=[ticket.number]))
    assert (ticket.kind, ticket.status, ticket.unit, ticket.report.channel) == (
        kind,
        Status.REGISTERED,
        house.household.unit,
        Channel.OWNER_H5,
    )
    facts = {name: value for name, value in ANSWERS[kind].items() if name != "wanted"}
    assert (ticket.details.facts, Evidence.objects.get().stage) == (facts, "report")
    word = kinds.owner_word(kind)
    page = client.get(answer.url).content.decode()
    shown = [ticket.number, f"{word}进度", f"已登记您的{word}", f"{word}内容", f"{word}已提交，单号"]
    assert [words for words in shown if words not in page] == []


def estates_fault(house) -> None:
    """Give the house the fault that stands for paid services."""
    house.fault.code = kinds.of(Kind.PLANNED).door.fault
    house.fault.save()


def test_a_paid_service_is_of_the_fault_that_stands_for_it(client, house, signed_in):
    estates_fault(house)
    signed_in()

    bring(client, house, Kind.PLANNED)

    ticket = Ticket.objects.get()
    assert (ticket.fault, ticket.wanted, ticket.level) == (house.fault, "本周末", house.fault.default_level)
    assert owner_words.next_words(ticket) == "客服会先向您报价，您同意后安排师傅。"


def test_a_paid_service_without_such_a_fault_is_called_back(client, house, signed_in):
    signed_in()

    bring(client, house, Kind.PLANNED)

    assert Ticket.objects.get().status == Status.INCOMPLETE


def test_a_safety_complaint_reaches_the_manager_at_once(client, house, signed_in):
    signed_in()

    bring(client, house, Kind.COMPLAINT, about="safety")

    told = set(Message.objects.filter(template="K02").values_list("user", flat=True))
    assert (Ticket.objects.get().level, house.people["manager"].pk in told) == (1, True)


def test_a_complaint_of_an_injury_is_an_accident_at_once(client, house, signed_in):
    signed_in()

    bring(client, house, Kind.COMPLAINT, about="safety", harm="yes")

    assert Ticket.objects.get().severity == Class.ACCIDENT


def test_a_matter_need_not_be_anywhere(client, house, signed_in):
    signed_in(STRANGER)

    bring(client, house, Kind.SUGGESTION, where="other", estate=house.estate.pk)

    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.estate, ticket.unit, ticket.place_label) == (
        Status.REGISTERED,
        house.estate,
        None,
        "未指明位置",
    )


def test_a_complaint_about_a_scanned_place_is_about_that_place(client, house, signed_in):
    lift = estates.PublicPlaceFactory(building=house.household.unit.building, name="1号电梯")
    signed_in(STRANGER)
    client.get(reverse("owner_scan", args=[lift.token]))

    bring(client, house, Kind.COMPLAINT, where=f"p{lift.pk}")

    assert Ticket.objects.get().place == lift


def test_a_stranger_who_names_a_dwelling_is_verified(client, house, signed_in):
    signed_in(STRANGER)
    client.get(reverse("owner_scan", args=[qr.code_for(house.household.unit)]))

    bring(client, house, Kind.CONSULTATION)

    ticket = Ticket.objects.get()
    assert (ticket.owner, ticket.events.filter(name="check_identity").count()) == (None, 1)


# -- once, not too often, and confirmed ----------------------------------------


@pytest.mark.row("IN-05")
def test_sent_twice_it_is_one_ticket_also_after_another_sign_in(client, house, signed_in):
    form, url = filled(house, Kind.COMPLAINT), reverse("owner_matter", args=[Kind.COMPLAINT])
    first = signed_in().post(url, form)
    client.session.flush()
    second = signed_in().post(url, form)
    script = client.post(url, form, headers={"X-Outbox": "1"})

    assert (first.url, script.status_code, script["X-Go"]) == (second.url, 204, first.url)
    assert Ticket.objects.count() == 1


@pytest.mark.row("IN-05")
def test_matters_and_repairs_share_the_cap_of_a_phone(client, house, signed_in):
    signed_in()
    asked = [MATTERS[number % len(MATTERS)] for number in range(7)]

    statuses = [bring(client, house, kind).status_code for kind in asked]

    pages_shown = [client.get(reverse("owner_report")), client.get(reverse("owner_matter", args=asked[:1]))]
    assert (statuses, [page.status_code for page in pages_shown]) == ([303] * 5 + [429] * 2, [429, 429])


def test_an_answered_matter_makes_room_for_another(client, house, signed_in):
    signed_in()
    bring(client, house, Kind.CONSULTATION)
    before = owner_report.open_reports(PHONE).count()
    by = house.actor("clerk")

    handling.reply(ticket=Ticket.objects.get(), answer="还在保修期。", means="phone", by=by, at=AT)

    assert (before, owner_report.open_reports(PHONE).count()) == (1, 0)


@pytest.mark.row("IN-13")
def test_the_desk_confirms_a_matter_as_it_does_a_repair(client, house, signed_in):
    signed_in()
    bring(client, house, Kind.COMPLAINT)
    ticket, clerk = Ticket.objects.get(), house.people["front_desk"]
    waiting = list(queries.to_acknowledge(clerk))
    client.force_login(clerk)
    page = client.get(reverse("desk_online")).content.decode()
    client.post(reverse("desk_acknowledge", args=[ticket.number]), {"form_key": str(uuid4())})

    assert (waiting, list(queries.to_acknowledge(clerk)), "投诉" in page) == ([ticket], [], True)


def test_who_has_to_sign_in_first_comes_back_to_the_form(client, house):
    url = reverse("owner_matter", args=[Kind.CONSULTATION])

    assert (client.get(url).url, client.session["owner_next"]) == (reverse("owner_login"), url)


# -- afterwards ----------------------------------------------------------------


def test_the_progress_page_speaks_of_answers(client, house, signed_in):
    signed_in()
    bring(client, house, Kind.COMPLAINT)
    ticket, by = Ticket.objects.get(), house.actor("clerk")
    handling.contact(ticket=ticket, result="情况属实", by=by, at=AT)
    handling.reply(ticket=ticket, answer="已批评教育并向您致歉。", means="phone", by=by, at=AT)

    page = client.get(reverse("owner_ticket", args=[ticket.number])).content.decode()

    shown = ["已批评教育并向您致歉。", "已经答复您", "您希望怎么处理？", "给个说法", "客服会看到"]
    assert [words for words in shown if words not in page] == []
    assert [
        words for words in ("报修", "维修", "师傅", "情况属实") if words in page.partition("<main")[2]
    ] == []


def test_no_sentence_for_a_matter_calls_it_a_repair():
    stands = [(Kind.PLANNED, status) for status in Status]
    stands += [(kind, status) for kind in kinds.ANSWERED for status in kinds.ANSWERED_STATES]

    words = [owner_words.next_words(Ticket(kind=kind, status=status)) for kind, status in stands]

    assert [text for text in words if not text or "报修" in text or "维修" in text] == []


def test_the_history_of_a_matter_never_calls_it_a_repair(house):
    ticket = house.register(kind=Kind.SUGGESTION, details={"topic": "facility"}, fault=None, wanted="")

    titles = [entry["title"] for entry in pages.owner_timeline(ticket)]

    assert titles == ["已登记您的建议"]


@pytest.mark.parametrize(
    ("kind", "status", "title", "steps"),
    [
        (Kind.COMPLAINT, Status.REGISTERED, "投诉已收到", ["登记", "答复", "回访", "完成"]),
        (Kind.SUGGESTION, Status.CLOSED, "建议已答复", ["登记", "答复", "完成"]),
        (Kind.CONSULTATION, Status.CANCELLED, "咨询", ["登记", "答复", "完成"]),
        (Kind.PLANNED, Status.IN_REVIEW, "便民服务已收到", ["登记", "派单", "上门", "服务", "验收", "完成"]),
    ],
)
def test_title_and_way_of_a_matter_are_in_the_owners_words(kind, status, title, steps):
    ticket = Ticket(kind=kind, status=status)

    labels = [step["label"] for step in pages.owner_stepper(ticket)]

    assert (owner_words.subject(ticket)["title"], labels) == (title, steps)


def test_the_list_of_a_phone_says_what_is_no_repair(client, house, signed_in):
    house.register()
    signed_in()
    bring(client, house, Kind.SUGGESTION)

    listed = client.get(reverse("owner_reports")).context["tickets"]

    assert sorted(ticket.word for ticket in listed) == ["", "建议"]
