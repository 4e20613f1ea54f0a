"""Weights are data: versions, refusals in Chinese, and a kept proposal that says which it was made with."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.timezone import now

from dispatch import proposals, records, weights
from dispatch.models import ScoreWeights, TrackRecord
from tests.factories_dispatch import house, registered, staff
from tests.house import House
from tickets.models import Status

pytestmark = pytest.mark.django_db
NOW = now()
EQUAL = {"nearness": 20, "load": 20, "level": 15, "earlier": 15, "quality": 15, "punctuality": 15}


@pytest.mark.row("DI-01")
def test_a_new_version_replaces_the_active_one_and_the_old_one_stays():
    first = weights.replace(row=ScoreWeights(), by=None, at=NOW)
    second = weights.replace(row=ScoreWeights(**EQUAL), by=None, at=NOW)

    rows = ScoreWeights.objects.order_by("version").values_list("version", "active", "nearness")
    assert list(rows) == [(1, False, 30), (2, True, 20)]
    assert (first.pk != second.pk, weights.current(1)) == (True, second)


@pytest.mark.row("DI-01")
def test_an_estates_own_weights_go_before_the_general_ones_and_the_proposal_says_which():
    place = house()
    weights.replace(row=ScoreWeights(), by=None, at=NOW)
    own = weights.replace(row=ScoreWeights(estate=place.estate, **EQUAL), by=None, at=NOW)

    proposal = proposals.ensure(ticket=registered(place), at=NOW)

    assert proposal.weights == own
    assert proposal.candidates[0]["reasons"][0] == "远近 20：专驻本项目"


@pytest.mark.row("DI-01")
def test_parts_that_make_no_hundred_are_refused_with_their_sum():
    with pytest.raises(ValidationError) as refused:
        weights.replace(row=ScoreWeights(nearness=40), by=None, at=NOW)

    assert refused.value.messages == ["各项合计须为 100 分，现在是 110 分。"]


@pytest.mark.row("DI-01")
def test_a_manager_changes_them_in_admin_and_bad_sums_come_back_in_chinese(client):
    manager = staff("manager", all_estates=True)
    client.force_login(manager)
    row = weights.replace(row=ScoreWeights(), by=None, at=NOW)
    url = reverse("admin:dispatch_scoreweights_change", args=[row.pk])

    refused = client.post(url, EQUAL | {"load": 50})
    saved = client.post(url, EQUAL)

    assert "各项合计须为 100 分，现在是 130 分。" in refused.content.decode()
    assert saved.status_code == 302
    current = weights.current(1)
    assert (current.version, current.load, current.made_by) == (2, 20, manager)


@pytest.mark.row("DI-01")
def test_how_somebody_did_lately_is_counted_from_visits_and_follow_ups():
    place = House.build()
    ticket = place.ticket_at(Status.CLOSED)
    at = ticket.closed_at

    records.count(at=at)

    record = TrackRecord.objects.get(worker=place.worker)
    assert (record.fixed, record.followed_up, record.punctual, record.visited) == (1, 1, 1, 1)
    proposal = proposals.ensure(ticket=place.register(at=at), at=at)
    words = [part["words"] for part in proposal.candidates[0]["parts"]]
    assert words[4:] == ["一次修好 1/1", "准时上门 1/1"]
