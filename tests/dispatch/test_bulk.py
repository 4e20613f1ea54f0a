"""Several proposals approved in one go, each with its own result (T46)."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from dispatch import assign, handing, proposals
from dispatch.models import DispatchRule, Skill
from tests.factories_dispatch import house, registered
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
NOW = now()


def proposed(place, number):
    return [proposals.ensure(ticket=registered(place), at=NOW) for _ in range(number)]


def seen(found):
    return [(each.pk, Ticket.objects.get(pk=each.ticket_id).version) for each in found]


@pytest.mark.row("DI-03")
def test_each_ticket_has_a_result_of_its_own_and_one_refusal_undoes_nothing():
    place = house()
    place.worker.capacity = 2
    place.worker.save()
    first, second, third = found = proposed(place, 3)
    picked = seen(found)
    assign.send_back(proposal=second, reason="楼栋不清", by=place.reviewer, at=NOW)
    Skill.objects.filter(worker=place.worker).update(certificate="D", expires_on=None)

    results = handing.approve_all(seen=picked, by=place.reviewer, at=NOW)

    assert [(each.number, each.done, each.words) for each in results] == [
        (first.ticket.number, True, "已派给张大勇"),
        (second.ticket.number, False, "已由王建国办理"),
        (third.ticket.number, True, "已派给张大勇"),
    ]


def test_under_grabbing_a_yes_offers_them():
    place = house()
    DispatchRule.objects.create(level=2, mode="grab", since=NOW - timedelta(days=1))

    results = handing.approve_all(seen=seen(proposed(place, 1)), by=place.reviewer, at=NOW)

    assert [each.words for each in results] == ["已放出，等师傅抢单"]


@pytest.fixture
def post(client):
    def posted(*pick, key=None):
        values = {"pick": pick, "form_key": key or str(uuid.uuid4())}
        return client.post(reverse("dispatch_approve_all"), values, follow=True)

    return posted


@pytest.mark.row("DI-03")
def test_ticked_rows_are_sent_from_the_queue(client, post):
    place = house()
    client.force_login(place.dispatcher)
    found = proposed(place, 2)

    body = post(*[f"{pk}:{version}" for pk, version in seen(found)]).content.decode()

    assert "2 单已办理" in body
    assert set(Ticket.objects.values_list("status", flat=True)) == {"dispatched"}


@pytest.mark.row("OR-01")
@pytest.mark.parametrize("words", ["foreign", "1:1:1", "x"])
def test_a_foreign_or_broken_tick_refuses_all_of_them(client, post, words):
    place, far = house(), house()
    client.force_login(place.dispatcher)
    mine, theirs = proposed(place, 1) + proposed(far, 1)
    pick = f"{theirs.pk}:1" if words == "foreign" else words

    body = post(*[f"{pk}:{version}" for pk, version in seen([mine])], pick).content.decode()

    assert "列表中勾选工单" in body
    assert set(Ticket.objects.values_list("status", flat=True)) == {"in_review"}


def test_nothing_ticked_is_said(client, post):
    client.force_login(house().dispatcher)

    assert "请先勾选要派出的工单。" in post().content.decode()
