"""Signing in by name or phone, out again, and what wrong passwords lead to."""

import pytest
from django.urls import NoReverseMatch, reverse

from tests.accounts.conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.row("OR-01")]
MISMATCH = "用户名（或手机号）或密码不正确。"
TOO_MANY = "输错次数过多，请 15 分钟后再试；急用请联系管理员重设密码。"


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.parametrize(
    "login", ["zhang", " zhang ", "13800138000", "+86 138 0013 8000", "１３８００１３８０００"]
)
def test_staff_sign_in_by_name_or_by_phone_however_it_is_typed(client, staff, sign_in, login):
    staff("zhang", phone="138 0013 8000")

    response = sign_in(login)

    assert (response.status_code, response.headers["Location"], signed_in(client)) == (302, "/", True)


def test_the_session_gets_a_new_key_when_somebody_signs_in(client, staff, sign_in):
    staff("zhang")
    client.get("/login/")
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key

    sign_in("zhang")

    assert client.session.session_key != before


def test_unknown_name_wrong_password_and_closed_account_read_the_same(staff, sign_in):
    staff("zhang")
    closed = staff("closed")
    closed.is_active = False
    closed.save()

    answers = [sign_in("nobody"), sign_in("zhang", "wrong"), sign_in("closed")]

    assert [(answer.status_code, answer.context["form"].non_field_errors()) for answer in answers] == [
        (422, [MISMATCH])
    ] * 3


def test_an_empty_form_says_at_each_field_what_is_missing(db, sign_in):
    response = sign_in("", "")

    assert response.context["form"].errors == {
        "login": ["请填写用户名或手机号。"],
        "password": ["请填写密码。"],
    }


def test_five_wrong_passwords_close_the_account_to_name_and_phone_alike(client, staff, sign_in):
    staff("zhang", phone="13800138000")
    for login in ["zhang", "13800138000", "ZHANG", "zhang", "138-0013-8000"]:
        assert sign_in(login, "wrong").status_code == 422

    answers = [sign_in("zhang"), sign_in("13800138000")]

    assert [(answer.status_code, answer.context["form"].non_field_errors()) for answer in answers] == [
        (429, [TOO_MANY])
    ] * 2
    assert not signed_in(client)


def test_wrong_passwords_of_one_person_do_not_close_anothers_account(client, staff, sign_in):
    staff("zhang")
    staff("li")
    for _ in range(6):
        sign_in("zhang", "wrong")

    sign_in("li")

    assert signed_in(client)


def test_a_forged_client_address_does_not_reset_the_count(client, staff, sign_in):
    staff("zhang")
    statuses = [
        client.post(
            "/login/",
            {"login": "zhang", "password": "wrong"},
            headers={"X-Forwarded-For": f"10.0.0.{number}"},
        ).status_code
        for number in range(6)
    ]

    assert statuses == [422] * 5 + [429]


def test_too_many_attempts_from_one_address_get_a_page_in_chinese(client, db, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    for _ in range(2):
        client.post("/login/", {})

    response = client.post("/login/", {})

    assert response.status_code == 429
    assert "操作太频繁" in response.content.decode()


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [("/me/", "/me/"), ("https://evil.example/", "/"), ("//evil.example/", "/"), ("javascript:1", "/")],
)
def test_after_signing_in_only_addresses_of_this_site_are_followed(staff, sign_in, wanted, reached):
    staff("zhang")

    assert sign_in("zhang", next=wanted).headers["Location"] == reached


@pytest.mark.parametrize(
    "path", ["/signup/", "/accounts/signup/", "/password/reset/", "/me/email/", "/login/code/confirm/"]
)
def test_sign_up_email_and_mailed_resets_have_no_address(client, staff, path):
    client.force_login(staff("zhang"))

    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "name", ["account_signup", "account_email", "account_reset_password", "account_inactive"]
)
def test_closed_doors_have_no_url_name(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_signing_out_takes_a_post_and_empties_the_session(client, staff, sign_in):
    staff("zhang")
    sign_in("zhang")

    asked = client.get("/logout/")
    still = signed_in(client)
    left = client.post("/logout/")

    assert (asked.status_code, still, left.headers["Location"], signed_in(client)) == (200, True, "/", False)


def test_strangers_are_sent_from_the_front_door_to_the_login_page(client, db):
    assert client.get("/").headers["Location"] == "/login/"
    assert client.get("/me/").headers["Location"] == "/login/?next=/me/"


def test_a_changed_password_signs_out_other_devices_only(client, staff, sign_in, django_user_model):
    from django.test import Client

    staff("zhang")
    other = Client()
    other.post("/login/", {"login": "zhang", "password": PASSWORD})
    sign_in("zhang")

    answer = client.post(
        "/me/password/",
        {"oldpassword": PASSWORD, "password1": "snow-on-the-roof-8", "password2": "snow-on-the-roof-8"},
    )

    assert answer.headers["Location"] == "/me/"
    assert (client.get("/me/").status_code, other.get("/me/").status_code) == (200, 302)
    assert django_user_model.objects.get(username="zhang").check_password("snow-on-the-roof-8")


def test_a_weak_or_mistyped_new_password_is_refused_at_the_field(client, staff):
    client.force_login(staff("zhang"))

    answer = client.post("/me/password/", {"oldpassword": "wrong", "password1": "kurz", "password2": "kurz"})

    assert answer.status_code == 422
    assert answer.context["form"].errors == {
        "oldpassword": ["当前密码不正确。"],
        "password1": ["密码太短，至少要 10 位。"],
    }


def test_admin_login_goes_through_our_page(client, staff):
    outside = client.get("/admin/login/?next=/admin/accounts/user/")
    client.force_login(staff("worker", "worker"))
    inside = client.get("/admin/login/?next=/admin/")

    assert outside.headers["Location"] == "/login/?next=%2Fadmin%2Faccounts%2Fuser%2F"
    assert inside.status_code == 403
    assert client.post("/admin/login/", {"username": "worker", "password": PASSWORD}).status_code == 403
    assert client.get("/admin/password_change/").status_code == 302
