"""Companies for our staff: links shown once and within scope, papers, what is lacking (WA-06, T04)."""

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import User
from partners import access
from partners.models import PartnerLink
from tests.factories_estates import EstateFactory
from tests.factories_files import picture, upload
from tests.partners.companies import Companies
from tickets.evidence import purge_orphans
from warranty.models import AuthorisationLetter, Contact, Contractor

pytestmark = pytest.mark.django_db


@pytest.fixture
def companies():
    return Companies.build()


def pressed(client, url, **data):
    key = client.get(url).context["form"]["form_key"].value()
    return client.post(url, {"form_key": key, **data}), {"form_key": key, **data}


@pytest.mark.row("DI-12")
def test_a_link_is_shown_once_and_a_second_click_makes_no_other(companies, client):
    client.force_login(companies.user("manager"))
    url = reverse("partners_link", args=[companies.first.pk])

    first, data = pressed(client, url, days=30)
    again = client.post(url, data)

    assert "/partner/k/" in first.content.decode()
    assert (again.status_code, "/partner/k/" in again.content.decode()) == (303, False)
    assert PartnerLink.objects.count() == 1
    assert "/partner/k/" not in client.get(again["Location"]).content.decode()


@pytest.mark.row("DI-12")
def test_a_link_that_opens_more_than_the_reader_may_see_is_only_sent(companies, client):
    companies.first.contractor.agreements.create(
        number="BX-9", estate=EstateFactory(), valid_from="2026-01-01", valid_to="2026-12-31"
    )
    client.force_login(companies.user("manager"))

    answer, _ = pressed(client, reverse("partners_link", args=[companies.first.pk]), days=30)

    assert (answer.status_code, "/partner/k/" in answer.content.decode()) == (200, False)
    assert PartnerLink.objects.count() == 1


@pytest.mark.row("DI-12")
def test_a_press_on_revoke_ends_the_door(companies, client):
    access.make(contact=companies.first, days=30, by=companies.user("manager"), at=now())
    client.force_login(companies.user("manager"))
    page = client.get(reverse("partners_company", args=[companies.first.contractor_id]))
    key = page.context["link_form"]["form_key"].value()

    client.post(reverse("partners_revoke", args=[companies.first.pk]), {"form_key": key})

    assert PartnerLink.objects.get().revoked_by == companies.user("manager")


@pytest.mark.row("WA-06")
def test_an_authorisation_letter_is_kept_with_its_validity_and_is_no_orphan(companies, client):
    client.force_login(companies.user("engineer"))
    firm = companies.first.contractor
    url = reverse("partners_letter", args=[firm.pk])
    # Files of tests before this one, whose rows are gone.
    purge_orphans(older_than=now())

    answer, _ = pressed(
        client, url, valid_from="2026-01-01", valid_to="2026-12-31", file=[upload(picture(), "委托书.jpg")]
    )

    row = AuthorisationLetter.objects.get()
    assert (answer.status_code, row.name, row.recorded_by) == (303, "委托书.jpg", companies.user("engineer"))
    assert purge_orphans(older_than=now()) == 0
    assert default_storage.exists(row.original)
    assert client.get(reverse("partners_letter_file", args=[row.pk])).status_code == 200


@pytest.mark.row("WA-06")
def test_what_a_company_lacks_is_named(companies, client):
    Contact.objects.filter(pk=companies.other.pk).update(active=False)
    client.force_login(companies.user("manager"))

    rows = client.get(reverse("partners_home"), {"q": "宏基"}).context["rows"]

    assert [row.faults for row in rows] == [["联系人 1 名，应不少于 2 名", "未登记授权委托书"]]


@pytest.mark.row("WA-06")
def test_who_answers_for_a_building_and_a_component_is_found_by_both(companies, client):
    house = companies.house
    client.force_login(companies.user("engineer"))
    asked = {"building": house.household.unit.building_id, "fault": house.fault.pk}

    rows = client.get(reverse("partners_answers"), asked).context["rows"]

    assert [(row.contractor.name, row.backup_order) for row in rows] == [("宏基建设", 0), ("安捷维保", 1)]


def admin_data(firm: Contractor, contacts: list[Contact], **changes) -> dict:
    """What the admin's form of a company sends back."""
    data = {"name": firm.name, "kind": firm.kind, "active": "on", "note": ""}
    for prefix in ("contacts", "craftsmen", "agreements"):
        number = len(contacts) if prefix == "contacts" else 0
        data |= {f"{prefix}-TOTAL_FORMS": number, f"{prefix}-INITIAL_FORMS": number}
    for at, row in enumerate(contacts):
        data |= {
            f"contacts-{at}-id": row.pk,
            f"contacts-{at}-contractor": firm.pk,
            f"contacts-{at}-name": row.name,
            f"contacts-{at}-phone": row.phone,
            f"contacts-{at}-user": row.user_id,
            f"contacts-{at}-active": "on",
        }
    return data | changes


@pytest.mark.row("WA-06")
def test_the_admin_asks_for_two_contacts(companies, client):
    client.force_login(companies.user("manager"))
    firm = companies.first.contractor
    url = reverse("admin:warranty_contractor_change", args=[firm.pk])
    contacts = [companies.first, companies.other]

    refused = client.post(url, admin_data(firm, contacts, **{"contacts-1-active": ""}))
    saved = client.post(url, admin_data(firm, contacts, note="换了项目经理"))

    assert "请填写至少两名启用的联系人" in refused.content.decode()
    assert (saved.status_code, Contractor.objects.get(pk=firm.pk).note) == (302, "换了项目经理")


@pytest.mark.row("DI-12")
def test_a_company_switched_off_in_the_admin_is_out_at_once(companies, client):
    address = access.make(contact=companies.first, days=30, by=companies.user("manager"), at=now())
    visitor = type(client)()
    visitor.get("/" + address.split("/", 3)[3])
    client.force_login(companies.user("manager"))
    firm = companies.first.contractor
    data = admin_data(firm, [companies.first, companies.other], active="")

    client.post(reverse("admin:warranty_contractor_change", args=[firm.pk]), data)

    assert visitor.get(reverse("field_home")).status_code == 302


@pytest.mark.row("OR-01")
def test_one_of_our_own_people_is_no_contact(companies, client):
    client.force_login(companies.user("manager"))
    firm = companies.first.contractor
    inside = User.objects.get(username="engineer").pk
    data = admin_data(firm, [companies.first, companies.other], **{"contacts-0-user": inside})

    answer = client.post(reverse("admin:warranty_contractor_change", args=[firm.pk]), data)

    assert "内部账号不能作为单位联系人的账号" in answer.content.decode()
