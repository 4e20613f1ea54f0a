"""Who is told: the plain query finds the people of the readable one."""

import pytest

from accounts.models import User
from accounts.queries import staff_keys, staff_with
from tests.house import House

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("permission", ["tickets.dispatch_ticket", "tickets.work_ticket", "tickets.nothing"])
def test_keys_are_those_of_the_people_who_may_and_work_there(permission):
    house = House.build()
    User.objects.filter(username="dispatcher").update(is_active=False)

    for estate_id in (house.estate.pk, house.estate.pk + 1):
        assert staff_keys(permission=permission, estate_id=estate_id) == list(
            staff_with(permission=permission, estate_id=estate_id).values_list("pk", flat=True)
        )


def test_an_urgent_call_finds_dispatchers_by_keys():
    house = House.build()

    assert staff_keys(permission="tickets.dispatch_ticket", estate_id=house.estate.pk) != []
