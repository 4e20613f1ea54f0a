"""The desk over HTTP: lists, steps, follow-up, phone numbers."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.timezone import localdate, now

from tests.factories_files import picture, upload
from tests.house import AT, House
from tests.tickets.test_kinds import opened
from tickets import contacts, handling
from tickets.models import FollowUp, Kind, PhoneReveal, Status, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return House.build()


def keyed(**data) -> dict:
    return {"form_key": str(uuid4())} | data


def on(name: str, ticket: Ticket, *more: str) -> str:
    return reverse(name, args=[ticket.number, *more])


def status(ticket: Ticket) -> str:
    return Ticket.objects.get(pk=ticket.pk).status


def numbers(answer) -> list[str]:
    return [ticket.number for ticket in answer.context["tickets"]]


# -- lists -------------------------------------------------------------------


@pytest.mark.row("SL-09")
def test_the_first_page_shows_what_is_about_to_fail_and_what_waits(client, house):
    late = house.register(at=now() - timedelta(hours=3))
    waiting = house.ticket_at(Status.INCOMPLETE)
    client.force_login(house.people["front_desk"])

    context = client.get(reverse("desk_home")).context

    assert [line.number for line in context["breached"].lines] == [late.number]
    assert [call.ticket.number for call in context["calls"]] == [waiting.number]


@pytest.mark.parametrize(
    "name", ["desk_home", "desk_board", "desk_follow_ups", "desk_incoming", "relay_list"]
)
def test_every_page_of_the_desk_has_the_one_box(client, house, name):
    client.force_login(house.people["front_desk"])

    page = client.get(reverse(name)).content.decode()

    assert page.count('id="global-search"') == 1


def test_a_number_leads_to_its_ticket_and_words_to_a_list(client, house):
    ticket = house.register()
    client.force_login(house.people["front_desk"])
    search = reverse("desk_search")

    exact, listed = client.get(search, {"q": ticket.number.lower()}), client.get(search, {"q": "张伟"})

    assert (exact.status_code, exact.url) == (302, on("ticket", ticket))
    assert [each.number for each in listed.context["tickets"]] == [ticket.number]


def test_the_list_is_filtered_by_the_address_bar(client, house):
    first, second = house.register(), house.ticket_at(Status.DISPATCHED)
    client.force_login(house.people["front_desk"])
    url = reverse("desk_tickets")

    found = [
        numbers(client.get(url)),
        numbers(client.get(url, {"status": "dispatched"})),
        numbers(client.get(url, {"q": first.number})),
        numbers(client.get(url, {"level": "4"})),
    ]

    assert found == [[second.number, first.number], [second.number], [first.number], []]


@pytest.mark.row("IN-01")
def test_the_list_is_filtered_by_channel_and_port(client, house):
    called, written = house.register(), house.register(channel="letter", port="service")
    client.force_login(house.people["front_desk"])
    url = reverse("desk_tickets")

    found = [
        numbers(client.get(url, {"channel": "letter"})),
        numbers(client.get(url, {"port": "service"})),
        numbers(client.get(url, {"channel": "phone", "port": "service"})),
        numbers(client.get(url, {"channel": "phone"})),
    ]

    assert found == [[written.number], [written.number], [], [called.number]]


def test_htmx_gets_the_table_alone(client, house):
    house.register()
    client.force_login(house.people["front_desk"])

    page = client.get(reverse("desk_tickets"), headers={"HX-Request": "true"}).content.decode()

    assert ("<table" in page, "<html" in page) == (True, False)


# -- steps -------------------------------------------------------------------


@pytest.mark.row("SL-10")
def test_deferring_asks_for_a_day_ahead_and_a_reason(client, house):
    ticket = house.register()
    client.force_login(house.people["dispatcher"])
    url = on("ticket_step", ticket, "defer")

    answer = client.post(url, keyed(until=localdate().isoformat(), reason=""))
    done = client.post(url, keyed(until=(localdate() + timedelta(days=3)).isoformat(), reason="等雨天"))

    errors = {name: list(errors) for name, errors in answer.context["form"].errors.items()}
    assert errors == {"until": ["请选择今天以后的日期。"], "reason": ["请填写原因。"]}
    assert (answer.status_code, done.status_code, status(ticket)) == (422, 303, "deferred")


@pytest.mark.row("SL-04")
def test_work_is_suspended_only_for_an_allowed_reason(client, house):
    ticket = house.ticket_at(Status.REPAIRING)
    client.force_login(house.people["engineer"])
    url = on("ticket_step", ticket, "suspend")

    wrong = client.post(url, keyed(pause="holiday", reason="缺密封件"))
    unproved = client.post(url, keyed(pause="material", reason="缺密封件"))
    proved = client.post(url, keyed(pause="material", reason="缺密封件", photos=[upload(picture())]))

    statuses = [each.status_code for each in (wrong, unproved, proved)]
    clock = ticket.clocks.get(kind="complete")
    assert (statuses, status(ticket), clock.paused_at is not None) == ([422, 422, 303], "suspended", True)
    assert "“等待材料”须上传证明：现场照片或调货申请。" in unproved.content.decode()
    event = ticket.events.get(name="suspend")
    assert (event.payload["pause"], len(event.payload["evidence"])) == ("material", 1)


@pytest.mark.row("IN-08")
def test_merging_asks_for_an_open_ticket_of_the_same_estate(client, house):
    ticket, other = house.register(), house.register()
    client.force_login(house.people["clerk"])
    url = on("ticket_step", ticket, "merge")

    wrong = client.post(url, keyed(number="XX-1", reason="同一处"))
    done = client.post(url, keyed(number=other.number.lower(), reason="同一处"))

    assert (wrong.status_code, done.status_code) == (422, 303)
    assert Ticket.objects.get(pk=ticket.pk).merged_into == other


def test_a_merged_ticket_leads_to_the_one_it_went_into(client, house):
    ticket, other = house.register(), house.register()
    client.force_login(house.people["clerk"])
    client.post(on("ticket_step", ticket, "merge"), keyed(number=other.number, reason="同一处"))

    page = client.get(reverse("ticket", args=[ticket.number]))

    assert page.context["merged_into"] == other
    assert f'href="{reverse("ticket", args=[other.number])}"' in page.content.decode()


def test_a_step_with_a_page_of_its_own_is_not_a_bare_button(client, house):
    ticket = house.ticket_at(Status.COMPLETED)
    client.force_login(house.people["front_desk"])

    assert client.post(on("ticket_step", ticket, "close"), keyed()).status_code == 404


@pytest.mark.row("EX-09")
def test_a_failed_inspection_goes_back_with_the_reason(client, house):
    ticket = house.ticket_at(Status.PRE_INSPECTION)
    client.force_login(house.people["engineer"])

    client.post(on("ticket_step", ticket, "fail_inspection"), keyed(reason="接口仍渗水"))

    assert (status(ticket), ticket.events.last().reason) == ("repairing", "接口仍渗水")


@pytest.mark.row("SL-01")
def test_another_level_needs_a_reason_and_moves_the_limits(client, house):
    ticket = house.register()
    due = ticket.clocks.get(kind="dispatch").due_at
    client.force_login(house.people["clerk"])
    url = on("ticket_level", ticket)

    refused = client.post(url, keyed(level="1", reason=""))
    client.post(url, keyed(level="1", reason="水已漫到楼下"))

    again = Ticket.objects.get(pk=ticket.pk)
    moved = due - again.clocks.get(kind="dispatch").due_at
    assert (refused.status_code, again.level, again.level_reason) == (422, 1, "人工调整：水已漫到楼下")
    assert moved == timedelta(minutes=45)


def test_a_remark_stands_in_the_history_and_readers_write_none(client, house):
    ticket = house.register()
    client.force_login(house.people["housekeeper"])
    written = client.post(on("ticket_comment", ticket), keyed(text="业主下午在家")).status_code
    client.force_login(house.people["auditor"])
    refused = client.post(on("ticket_comment", ticket), keyed(text="看过")).status_code

    assert (written, refused, ticket.events.last().reason) == (303, 403, "业主下午在家")


# -- follow-up ---------------------------------------------------------------


@pytest.mark.row("FU-01")
def test_a_follow_up_without_its_answers_is_refused_at_the_field(client, house):
    ticket = house.ticket_at(Status.COMPLETED)
    client.force_login(house.people["front_desk"])
    url = on("ticket_follow_up", ticket)

    answers = [
        client.post(url, keyed(result="solved", means="phone")),
        client.post(url, keyed(result="not_solved", means="phone", note=" ")),
        client.post(url, keyed(means="phone")),
    ]

    assert [list(answer.context["form"].errors) for answer in answers] == [["quality"], ["note"], ["result"]]
    assert (status(ticket), FollowUp.objects.count()) == ("completed", 0)


@pytest.mark.row("FU-02")
def test_a_follow_up_that_fails_sends_the_ticket_round_again(client, house):
    ticket = house.ticket_at(Status.COMPLETED)
    client.force_login(house.people["front_desk"])

    client.post(on("ticket_follow_up", ticket), keyed(result="not_solved", means="phone", note="又漏了"))

    again = Ticket.objects.get(pk=ticket.pk)
    assert (again.status, again.round, again.rework, again.handler) == ("registered", 2, True, None)


@pytest.mark.row("FU-01")
def test_three_calls_in_vain_are_listed_apart(client, house):
    ticket = house.ticket_at(Status.COMPLETED)
    client.force_login(house.people["front_desk"])
    for _ in range(3):
        client.post(on("ticket_follow_up", ticket), keyed(result="no_answer", means="phone"))

    context = client.get(reverse("desk_follow_ups")).context

    assert (context["waiting"], [each.number for each in context["failed"]]) == ([], [ticket.number])


def test_a_complaint_to_follow_up_is_listed_with_its_words(client, house):
    ticket = opened(house, Kind.COMPLAINT, description="约好上午来修，下午才到")
    handling.contact(ticket=ticket, result="属实", by=house.actor("clerk"), at=AT)
    handling.reply(ticket=ticket, answer="已批评教育", means="phone", by=house.actor("clerk"), at=AT)
    client.force_login(house.people["front_desk"])

    assert "约好上午来修，下午才到" in client.get(reverse("desk_follow_ups")).content.decode()


@pytest.mark.row("IN-11", "FU-01")
def test_a_complaint_is_called_about_its_answer_and_not_about_a_repair(client, house):
    ticket = opened(house, Kind.COMPLAINT, description="约好上午来修，下午才到")
    handling.contact(ticket=ticket, result="属实", by=house.actor("clerk"), at=AT)
    handling.reply(ticket=ticket, answer="已批评教育", means="phone", by=house.actor("clerk"), at=AT)
    client.force_login(house.people["front_desk"])
    url = on("ticket_follow_up", ticket)

    page = client.get(url).text
    refused = client.post(url, keyed(result="solved", means="phone"))
    client.post(url, keyed(result="solved", means="phone", attitude=4))

    said = ["约好上午来修，下午才到", "已批评教育", "维修人员", "清洁", "师傅"]
    assert [words in page for words in said] == [True, True, False, False, False]
    assert (list(refused.context["form"].errors), status(ticket)) == (["attitude"], "closed")


def test_a_follow_up_that_somebody_has_made_says_so(client, house):
    ticket = house.ticket_at(Status.CLOSED)
    client.force_login(house.people["clerk"])

    assert client.get(on("ticket_follow_up", ticket)).status_code == 409


# -- phone numbers -----------------------------------------------------------


@pytest.mark.row("OR-01")
def test_the_ticket_page_shows_the_number_only_after_it_was_written_down(client, house):
    ticket = house.register()
    client.force_login(house.people["front_desk"])
    page = client.get(on("ticket", ticket)).content.decode()

    shown = client.post(on("ticket_phone", ticket), keyed(why="contact")).content.decode()

    assert ["13800138000" in page, "138****8000" in page, "13800138000" in shown] == [False, True, True]
    assert PhoneReveal.objects.values_list("user__username", "reason").get() == ("front_desk", "contact")


@pytest.mark.row("OR-01")
def test_looking_at_too_many_numbers_is_stopped(client, house):
    ticket, user = house.register(), house.people["front_desk"]
    seen = [
        PhoneReveal(ticket=ticket, user=user, reason="contact", at=now()) for _ in range(contacts.PER_HOUR)
    ]
    PhoneReveal.objects.bulk_create(seen)
    client.force_login(user)

    answer = client.post(on("ticket_phone", ticket), keyed(why="contact"))

    page = answer.content.decode()
    assert (answer.status_code, "13800138000" in page, "一小时内查看的号码太多" in page) == (429, False, True)


@pytest.mark.row("OR-01")
def test_who_only_reads_is_shown_no_number(client, house):
    client.force_login(house.people["director"])

    answer = client.post(on("ticket_phone", house.register(at=AT)), keyed(why="contact"))

    assert (answer.status_code, PhoneReveal.objects.count()) == (403, 0)
