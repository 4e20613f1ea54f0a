"""The owner's phone pages: who gets in, who may sign, and what a wrong answer says."""

import json
from base64 import b64encode
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils.timezone import now

from core.templatetags.fangxiu import dated
from demo import pictures
from tests.factories_estates import PublicPlaceFactory
from tests.house import AT, House
from tickets import links, owner_words, pages, workflow
from tickets.models import OwnerLink, PlanCard, Ruling, Status, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.row("EX-02")]


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()


@pytest.fixture
def house():
    return House.build()


def link_to(ticket: Ticket) -> str:
    """The path of a new link, as the message carries it."""
    return "/" + links.create(ticket=ticket, at=now()).split("/", 3)[3]


def enter(client, ticket: Ticket, digits: str = "8000"):
    """Open the link and answer the question for the phone digits."""
    client.get(link_to(ticket))
    return answer_digits(client, ticket, digits)


def answer_digits(client, ticket: Ticket, digits: str):
    return client.post(on("owner_verify", ticket), {"form_key": str(uuid4()), "digits": digits})


def on(name: str, ticket: Ticket) -> str:
    return reverse(name, args=[ticket.number])


def signed(**data) -> dict:
    """A form with a signature as the pad sends it."""
    drawn = pictures.signature()
    picture = "data:image/png;base64," + b64encode(drawn.png).decode()
    strokes = [{"points": points} for points in drawn.strokes]
    written = json.dumps({"strokes": strokes, "png": picture})
    return {"form_key": str(uuid4()), "signer": "张伟", "signature": written} | data


def status(ticket: Ticket) -> str:
    return Ticket.objects.get(pk=ticket.pk).status


# -- getting in --------------------------------------------------------------


def test_a_wrong_link_is_gone_and_twenty_are_enough(client):
    statuses = [client.get(reverse("owner_enter", args=["x" * 43])).status_code for _ in range(21)]

    assert statuses == [404] * 20 + [429]


def test_a_right_link_still_opens_after_wrong_ones(client, house):
    for _ in range(25):
        client.get(reverse("owner_enter", args=["x" * 43]))

    assert client.get(link_to(house.register())).status_code == 302


def test_the_secret_does_not_stay_in_the_address(client, house):
    ticket = house.register()

    answer = client.get(link_to(ticket))

    assert (answer.status_code, answer.url) == (302, on("owner_ticket", ticket))


def test_a_link_ends_a_month_after_the_ticket_is_closed(client, house):
    ticket = house.ticket_at(Status.CLOSED)
    path = link_to(ticket)
    statuses = []
    for days in (29, 31):
        Ticket.objects.filter(pk=ticket.pk).update(closed_at=now() - timedelta(days=days))
        statuses.append(client.get(path).status_code)

    assert statuses == [302, 404]


def test_the_link_alone_shows_the_state_and_nothing_personal(client, house):
    ticket = house.ticket_at(Status.SURVEYING)
    client.get(link_to(ticket))

    page = client.get(on("owner_ticket", ticket)).content.decode()

    hidden = ["张伟", "13800138000", "马永康", ticket.place_label, ticket.description]
    assert [words for words in hidden if words in page] == []


def test_four_right_digits_open_the_question_that_waits(client, house):
    ticket = house.ticket_at(Status.OWNER_CONSENT)

    answer = enter(client, ticket)

    assert (answer.status_code, answer.url) == (302, on("owner_plan", ticket))


def test_wrong_digits_are_told_at_the_field(client, house):
    ticket = house.register()

    answers = [enter(client, ticket, digits) for digits in ("1234", "12")]

    assert [list(answer.context["form"].errors["digits"]) for answer in answers] == [
        ["与报修预留手机号后四位不一致，请重新输入。"],
        ["请填写4位数字。"],
    ]


def test_five_wrong_answers_lock_the_link_for_a_quarter_of_an_hour(client, house):
    ticket = house.register()
    client.get(link_to(ticket))
    for _ in range(5):
        answer_digits(client, ticket, "1234")

    locked = answer_digits(client, ticket, "8000")
    OwnerLink.objects.filter(misses=5).update(locked_until=now() - timedelta(seconds=1))
    opened = answer_digits(client, ticket, "8000")

    assert (locked.status_code, "15分钟" in locked.content.decode(), opened.status_code) == (422, True, 302)


def test_a_link_opens_its_own_ticket_alone(client, house):
    ticket, other = house.register(), house.register()
    enter(client, ticket)

    assert client.get(on("owner_ticket", other)).status_code == 404


def test_another_link_asks_for_the_digits_again(client, house):
    first, second = house.register(), house.ticket_at(Status.OWNER_CONSENT)
    enter(client, first)
    client.get(link_to(second))

    assert client.get(on("owner_plan", second)).status_code == 403


# -- signing -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "name"),
    [
        (Status.OWNER_CONSENT, "owner_plan"),
        (Status.OWNER_CONSENT, "owner_refuse_plan"),
        (Status.OWNER_ACCEPTANCE, "owner_acceptance"),
        (Status.OWNER_ACCEPTANCE, "owner_refuse_acceptance"),
    ],
)
def test_without_the_digits_nobody_signs_or_refuses(client, house, state, name):
    ticket = house.ticket_at(state)
    client.get(link_to(ticket))

    answer = client.post(on(name, ticket), signed(stars="5", reason="不同意"))

    assert (answer.status_code, status(ticket)) == (403, state)


def test_the_owner_signs_the_plan_and_a_second_click_changes_nothing(client, house):
    ticket = house.ticket_at(Status.OWNER_CONSENT)
    enter(client, ticket)
    form = signed()

    statuses = [client.post(on("owner_plan", ticket), form).status_code for _ in range(2)]

    plan = PlanCard.objects.get(ticket=ticket)
    assert (statuses, status(ticket), plan.signature.signer) == ([303, 303], "repairing", "张伟")
    assert ticket.events.filter(name="consent").count() == 1


@pytest.mark.parametrize(
    ("signature", "message"),
    [
        ("", "请在框内签名。"),
        ("{", "签名没有读到，请清除后重新签。"),
        ('{"strokes": [], "png": ""}', "签名太短，请写清姓名后再提交。"),
    ],
)
def test_a_signature_that_is_none_is_refused_and_the_name_stays(client, house, signature, message):
    ticket = house.ticket_at(Status.OWNER_CONSENT)
    enter(client, ticket)

    answer = client.post(on("owner_plan", ticket), signed(signature=signature, signer="李娜"))

    assert (answer.status_code, list(answer.context["form"].errors["signature"])) == (422, [message])
    assert ("李娜" in answer.content.decode(), status(ticket)) == (True, "owner_consent")


def test_refusing_asks_why_and_sends_the_worker_back_to_the_survey(client, house):
    ticket = house.ticket_at(Status.OWNER_CONSENT)
    enter(client, ticket)
    url = on("owner_refuse_plan", ticket)

    empty = client.post(url, {"form_key": str(uuid4()), "reason": " "})
    client.post(url, {"form_key": str(uuid4()), "reason": "想换整个龙头"})

    assert (empty.status_code, status(ticket), ticket.events.last().reason) == (
        422,
        "surveying",
        "想换整个龙头",
    )


def test_a_plan_that_was_signed_meanwhile_says_so(client, house):
    ticket = house.ticket_at(Status.REPAIRING)
    enter(client, ticket)

    assert client.post(on("owner_plan", ticket), signed()).status_code == 409


@pytest.mark.row("EX-09")
def test_acceptance_needs_stars_and_signature(client, house):
    ticket = house.ticket_at(Status.OWNER_ACCEPTANCE)
    enter(client, ticket)
    url = on("owner_acceptance", ticket)

    refused = client.post(url, signed(remark="很快"))
    wrong = client.post(url, signed(stars="9"))
    done = client.post(url, signed(stars="5", remark="很快"))

    assert [list(answer.context["form"].errors) for answer in (refused, wrong)] == [["stars"], ["stars"]]
    assert (done.status_code, status(ticket), ticket.acceptances.get().stars) == (303, "completed", 5)


def test_the_owner_reads_what_happened_without_inside_names(client, house):
    ticket = house.ticket_at(Status.OWNER_ACCEPTANCE)
    enter(client, ticket)

    page = client.get(on("owner_ticket", ticket)).content.decode()

    assert ("师傅已到场" in page, "刘洋帆" in page, "陈立言" in page) == (True, False, False)


def test_the_badge_and_the_request_speak_to_the_owner(client, house):
    ticket = house.ticket_at(Status.OWNER_CONSENT)

    page = (
        enter(client, ticket) and client.get(reverse("owner_ticket", args=[ticket.number])).content.decode()
    )

    asked = "维修方案已经出来，请您查看并签字，确认后开始维修。"
    assert (page.count(asked), "待您确认" in page, "待业主确认" in page) == (1, True, False)


VERDICT = {
    "term": "防水",
    "reported_on": "2026-08-05",
    "delivered_on": "2020-02-01",
    "owner_until": "2027-02-01",
    "reason": "施工方保修已于2025-01-01届满，差额期费用由开发商承担。",
}


@pytest.mark.row("WA-02")
@pytest.mark.parametrize(
    ("covered", "changes", "words"),
    [
        ("yes", {}, "防水在保修期内，保修到2027年2月1日。"),
        ("yes", {"owner_until": ""}, "防水在保修期内。"),
        ("yes", {"delivered_on": "2026-12-01"}, "房屋还没有到交付日，由项目部在交付前修好。"),
        ("no", {"owner_until": "2026-02-01"}, "防水的保修期到2026年2月1日为止，报修时已过保修期。"),
        ("no", {"owner_until": "", "term": "灯泡"}, "灯泡不在保修范围内。"),
        ("unknown", {"owner_until": ""}, "是否在保修期内，由工程师核对后确认。"),
    ],
)
def test_the_owner_reads_the_cover_in_words_of_their_own(covered, changes, words):
    ticket = Ticket(covered=covered, verdict=VERDICT | changes)

    assert owner_words.cover(ticket, None) == words


@pytest.mark.row("WA-02")
def test_the_owner_reads_the_engineers_word_before_the_machines():
    ticket = Ticket(covered="unknown", verdict=VERDICT)
    ruled = [owner_words.cover(ticket, Ruling(covered=covered)) for covered in ("yes", "no")]

    assert ruled == ["经工程师核实，在保修期内。", "经工程师核实，不在保修期内。"]
    assert owner_words.cover(Ticket(covered="unknown"), None) == ""


@pytest.mark.row("WA-02")
def test_the_owners_page_says_nothing_of_who_pays_whom(client, house):
    ticket = house.ticket_at(Status.ACCEPTED)
    Ticket.objects.filter(pk=ticket.pk).update(covered="yes", verdict=VERDICT)

    enter(client, ticket)
    page = client.get(on("owner_ticket", ticket)).content.decode()

    assert ("保修到2027年2月1日" in page, "差额期" in page, "2025-01-01" in page) == (True, False, False)


def test_before_somebody_goes_the_desk_reads_what_the_owner_adds(house):
    waiting, going = house.ticket_at(Status.IN_REVIEW), house.ticket_at(Status.ACCEPTED)

    hints = [owner_words.subject(ticket)["comment_hint"] for ticket in (waiting, going)]

    assert hints == ["补充情况，客服会看到", "补充情况、改时间，师傅会看到"]


@pytest.mark.parametrize(
    ("status", "page"),
    [
        (Status.OWNER_CONSENT, "owner_plan"),
        (Status.OWNER_CONSENT, "owner_refuse_plan"),
        (Status.OWNER_ACCEPTANCE, "owner_acceptance"),
        (Status.OWNER_ACCEPTANCE, "owner_refuse_acceptance"),
    ],
)
def test_every_form_of_a_ticket_leads_back_to_its_progress(client, house, status, page):
    ticket = house.ticket_at(status)
    enter(client, ticket)

    shown = client.get(reverse(page, args=[ticket.number])).content.decode()

    back = f'<a class="back" href="{reverse("owner_ticket", args=[ticket.number])}"'
    assert (back in shown, "服务热线" in shown) == (True, True)


def test_a_dead_link_offers_to_sign_in_by_phone(client):
    page = client.get(reverse("owner_enter", args=["nonsense"])).content.decode()

    assert reverse("owner_reports") in page


def test_nobody_is_asked_to_stay_at_home_for_a_public_place(house):
    place = PublicPlaceFactory(building=house.household.unit.building, name="大堂")
    tickets = [
        house.journey(**where).to(Status.SCHEDULED)
        for where in ({}, {"unit": None, "owner": None, "place": place})
    ]

    assert ["在家" in owner_words.next_words(ticket) for ticket in tickets] == [True, False]


def test_nobody_at_a_public_place_is_told_to_open_a_door_or_to_wait_for_a_call(client, house):
    place = PublicPlaceFactory(building=house.household.unit.building, name="大堂")
    ticket = house.journey(unit=None, owner=None, place=place).to(Status.ACCEPTED)
    enter(client, ticket)

    page = client.get(on("owner_ticket", ticket)).content.decode()

    assert ("核对工牌" in page, "与您约" in page, "到现场处理" in page) == (False, False, True)


def test_the_door_is_spoken_of_until_the_work_is_accepted(client, house):
    for status, said in ((Status.SCHEDULED, True), (Status.COMPLETED, False)):
        ticket = house.ticket_at(status)
        enter(client, ticket)

        assert (
            "开门前请核对工牌上的姓名和工号" in client.get(on("owner_ticket", ticket)).content.decode()
        ) == said


def test_the_window_stands_where_it_was_agreed_and_not_again_where_the_worker_set_out(house):
    ticket = house.ticket_at(Status.SURVEYING)

    texts = {entry["title"]: entry["text"] for entry in pages.owner_timeline(ticket)}

    assert (bool(texts["已预约上门时间"]), texts.get("师傅已出发", "")) == (True, "")


@pytest.mark.row("SL-05")
def test_an_owner_whose_limit_is_over_reads_an_apology_until_it_is_made_good(client, house):
    ticket = house.ticket_at("scheduled")
    ticket.clocks.filter(kind="complete").update(due_at=now() + timedelta(days=1))
    clock = ticket.clocks.get(kind="arrive")
    clock.due_at = now() - timedelta(hours=1)
    clock.save(update_fields=["due_at"])

    enter(client, ticket)
    late = client.get(on("owner_ticket", ticket)).content.decode()
    clock.stopped_at = now()
    clock.save(update_fields=["stopped_at"])
    made_good = client.get(on("owner_ticket", ticket)).content.decode()

    words = f"没能在{dated(clock.due_at)}前上门，已请主管督促，会尽快处理好。"
    assert (words in late, "处理比约定晚了" in made_good) == (True, False)


@pytest.mark.row("SL-05")
@pytest.mark.parametrize("how", ["cancel", "transfer", "defer"])
def test_nobody_apologises_for_what_is_ended_or_put_off(house, how):
    ticket = house.ticket_at("in_review")
    more = {"until": now().date() + timedelta(days=9)} if how == "defer" else {}
    ticket = workflow.step(
        ticket=ticket, name=how, by=house.actor("manager"), at=AT, reason="业主要求", **more
    )
    ticket.clocks.update(due_at=AT)

    assert owner_words.apology(ticket, at=now()) == ""
