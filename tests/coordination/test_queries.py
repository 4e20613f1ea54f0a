"""What the list shows, and the figures behind it."""

from datetime import timedelta

import pytest

from coordination import queries, requests
from coordination.models import Counterpart, Request
from tests.house import AT

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-11")]


def answered(house, row, hours):
    at = AT + timedelta(hours=hours)
    return requests.answer(request=row, words="给了", files=[], by=house.actor("engineer"), at=at)


def test_the_median_and_the_late_share_are_those_of_a_count_by_hand(house, asked, later):
    for hours in (2, 10, 30):
        answered(house, asked(), hours)
    asked()
    cancelled = asked()
    by = house.actor("engineer")
    requests.end(request=cancelled, done=False, words="不用了", by=by, at=later(1))
    asked(counterpart=Counterpart.objects.get(code="design"))

    total, each = queries.figures(Request.objects.all(), at=later(31))

    shown = {row.label: (row.asked, row.open, row.overdue, row.late_share, row.median_hours) for row in each}
    # Late: one answered after 30 hours of 24, one still open after 31.
    assert shown == {"开发商（图纸）": (4, 1, 1, 50, 10.0), "设计部（方案）": (1, 1, 0, 0, None)}
    assert (total.asked, total.late, total.median_hours) == (5, 2, 10.0)


def test_overdue_comes_first_then_what_is_due_then_what_waits_for_our_check(house, asked, later):
    checked, fresh, late = asked(), asked(due_at=later(100)), asked(due_at=later(5))
    answered(house, checked, 1)

    assert list(queries.overdue_first(Request.objects.all(), at=later(6))) == [late, fresh, checked]


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({}, {"a", "b"}),
        ({"state": "overdue"}, {"b"}),
        ({"state": "answered"}, {"a"}),
        ({"state": "all"}, {"a", "b", "c"}),
        ({"mine": True, "state": "all"}, {"b"}),
        ({"q": "竣工图", "state": "all"}, {"c"}),
    ],
)
def test_the_filter_finds(house, asked, later, chosen, found):
    rows = {"a": asked(asked="报价"), "b": asked(asked="方案", owner=house.people["clerk"])}
    rows["c"] = asked()
    answered(house, rows["a"], 1)
    by = house.actor("engineer")
    requests.end(request=rows["c"], done=False, words="不用了", by=by, at=later(1))

    hits = queries.filtered(Request.objects.all(), chosen, user=house.people["clerk"], at=later(25))

    assert {name for name, row in rows.items() if row in hits} == found


def test_a_number_finds_its_request(asked, house):
    first, _ = asked(), asked()

    hits = queries.filtered(Request.objects.all(), {"q": first.number}, user=house.people["clerk"], at=AT)

    assert list(hits) == [first]
