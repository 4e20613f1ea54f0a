from datetime import date, timedelta

import pytest

from dispatch import demo
from dispatch.models import Skill, Worker
from knowledge import presets
from knowledge.models import Trade
from tests.factories_dispatch import staff
from tests.factories_estates import AreaFactory, EstateFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)


def crew():
    presets.load()
    estate = EstateFactory()
    roles = ["contractor", "third_party", *["worker"] * 12]
    return [staff(role, estate) for role in roles], [AreaFactory() for _ in range(3)]


def test_every_trade_has_somebody_on_duty_with_a_valid_certificate():
    users, areas = crew()

    demo.create_demo_workers(users, areas, today=TODAY)

    valid = Skill.objects.filter(worker__on_duty=True).exclude(expires_on__lt=TODAY)
    assert (
        set(Trade.objects.values_list("code", flat=True)) - set(valid.values_list("trade__code", flat=True))
        == set()
    )


def test_some_certificates_have_expired_and_some_are_to_be_renewed():
    users, areas = crew()

    demo.create_demo_workers(users, areas, today=TODAY)

    soon = TODAY + timedelta(days=30)
    assert Skill.objects.filter(expires_on__lt=TODAY).exists()
    assert Skill.objects.filter(expires_on__gte=TODAY, expires_on__lte=soon).exists()


def test_the_employer_follows_the_role_and_a_second_run_changes_nothing():
    users, areas = crew()

    first = demo.create_demo_workers(users, areas, today=TODAY)
    second = demo.create_demo_workers(users, areas, today=TODAY + timedelta(days=1))

    assert first == second
    assert {row.employer: row.contractor is not None for row in Worker.objects.all()} == {
        "own": False,
        "contractor": True,
        "third_party": True,
    }
