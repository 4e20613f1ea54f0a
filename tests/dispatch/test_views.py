import uuid

import pytest
from django.urls import reverse
from django.utils.timezone import localdate, now

from dispatch import assign, proposals
from dispatch.models import Skill
from tests.factories_dispatch import House, house, registered, staff, worker
from tests.factories_estates import CareFlagFactory, EstateFactory, HintFactory
from tickets import workflow
from tickets.actors import Actor
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
NOW = now()


@pytest.fixture
def place(client) -> House:
    """A house whose dispatcher is signed in."""
    made = house()
    client.force_login(made.dispatcher)
    return made


def page(client, name, ticket=None, **query):
    url = reverse(name, args=[ticket.number] if ticket else [])
    return client.get(url, query)


def posted(client, name, ticket, **data):
    ticket = Ticket.objects.get(pk=ticket.pk)
    values = {"form_key": str(uuid.uuid4()), "version": ticket.version} | data
    return client.post(reverse(name, args=[ticket.number]), values)


def status(ticket):
    return Ticket.objects.get(pk=ticket.pk).status


def numbers(response):
    return [ticket.number for ticket, _ in response.context["rows"]]


# -- the queue ---------------------------------------------------------------


@pytest.mark.row("DI-03")
def test_the_queue_lists_by_dispatch_limit_with_the_suggested_worker(client, place):
    ordinary = registered(place)
    urgent = registered(place, dangers=["running_water"])
    proposals.ensure(ticket=ordinary, at=NOW)

    response = page(client, "dispatch_queue")

    assert numbers(response) == [urgent.number, ordinary.number]
    assert "张大勇" in response.content.decode()


def test_the_queue_leaves_out_other_estates(client, place):
    mine = registered(place)
    registered(house())

    assert numbers(page(client, "dispatch_queue")) == [mine.number]


def test_the_queue_is_filtered_by_level_and_words(client, place):
    urgent = registered(place, dangers=["running_water"])
    other = registered(place, reporter_name="李红")

    assert numbers(page(client, "dispatch_queue", level="1")) == [urgent.number]
    assert numbers(page(client, "dispatch_queue", q="李红")) == [other.number]
    assert numbers(page(client, "dispatch_queue", q=urgent.number)) == [urgent.number]


def test_htmx_gets_the_list_alone_and_asks_again_in_half_a_minute(client, place):
    registered(place)

    body = client.get(reverse("dispatch_queue"), headers={"hx-request": "true"}).content.decode()

    assert "<html" not in body
    assert 'hx-trigger="every 30s"' in body


def test_sent_tickets_have_a_list_of_their_own(client, place):
    ticket = registered(place)
    assign.approve(proposal=proposals.ensure(ticket=ticket, at=NOW), by=place.reviewer, at=NOW)

    assert numbers(page(client, "dispatch_queue")) == []
    assert numbers(page(client, "dispatch_queue", tab="sent")) == [ticket.number]


def test_the_queue_takes_the_same_queries_for_many_rows(client, place, django_assert_max_num_queries):
    for _ in range(6):
        proposals.ensure(ticket=registered(place), at=NOW)

    with django_assert_max_num_queries(20):
        page(client, "dispatch_queue")


# -- who may -----------------------------------------------------------------


@pytest.mark.row("OR-01")
@pytest.mark.parametrize("role", ["front_desk", "housekeeper", "worker", "contractor", "auditor"])
def test_who_may_not_dispatch_gets_403_from_the_lists(client, place, role):
    client.force_login(staff(role, place.estate))

    assert page(client, "dispatch_queue").status_code == 403
    assert page(client, "dispatch_workers").status_code == 403


@pytest.mark.row("OR-01")
def test_a_ticket_one_may_see_but_not_dispatch_is_403(client, place):
    ticket = registered(place)
    client.force_login(staff("front_desk", place.estate))

    assert page(client, "dispatch_review", ticket).status_code == 403
    assert posted(client, "dispatch_approve", ticket, worker=place.worker.pk).status_code == 403
    assert status(ticket) == "registered"


@pytest.mark.row("OR-01")
@pytest.mark.parametrize(
    "name",
    ["dispatch_review", "dispatch_reassign", "dispatch_approve", "dispatch_change", "dispatch_send_back"],
)
def test_a_ticket_of_a_foreign_estate_is_404(client, place, name):
    ticket = registered(place)
    client.force_login(staff("dispatcher", EstateFactory()))

    url = reverse(name, args=[ticket.number])
    answer = client.get(url) if name in ("dispatch_review", "dispatch_reassign") else client.post(url)

    assert answer.status_code == 404


# -- the review --------------------------------------------------------------


@pytest.mark.row("DI-03", "DI-13")
@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"reason": "换了说法", "code": "unconfirmed"}, "待工程师确认"),
        ({"reason": "待工程师确认工种与责任"}, "待工程师确认"),
        ({"reason": "待工程师确认工种与责任", "code": "off_duty"}, "没有可派人选"),
        ({"reason": "未当班"}, "没有可派人选"),
    ],
)
def test_the_queue_knows_who_waits_for_the_engineer_by_the_code_or_by_old_words(client, place, row, words):
    ticket = registered(place)
    proposals.ensure(ticket=ticket, at=NOW)
    ticket.proposals.update(candidates=[], excluded=[{"worker": 1, "name": "宏基"} | row])

    response = page(client, "dispatch_queue")

    assert [each.nobody for each, _ in response.context["rows"]] == [words]


@pytest.mark.row("DI-03")
def test_the_review_names_what_is_missing(client, place):
    ticket = registered(place, description="漏水")

    response = page(client, "dispatch_review", ticket)

    assert response.context["brief"].missing == ["故障描述", "现场照片"]
    assert "过短，只有 2 个字" in response.content.decode()
    assert response.context["forms"]["back"].initial["reason"] == "请补充：故障描述、现场照片。"


@pytest.mark.row("DI-03", "IN-11")
def test_nothing_can_be_sent_from_the_review_while_the_quote_is_missing(client, place):
    ticket = registered(place, kind="planned", details={"item": "空调清洗2台"})
    proposals.ensure(ticket=ticket, at=NOW)

    response = page(client, "dispatch_review", ticket)

    body = response.content.decode()
    assert {each.page for each in response.context["lacking"]} == {"报价确认"}
    assert [words in body for words in ("补齐后才能派出", "采纳建议并派单", "派给所选师傅", "退回补充")] == [
        True,
        False,
        False,
        True,
    ]


@pytest.mark.row("DI-03", "IN-09", "IN-19")
def test_the_review_shows_repeat_care_hints_and_history(client, place):
    first = registered(place)
    CareFlagFactory(owner=first.owner)
    HintFactory(estate=place.estate, unit=first.unit, text="水阀在管井左侧")
    ticket = registered(place, unit=first.unit, repeat_of=first)

    response = page(client, "dispatch_review", ticket)

    body = response.content.decode()
    assert [label for label, _ in response.context["brief"].flags] == ["二次返修", "同类故障"]
    assert [each.number for each in response.context["brief"].earlier] == [first.number]
    assert ("高龄独居" in body, "水阀在管井左侧" in body) == (True, True)


@pytest.mark.row("DI-01")
def test_the_review_shows_candidates_with_reasons_and_who_is_out(client, place):
    worker(place.estate, name="李永福", on_duty=False)
    ticket = registered(place)
    proposals.ensure(ticket=ticket, at=NOW)

    body = page(client, "dispatch_review", ticket).content.decode()

    for words in ("建议派给 张大勇", "手上 0/6 单", "专驻本项目", "李永福", "未当班"):
        assert words in body


def test_a_ticket_without_a_kept_proposal_can_be_sent_at_once(client, place):
    ticket = registered(place, dangers=["running_water"])

    shown = page(client, "dispatch_review", ticket)
    answer = posted(client, "dispatch_approve", ticket, worker=place.worker.pk)

    assert shown.context["first"]["name"] == "张大勇"
    assert (answer.status_code, status(ticket)) == (303, "dispatched")


@pytest.mark.row("DI-03")
def test_one_press_approves_and_goes_back_to_the_queue(client, place):
    ticket = registered(place)
    proposals.ensure(ticket=ticket, at=NOW)

    answer = posted(client, "dispatch_approve", ticket, worker=place.worker.pk)

    assert (answer.status_code, answer.url) == (303, reverse("dispatch_queue"))
    assert Ticket.objects.get(pk=ticket.pk).handler == place.worker.user


def test_the_same_key_twice_sends_once(client, place):
    ticket = registered(place)
    proposals.ensure(ticket=ticket, at=NOW)
    key, version = str(uuid.uuid4()), Ticket.objects.get(pk=ticket.pk).version

    answers = [
        posted(client, "dispatch_approve", ticket, form_key=key, version=version, worker=place.worker.pk)
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert ticket.events.filter(name="dispatch").count() == 1


@pytest.mark.row("DI-03")
def test_the_second_of_two_reviewers_reads_who_was_faster(client, place):
    ticket = registered(place)
    proposal = proposals.ensure(ticket=ticket, at=NOW)
    version = Ticket.objects.get(pk=ticket.pk).version
    assign.approve(proposal=proposal, by=place.reviewer, at=NOW)
    client.force_login(staff("dispatcher", place.estate))

    answer = posted(client, "dispatch_approve", ticket, worker=place.worker.pk, version=version)

    assert answer.status_code == 409
    assert ("王建国" in answer.content.decode(), "已派单" in answer.content.decode()) == (True, True)


def test_a_newer_first_choice_is_not_approved_unseen(client, place):
    ticket = registered(place)
    proposals.ensure(ticket=ticket, at=NOW)
    other = worker(place.estate)

    answer = posted(client, "dispatch_approve", ticket, worker=other.pk)

    assert answer.status_code == 422
    assert "首选换了人" in answer.content.decode()
    assert status(ticket) == "in_review"


@pytest.mark.row("DI-08")
def test_an_expired_certificate_is_said_on_the_page(client, place):
    ticket = registered(place)
    proposals.ensure(ticket=ticket, at=NOW)
    Skill.objects.update(certificate="D-1", expires_on="2020-01-31")

    answer = posted(client, "dispatch_approve", ticket, worker=place.worker.pk)

    assert answer.status_code == 422
    assert "水电工证书已于2020年1月31日过期" in answer.content.decode()


@pytest.mark.row("DI-03")
def test_another_worker_is_sent_with_a_reason(client, place):
    other = worker(place.estate, name="李永福")
    ticket = registered(place)

    answer = posted(client, "dispatch_change", ticket, worker=other.pk, reason="业主指定")

    assert answer.status_code == 303
    assert Ticket.objects.get(pk=ticket.pk).handler == other.user


def test_a_change_without_a_reason_keeps_the_choice_and_says_so(client, place):
    other = worker(place.estate, name="李永福")
    ticket = registered(place)

    answer = posted(client, "dispatch_change", ticket, worker=other.pk, reason="")

    assert answer.status_code == 422
    assert "请填写改派理由。" in answer.content.decode()
    assert answer.context["forms"]["choose"]["worker"].value() == str(other.pk)


@pytest.mark.row("DI-01")
def test_a_foreign_worker_number_is_refused(client, place):
    stranger = worker(EstateFactory())
    ticket = registered(place)

    answer = posted(client, "dispatch_change", ticket, worker=stranger.pk, reason="试试")

    assert answer.status_code == 422
    assert "请从名单中选择可以派到本项目的师傅。" in answer.content.decode()
    assert status(ticket) == "registered"


@pytest.mark.row("DI-03")
def test_sending_back_needs_words_and_moves_the_ticket(client, place):
    ticket = registered(place)

    empty = posted(client, "dispatch_send_back", ticket, reason="")
    full = posted(client, "dispatch_send_back", ticket, reason="请补充照片")

    assert (empty.status_code, full.status_code, status(ticket)) == (422, 303, "incomplete")


def test_thinking_again_brings_in_who_came_on_duty(client, place):
    ticket = registered(place)
    proposals.ensure(ticket=ticket, at=NOW)
    worker(place.estate, name="李永福", grade=3)

    before = page(client, "dispatch_review", ticket)
    posted(client, "dispatch_renew", ticket)
    after = page(client, "dispatch_review", ticket)

    assert (before.context["outdated"], after.context["outdated"]) == (True, False)
    assert (before.context["walked"], after.context["walked"]) == ("同项目 1 人可派。", "同项目 2 人可派。")
    assert after.context["first"]["name"] == "李永福"


def test_nobody_to_send_is_explained(client, place):
    place.worker.on_duty = False
    place.worker.save()
    ticket = registered(place)

    body = page(client, "dispatch_review", ticket).content.decode()

    assert "没有可派人选：未当班 1 人。" in body
    assert "采纳建议并派单" not in body


def test_a_ticket_past_review_shows_what_was_decided(client, place):
    ticket = registered(place)
    proposal = proposals.ensure(ticket=ticket, at=NOW)
    assign.send_back(proposal=proposal, reason="请补充照片", by=place.reviewer, at=NOW)

    body = page(client, "dispatch_review", ticket).content.decode()

    assert ("退回补充" in body, "请补充照片" in body, "采纳建议并派单" in body) == (True, True, False)


# -- reassigning -------------------------------------------------------------


def sent(place):
    ticket = registered(place)
    assign.approve(proposal=proposals.ensure(ticket=ticket, at=NOW), by=place.reviewer, at=NOW)
    return ticket


@pytest.mark.row("DI-03")
def test_a_sent_ticket_is_given_to_somebody_else(client, place):
    ticket = sent(place)
    other = worker(place.estate, name="李永福")

    review = page(client, "dispatch_review", ticket)
    answer = posted(client, "dispatch_reassign", ticket, worker=other.pk, reason="临时请假")

    assert review.url == reverse("dispatch_reassign", args=[ticket.number])
    assert answer.status_code == 303
    assert Ticket.objects.get(pk=ticket.pk).handler == other.user


def test_the_worker_who_has_it_is_not_offered(client, place):
    ticket = sent(place)
    other = worker(place.estate)

    choices = page(client, "dispatch_reassign", ticket).context["form"].fields["worker"].choices

    assert [pk for pk, _ in choices if pk] == [other.pk]


def test_a_ticket_that_is_past_reassigning_says_so(client, place):
    ticket = registered(place)

    assert page(client, "dispatch_reassign", ticket).status_code == 409


# -- the workers -------------------------------------------------------------


@pytest.mark.row("DI-03", "DI-08")
def test_the_workers_page_says_where_who_is_and_how_long_certificates_hold(client, place):
    ticket = sent(place)
    Skill.objects.update(expires_on=localdate(NOW))
    for name in ("accept", "arrive"):
        workflow.step(ticket=ticket, name=name, by=Actor.staff(place.worker.user), at=NOW)

    body = page(client, "dispatch_workers").content.decode()

    for words in ("张大勇", "1/6 单", ticket.place_label, "今天到期", "当班"):
        assert words in body


def test_workers_are_filtered_by_name_duty_and_certificate(client, place):
    off = worker(place.estate, name="李永福", on_duty=False)
    worker(EstateFactory(), name="外人")
    off.skills.update(expires_on="2020-01-31")

    def names(**query):
        return [
            post.worker.user.full_name for post in page(client, "dispatch_workers", **query).context["posts"]
        ]

    assert sorted(names()) == ["张大勇", "李永福"]
    assert names(q="李永") == ["李永福"]
    assert names(show="on_duty") == ["张大勇"]
    assert names(show="expiring") == ["李永福"]
    assert names(trade=str(off.skills.get().trade_id), estate=str(place.estate.pk), q="张") == ["张大勇"]
