"""Agreements in the admin: their batches and buildings are those of their estate (WA-06, OR-01)."""

from datetime import date

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import User
from tests.factories_estates import BuildingFactory, EstateFactory
from warranty.models import Agreement, Contact, Contractor

pytestmark = [pytest.mark.django_db, pytest.mark.row("WA-06")]


@pytest.fixture
def homes():
    """A building of each of two estates of the manager, and one of a third."""
    estates = [EstateFactory(name=name) for name in ("滨江花园", "云栖苑", "别处")]
    return [BuildingFactory(estate=each, name="3栋") for each in estates]


@pytest.fixture
def manager(client, homes):
    """A manager of the first two estates who may edit agreements, logged in."""
    user = User.objects.create(username="manager", full_name="经理", is_staff=True)
    rights = Permission.objects.filter(content_type__app_label__in=["warranty", "estates"])
    user.user_permissions.set(rights)
    user.estates.set([homes[0].estate, homes[1].estate])
    client.force_login(user)
    return user


@pytest.fixture
def agreement(homes):
    firm = Contractor.objects.create(name="宏基建设", kind="contractor")
    days = {"valid_from": date(2024, 1, 1), "valid_to": date(2030, 1, 1)}
    row = Agreement.objects.create(contractor=firm, number="BX-1", estate=homes[0].estate, **days)
    row.buildings.set([homes[0]])
    return row


def sent(agreement: Agreement, **changes) -> dict:
    facts = {
        "contractor": agreement.contractor_id,
        "number": agreement.number,
        "estate": agreement.estate_id,
        "valid_from": "2024-01-01",
        "valid_to": "2030-01-01",
        "backup_order": 0,
        "buildings": [row.pk for row in agreement.buildings.all()],
        "accept_hours": 4,
        "arrive_hours": 24,
        "grace_hours": 24,
        "objection_days": 3,
        "points_start": 100,
    }
    return facts | changes


def test_an_agreement_offers_the_batches_and_buildings_of_its_estate(client, manager, agreement, homes):
    form = client.get(reverse("admin:warranty_agreement_change", args=[agreement.pk])).context["adminform"]

    offered = form.form.fields
    assert list(offered["buildings"].queryset) == [homes[0]]
    assert list(offered["batches"].queryset) == [homes[0].batch]


@pytest.mark.row("OR-01")
def test_a_new_one_offers_those_of_the_managers_estates(client, manager, homes):
    form = client.get(reverse("admin:warranty_agreement_add")).context["adminform"]

    assert set(form.form.fields["buildings"].queryset) == set(homes[:2])


def test_buildings_of_another_estate_are_refused_by_name(client, manager, agreement, homes):
    url = reverse("admin:warranty_agreement_change", args=[agreement.pk])
    wrong = sent(agreement, buildings=[homes[0].pk, homes[1].pk], batches=[homes[1].batch_id])

    answer = client.post(url, wrong)

    batch = homes[1].batch.name
    assert answer.context["adminform"].form.errors == {
        "batches": [f"不属于滨江花园：云栖苑 {batch}。请改选，或换成对应的项目。"],
        "buildings": ["不属于滨江花园：云栖苑 3栋。请改选，或换成对应的项目。"],
    }
    assert list(agreement.buildings.all()) == [homes[0]]


def test_an_agreement_moves_to_another_estate_with_its_buildings(client, manager, agreement, homes):
    url = reverse("admin:warranty_agreement_change", args=[agreement.pk])

    answer = client.post(url, sent(agreement, estate=homes[1].estate_id, buildings=[homes[1].pk]))

    agreement.refresh_from_db()
    assert (answer.status_code, agreement.estate, list(agreement.buildings.all())) == (
        302,
        homes[1].estate,
        [homes[1]],
    )


def test_beside_its_company_an_agreement_keeps_the_estate_of_its_buildings(client, manager, agreement, homes):
    firm = agreement.contractor
    for number in (1, 2):
        Contact.objects.create(contractor=firm, name=f"联系人{number}", phone=f"1381111000{number}")
    url = reverse("admin:warranty_contractor_change", args=[firm.pk])
    page = client.get(url).context
    data = {"name": firm.name, "kind": firm.kind, "active": "on", "note": ""}
    for formset in page["inline_admin_formsets"]:
        for form in [formset.formset.management_form, *formset.formset.forms]:
            shown = {name: form[name].value() for name in form.fields}
            data |= {f"{form.prefix}-{name}": "" if each is None else each for name, each in shown.items()}
    line = next(
        each.formset.prefix for each in page["inline_admin_formsets"] if each.formset.model is Agreement
    )

    answer = client.post(url, data | {f"{line}-0-estate": homes[1].estate_id})

    [formset] = [
        each.formset for each in answer.context["inline_admin_formsets"] if each.formset.prefix == line
    ]
    assert formset.errors == [{"estate": ["不属于云栖苑：滨江花园 3栋。请改选，或换成对应的项目。"]}]
