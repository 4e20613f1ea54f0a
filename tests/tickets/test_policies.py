"""Which policy a ticket is accepted under holds from the moment it is written (SL-02)."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories_estates import EstateFactory
from tickets import policies
from tickets.models import PolicySet, PolicyVersion
from tickets.presets import load_policies, shipped

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


def test_words_that_are_still_ours_follow_the_product_and_a_house_s_own_words_stay():
    load_policies()
    of = {each["code"]: each for each in shipped()}
    ours, theirs = PolicySet.objects.get(code="P-S1"), PolicySet.objects.get(code="P-S2")
    ours.name, ours.note = of["P-S1"]["formerly"]["name"][0], of["P-S1"]["formerly"]["note"][0]
    ours.save()
    theirs.name, theirs.note = of["P-S2"]["formerly"]["name"][0], "本公司 2026 年修订。"
    theirs.save()

    assert (load_policies(), load_policies()) == (2, 0)
    assert list(PolicySet.objects.filter(code__in=["P-S1", "P-S2"]).values_list("name", "note")) == [
        (of["P-S1"]["name"], of["P-S1"]["note"]),
        (of["P-S2"]["name"], "本公司 2026 年修订。"),
    ]


def test_the_words_of_shipped_policies_name_no_paper_that_a_customer_cannot_know():
    inner = re.compile(r"领域文件|§|\b(?:IN|SL|S)-?\d|（S\d）|时钟")

    assert [each["code"] for each in shipped() if inner.search(each["name"] + each["note"])] == []
