"""Personal links of contacts: hard to guess, kept as a hash, ended at once (T04)."""

import logging
import secrets
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import User
from accounts.services import assign_role
from core.logs import mask_links
from notices.models import Message
from partners import access
from partners.models import PartnerLink, PartnerVisit
from tests.partners.companies import Companies

pytestmark = [pytest.mark.django_db, pytest.mark.row("DI-12")]


@pytest.fixture
def companies():
    cache.clear()
    return Companies.build()


def made(companies, *, at=None, days=30, **more) -> str:
    return access.make(
        contact=companies.first, days=days, by=companies.user("manager"), at=at or now(), **more
    )


def path(address: str) -> str:
    return "/" + address.split("/", 3)[3]


def test_a_link_is_swapped_for_a_session_of_the_contact_at_a_clean_address(companies, client):
    answer = client.get(path(made(companies)))

    assert (answer.status_code, answer["Location"]) == (302, reverse("partner_home"))
    assert answer["Referrer-Policy"] == "no-referrer"
    page = client.get(reverse("partner_home"))
    assert (page.status_code, page.wsgi_request.user.pk) == (200, companies.first.user_id)
    assert 0 < client.session.get_expiry_age() <= 12 * 3600


def test_the_secret_has_256_bits_and_only_its_hash_is_kept(companies):
    address = made(companies, send=False)
    token = address.rstrip("/").rpartition("/")[2]

    assert len(token) == 43
    assert list(PartnerLink.objects.values_list("token_sha256", flat=True)) == [access.digest(token)]


def test_a_link_goes_to_the_contacts_phone(companies):
    address = made(companies)

    row = Message.objects.get(template="P01")
    assert (row.channel, row.address, address in row.body) == ("sms", "13811110001", True)


def test_a_million_guesses_open_nothing(companies):
    made(companies)
    known = set(PartnerLink.objects.values_list("token_sha256", flat=True))

    hits = sum(access.digest(secrets.token_urlsafe(32)) in known for _ in range(1_000_000))
    assert hits == 0
    assert access.find(secrets.token_urlsafe(32), at=now()) is None


def test_after_twenty_misses_in_a_minute_an_address_has_to_wait(companies, client):
    answers = [client.get(reverse("partner_enter", args=[f"{n:043}"])).status_code for n in range(22)]

    assert answers == [404] * 20 + [429] * 2


def test_the_secret_is_in_no_page_header_or_log_line(companies, client, caplog):
    token = made(companies, send=False).rstrip("/").rpartition("/")[2]
    with caplog.at_level(logging.DEBUG):
        answers = [client.get(reverse("partner_enter", args=[token])), client.get(reverse("partner_home"))]

    assert [token in f"{answer.headers}{answer.content.decode()}" for answer in answers] == [False, False]
    assert token not in mask_links(caplog.text)


def test_a_revoked_link_and_its_sessions_end_at_once(companies, client):
    address = path(made(companies))
    client.get(address)

    access.revoke(contact=companies.first, by=companies.user("manager"), at=now())

    gate = client.get(reverse("partner_home"), follow=True)
    assert (gate.redirect_chain[0][1], "链接失效时请房修部重新发送" in gate.content.decode()) == (302, True)
    assert client.get(address).status_code == 404


def test_a_new_link_ends_the_one_before_it(companies, client):
    first = path(made(companies))
    second = path(made(companies))

    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 302
    assert PartnerLink.objects.filter(contact=companies.first, revoked_at=None).count() == 1


def test_a_link_ends_with_its_days_and_a_session_never_outlives_it(companies, client):
    at = now() - timedelta(days=7) + timedelta(minutes=10)
    address = path(made(companies, at=at, days=7))

    client.get(address)
    assert 0 < client.session.get_expiry_age() <= 600
    token = address.rstrip("/").rpartition("/")[2]
    assert access.find(token, at=at + timedelta(days=7)) is None


@pytest.mark.parametrize("what", ["contact", "company", "account"])
def test_who_no_longer_speaks_for_the_company_stays_out(companies, client, what):
    address = path(made(companies))
    row = {
        "contact": companies.first,
        "company": companies.first.contractor,
        "account": companies.first.user,
    }[what]
    field = "is_active" if what == "account" else "active"
    type(row).objects.filter(pk=row.pk).update(**{field: False})

    assert client.get(address).status_code == 404


def test_a_link_never_opens_an_account_of_our_own_people(companies):
    assign_role(user=companies.first.user, code="engineer")

    with pytest.raises(access.NoDoor, match="内部账号"):
        made(companies)


def test_a_link_signs_nobody_out_of_another_account(companies, client):
    address = path(made(companies))
    client.force_login(companies.user("manager"))

    assert client.get(address).status_code == 409
    assert client.get(reverse("desk_home")).status_code == 200


def test_a_first_link_makes_an_account_with_the_role_estates_and_trades_of_the_company(companies):
    user = User.objects.get(pk=companies.first.user_id)

    assert user.has_usable_password() is False
    assert list(user.groups.values_list("role__code", flat=True)) == ["contractor"]
    assert list(user.estates.all()) == [companies.house.estate]
    assert user.worker.contractor == companies.first.contractor
    assert list(user.worker.skills.values_list("trade__code", flat=True)) == ["plumber"]


def test_visits_are_counted_once_a_day_with_the_last_time(companies, client):
    client.get(path(made(companies)))
    client.get(reverse("partner_home"))

    row = PartnerVisit.objects.get()
    assert (row.contact, row.times, row.ip) == (companies.first, 2, "127.0.0.1")
    assert row.last_at > row.first_at
