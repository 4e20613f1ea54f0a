from datetime import datetime

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from core.models import FormKey, ServiceRun
from core.rows import Beside, Query, build, draw, insert, insert_all, together
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


def test_rows_inserted_together_are_one_statement_and_what_insert_would_have_written():
    (key,) = draw(PolicySet)
    at = now()
    rules = {"clocks": {"dispatch": {"label": '派单 "急"', "limits": {"1": 15, "4": None}}}}

    with CaptureQueriesContext(connection) as queries, together():
        policy = insert(PolicySet(pk=key, code="P-1", name="甲\\乙"))
        insert_all(
            [PolicyVersion(policy=policy, number=n, valid_from=at.date(), rules=rules) for n in (1, 2)]
        )
        insert(ServiceRun(name="watch", beat_at=at))

    assert len(queries) == 1
    assert PolicySet.objects.values_list("pk", "code", "name", "estate", "active").get() == (
        key,
        "P-1",
        "甲\\乙",
        None,
        True,
    )
    assert list(PolicyVersion.objects.order_by("number").values_list("policy", "number", "rules")) == [
        (key, 1, rules),
        (key, 2, rules),
    ]
    assert ServiceRun.objects.get(pk="watch").beat_at == at


def test_together_within_together_is_still_one_statement():
    with CaptureQueriesContext(connection) as queries, together():
        insert(PolicySet(code="P-1", name="甲"))
        with together():
            insert(PolicySet(code="P-2", name="乙"))

    assert len(queries) == 1
    assert list(PolicySet.objects.order_by("code").values_list("code", flat=True)) == ["P-1", "P-2"]


def test_nothing_is_written_together_when_the_block_fails_and_later_inserts_go_at_once():
    with pytest.raises(ValueError, match="no"), together():
        insert(PolicySet(code="P-1", name="甲"))
        raise ValueError("no")

    insert(PolicySet(code="P-2", name="乙"))
    assert list(PolicySet.objects.values_list("code", flat=True)) == ["P-2"]


def test_a_time_without_zone_is_refused_together_as_alone():
    with pytest.raises(ValueError, match="no time zone"), together():
        insert(ServiceRun(name="watch", beat_at=datetime(2026, 5, 8)))


def test_what_has_no_text_for_the_database_is_refused_together():
    with pytest.raises(TypeError, match="cannot be written together"), together():
        insert(PolicySet(code="P-1", name=object()))


def test_keys_drawn_are_never_drawn_again():
    drawn = [*draw(PolicySet, PolicySet), *draw(PolicySet)]

    assert len(set(drawn)) == 3
    assert draw("tickets_serial", PolicySet)[1] == drawn[-1] + 1


def test_one_value_more_is_asked_with_the_keys():
    (first,) = draw(PolicySet)

    assert draw(PolicySet, beside=Beside("SELECT max(username) FROM accounts_user WHERE id > %s", (0,))) == [
        first + 1,
        None,
    ]


@pytest.mark.parametrize("model", apps.get_models(), ids=lambda model: model._meta.label)
def test_a_built_row_holds_what_the_constructor_would_give_it(model):
    ours, theirs = vars(build(model)), vars(model())

    # Keys and times that are made anew each time are alike in kind.
    made = {
        field.attname
        for field in model._meta.concrete_fields
        if field.has_default() and callable(field.default)
    }
    assert (ours.keys(), ours["_state"].adding) == (theirs.keys(), True)
    for name in ours.keys() - {"_state"}:
        if name in made:
            assert (name, type(ours[name])) == (name, type(theirs[name]))
        else:
            assert (name, ours[name]) == (name, theirs[name])


def test_a_built_row_knows_its_relations_by_row_and_by_key():
    estate = EstateFactory()

    by_row, by_key = build(Building, estate=estate, name="3栋"), build(Building, estate_id=estate.pk)

    assert (by_row.estate_id, by_row.name, by_key.estate_id) == (estate.pk, "3栋", estate.pk)
    assert by_row.estate is estate
    assert build(PolicySet, estate=None).estate_id is None


def test_what_is_no_field_is_not_built():
    with pytest.raises(TypeError, match="nmae"):
        build(PolicySet, nmae="甲")
