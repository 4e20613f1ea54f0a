"""The names of companies that stood with workers become rows of their own."""

from importlib import import_module

import pytest
from django.apps import apps

from dispatch.models import Worker
from tests.factories_dispatch import worker
from tests.factories_estates import EstateFactory
from warranty.models import Contractor

pytestmark = [pytest.mark.django_db, pytest.mark.row("WA-06")]


def test_the_upgrade_carries_every_company_over_once():
    estate = EstateFactory()
    for name, employer, company in (
        ("甲", "contractor", "宏基"),
        ("乙", "contractor", "宏基"),
        ("丙", "third_party", "安捷"),
        ("丁", "own", "自有"),
        ("戊", "contractor", ""),
    ):
        worker(estate, name=name, employer=employer, company=company)
    carry = import_module("dispatch.migrations.0006_worker_contractor").carry_companies_over

    carry(apps, None)
    carry(apps, None)

    found = Worker.objects.order_by("pk").values_list(
        "user__full_name", "contractor__name", "contractor__kind"
    )
    assert list(found) == [
        ("甲", "宏基", "contractor"),
        ("乙", "宏基", "contractor"),
        ("丙", "安捷", "third_party"),
        ("丁", None, None),
        ("戊", None, None),
    ]
    assert Contractor.objects.count() == 2
