"""What a call names is found together as each is found alone, and out of scope is not found."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from estates.queries import care_kinds, find_home, find_owner
from tests.factories_dispatch import FaultFactory, staff
from tests.factories_estates import CareFlagFactory, HouseholdFactory, OwnerFactory, UnitFactory
from tickets.named import Named

pytestmark = [pytest.mark.django_db, pytest.mark.row("IN-03")]


@pytest.fixture
def home():
    unit, owner = UnitFactory(), OwnerFactory()
    HouseholdFactory(unit=unit, owner=owner)
    HouseholdFactory(owner=owner)
    CareFlagFactory(owner=owner, kind="disabled")
    return unit, owner, FaultFactory()


def called(user, unit="", owner="", fault="") -> Named:
    return Named(user, {"unit": str(unit), "owner": str(owner), "fault": str(fault)})


def test_dwelling_person_and_fault_are_one_query_and_what_each_alone_would_be(home):
    unit, owner, fault = home
    user = staff("front_desk", unit.estate)
    user.may_see_estate(unit.estate_id)  # a request brings its user's scope with it
    named = called(user, unit.pk, owner.pk, fault.pk)

    with CaptureQueriesContext(connection) as queries:
        found = named.home(unit.pk), named.owner(owner.pk), named.fault(fault.pk)

    alone = find_home(user, unit.pk), find_owner(user, owner.pk)
    assert (len(queries), found) == (1, (unit, owner, fault))
    assert [vars(each).keys() for each in found[:2]] == [vars(each).keys() for each in alone]
    assert (found[0].building.batch, found[0].estate) == (unit.building.batch, unit.estate)
    assert (found[1].unit_ids, care_kinds(found[1])) == (alone[1].unit_ids, ["disabled"])
    assert len(found[1].unit_ids) == 2


def test_what_stands_in_another_estate_is_not_found(home):
    unit, owner, fault = home
    named = called(staff("front_desk", UnitFactory().estate), unit.pk, owner.pk, fault.pk)

    assert (named.home(unit.pk), named.owner(owner.pk), named.fault(fault.pk)) == (None, None, fault)


def test_a_fault_out_of_use_is_not_found(home):
    fault = FaultFactory(active=False)

    assert called(staff("front_desk"), fault=fault.pk).fault(fault.pk) is None


def test_nothing_named_and_nonsense_find_nothing(home):
    user = staff("front_desk", all_estates=True)

    assert [called(user).home(1), called(user, "1 or 1", "x").owner(2)] == [None, None]


def test_another_key_than_the_form_has_is_asked_for_alone(home):
    unit, owner, fault = home
    named = called(staff("front_desk", all_estates=True), fault=fault.pk)

    assert (named.home(unit.pk), named.owner(owner.pk)) == (unit, owner)
