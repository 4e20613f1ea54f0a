"""Which policy a ticket is accepted under holds from the moment it is written (SL-02)."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories_estates import EstateFactory
from tickets import policies
from tickets.models import PolicySet, PolicyVersion
from tickets.presets import load_policies

pytestmark = [pytest.mark.django_db, pytest.mark.row("SL-02")]
DAY = date(2026, 5, 8)


@pytest.fixture
def estate():
    load_policies()
    return EstateFactory()


def limit_now(estate) -> int:
    version = policies.current(estate_id=estate.pk, on=DAY)
    return version.rules["clocks"]["dispatch"]["limits"]["1"]


def test_a_second_call_asks_only_whether_anything_changed(estate):
    limit_now(estate)

    with CaptureQueriesContext(connection) as queries:
        limit_now(estate)

    assert len(queries) == 1


def test_a_version_that_is_changed_holds_at_once_even_in_the_transaction_that_wrote_it(estate):
    version = PolicyVersion.objects.get(policy__code="P-DEFAULT")
    seen = [limit_now(estate)]
    for limit in (20, 25):
        version.rules["clocks"]["dispatch"]["limits"]["1"] = limit
        version.save()
        seen.append(limit_now(estate))

    assert seen == [15, 20, 25]


def test_a_new_version_and_a_set_switched_off_hold_at_once(estate):
    first = policies.current(estate_id=estate.pk, on=DAY)
    second = PolicyVersion.objects.create(
        policy=first.policy, number=first.number + 1, valid_from=DAY, rules=first.rules
    )

    assert policies.current(estate_id=estate.pk, on=DAY) == second
    PolicySet.objects.update(active=False)
    with pytest.raises(policies.NoPolicy):
        policies.current(estate_id=estate.pk, on=DAY)
