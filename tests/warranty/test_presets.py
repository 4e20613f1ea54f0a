"""The shipped terms and seasons (WA-02, domain.md §1.1)."""

from datetime import date

import pytest

from warranty import law
from warranty.models import CoverageTerm, Season
from warranty.presets import load, terms

pytestmark = pytest.mark.django_db


def test_loading_twice_creates_nothing_the_second_time():
    first = load()

    assert (first, load()) == (21 + 30, 0)


def test_loading_leaves_what_was_edited():
    load()
    CoverageTerm.objects.filter(component="DECO").update(promised=36)
    Season.objects.filter(kind="heating", starts_on=date(2024, 11, 15)).update(starts_on=date(2024, 11, 1))

    load()

    assert (
        CoverageTerm.objects.get(component="DECO").promised,
        Season.objects.filter(kind="heating", starts_on__year=2024).values_list("starts_on", flat=True).get(),
    ) == (36, date(2024, 11, 1))


def test_a_winter_ends_in_the_next_year():
    load()

    assert list(Season.objects.filter(starts_on__year=2024).values_list("kind", "starts_on", "ends_on")) == [
        ("cooling", date(2024, 6, 1), date(2024, 9, 30)),
        ("heating", date(2024, 11, 15), date(2025, 3, 15)),
    ]


@pytest.mark.row("WA-02")
def test_the_shipped_terms_state_the_floors_of_the_law():
    shipped = {
        term.component: law.Floor(
            term.kind,
            int(term.contractor_months) if term.contractor_months else None,
            int(term.owner_floor_months) if term.owner_floor_months else None,
        )
        for term in terms()
        if term.component in law.FLOORS
    }

    assert shipped == law.FLOORS
