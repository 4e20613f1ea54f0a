from datetime import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from core.models import FormKey, ServiceRun
from core.rows import Query, insert, insert_all
from estates.models import Building, Estate, PublicPlace
from tests.factories_estates import EstateFactory, PublicPlaceFactory
from tickets.models import PolicySet, PolicyVersion

pytestmark = pytest.mark.django_db


def test_an_inserted_row_has_its_key_and_is_what_save_would_have_written():
    policy = insert(PolicySet(code="P-1", name="甲", active=True))

    assert (policy._state.adding, PolicySet.objects.get(pk=policy.pk)) == (False, policy)
    assert PolicySet.objects.values_list("code", "name", "estate", "active").get() == (
        "P-1",
        "甲",
        None,
        True,
    )


def test_rows_of_one_model_are_one_statement_and_keep_their_order():
    rows = [PolicySet(code=f"P-{number}", name="甲") for number in range(3)]

    with CaptureQueriesContext(connection) as queries:
        insert_all(rows)

    assert len(queries) == 1
    assert list(PolicySet.objects.order_by("pk").values_list("pk", "code")) == [
        (row.pk, row.code) for row in rows
    ]


def test_a_json_column_goes_in_and_comes_out_as_it_was():
    policy = insert(PolicySet(code="P-1", name="甲"))
    rules = {"clocks": {"dispatch": {"limits": {"1": 15}}}}
    insert(PolicyVersion(policy=policy, number=1, valid_from=now().date(), rules=rules))

    found = Query("FROM tickets_policyversion version WHERE policy_id = %s", version=PolicyVersion).first(
        policy.pk
    )

    assert [row.rules for row in found] == [rules]


def test_an_inserted_row_with_a_key_of_its_own_keeps_it_and_its_time_of_creation():
    before = now()
    row = insert(ServiceRun(name="watch", beat_at=before))

    assert ServiceRun.objects.get(pk="watch") == row
    key = insert(FormKey(key="6e1f8a52-25b4-4c7c-9a55-000000000001", scope="user:1", digest="d"))
    assert FormKey.objects.get(pk=key.pk).created_at >= before


def test_a_conflict_is_raised_or_passed_over_as_asked():
    insert(ServiceRun(name="watch", beat_at=now()))

    insert_all([ServiceRun(name="watch", beat_at=now())], ignore_conflicts=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(ServiceRun(name="watch", beat_at=now()))

    assert ServiceRun.objects.count() == 1


def test_no_rows_are_no_statement():
    with CaptureQueriesContext(connection) as queries:
        insert_all([])

    assert len(queries) == 0


def test_joined_rows_come_together_and_an_outer_join_may_find_nothing():
    estate = EstateFactory()
    place = PublicPlaceFactory(building=None, estate=estate)
    query = Query(
        "FROM estates_publicplace place JOIN estates_estate estate ON estate.id = place.estate_id"
        " LEFT JOIN estates_building building ON building.id = place.building_id WHERE place.id = %s",
        place=PublicPlace,
        estate=Estate,
        building=Building,
    )

    assert query.first(place.pk) == (place, place.estate, None)
    assert query.first(place.pk + 1) is None


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="2026-01-01 08:00:00 has no time zone"):
        insert(ServiceRun(name="watch", beat_at=datetime(2026, 1, 1, 8)))
