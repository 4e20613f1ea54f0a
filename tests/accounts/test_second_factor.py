"""The second factor from the QR code to the recovery code, with codes computed as a phone does (RFC 6238)."""

import base64
import hashlib
import hmac
import re
import struct
import time

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts import services
from tests.accounts.conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.row("OR-01")]


def phone_code(secret: str, step: int = 0) -> str:
    counter = int(time.time()) // 30 + step
    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def activate(client: Client) -> str:
    """Turn the second factor on for a signed-in client; the secret the phone has scanned."""
    client.post("/me/confirm/?next=/me/2fa/on/", {"password": PASSWORD})
    page = client.get("/me/2fa/on/").content.decode()
    secret = re.search(r'class="secret">([A-Z2-7]+)<', page)[1]
    answer = client.post("/me/2fa/on/", {"code": phone_code(secret)})
    assert answer.headers["Location"] == "/me/2fa/codes/"
    return secret


@pytest.fixture
def protected(client, staff, sign_in):
    """A user with the second factor on, and the secret."""
    user = staff("zhang")
    sign_in("zhang")
    return user, activate(client)


def first_step() -> Client:
    """A new device on which the password was right."""
    device = Client()
    answer = device.post("/login/", {"login": "zhang", "password": PASSWORD})
    assert answer.headers["Location"] == "/login/code/"
    return device


def test_turning_it_on_asks_for_the_password_again(client, staff):
    client.force_login(staff("zhang"))

    assert client.get("/me/2fa/on/").headers["Location"] == "/me/confirm/?next=%2Fme%2F2fa%2Fon%2F"
    assert client.post("/me/confirm/", {"password": "wrong"}).status_code == 422


def test_the_qr_code_is_a_picture_that_the_content_policy_allows(client, staff, sign_in):
    staff("zhang")
    sign_in("zhang")
    client.post("/me/confirm/", {"password": PASSWORD})

    answer = client.get("/me/2fa/on/")

    assert answer.content.count(b'src="data:image/svg+xml;base64,') == 1
    assert "data:" in answer.headers["Content-Security-Policy"]


def test_password_alone_no_longer_signs_in_and_the_code_completes_it(protected):
    _, secret = protected
    device = first_step()

    before = device.get("/me/").status_code
    answer = device.post("/login/code/", {"code": phone_code(secret, step=1)})

    assert (before, answer.headers["Location"], device.get("/me/").status_code) == (302, "/", 200)


def test_a_wrong_code_is_refused_at_the_field(protected):
    device = first_step()

    answer = device.post("/login/code/", {"code": "abcdef"})

    assert answer.status_code == 422
    assert answer.context["form"].errors == {"code": ["验证码不正确，或已经用过，请输入最新的一组。"]}


def test_a_code_opens_only_once(protected):
    _, secret = protected
    code = phone_code(secret, step=1)
    first_step().post("/login/code/", {"code": code})
    second = first_step()

    assert second.post("/login/code/", {"code": code}).status_code == 422


def test_five_wrong_codes_close_the_second_step(protected):
    device = first_step()
    statuses = [device.post("/login/code/", {"code": "abcdef"}).status_code for _ in range(6)]

    assert statuses == [422] * 5 + [429]


def test_somebody_may_go_back_from_the_second_step_to_the_login_page(protected):
    device = first_step()

    device.post("/logout/", {"next": "/login/"})

    assert device.get("/login/").status_code == 200


def test_a_recovery_code_opens_once(protected, client):
    text = client.get("/me/2fa/codes/download/").content.decode()
    code = text.splitlines()[1]
    statuses = [first_step().post("/login/code/", {"code": code}).status_code for _ in range(2)]

    assert (len(text.split()) - 2, statuses) == (10, [302, 422])


def test_the_stored_secret_is_not_the_secret(protected):
    user, secret = protected
    stored = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP).data["secret"]

    assert secret not in stored


def test_a_secret_outlives_a_changed_key(protected, settings):
    _, secret = protected
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-" + "1" * 50
    device = first_step()

    assert device.post("/login/code/", {"code": phone_code(secret, step=1)}).status_code == 302


def test_turning_it_off_removes_recovery_codes_too(protected, client):
    user, _ = protected

    answer = client.post("/me/2fa/off/")

    assert answer.headers["Location"] == "/me/2fa/"
    assert Authenticator.objects.filter(user=user).count() == 0


def test_new_recovery_codes_replace_the_old(protected, client):
    old = client.get("/me/2fa/codes/download/").content
    client.post("/me/2fa/codes/new/")

    assert client.get("/me/2fa/codes/download/").content != old


def test_an_administrator_resets_the_factor_of_somebody_who_lost_the_phone(protected, client):
    user, _ = protected

    assert services.reset_second_factor(user=user) is True
    assert services.reset_second_factor(user=user) is False
    assert client.get("/me/").status_code == 302


def test_every_page_of_the_second_factor_renders(protected, client):
    paths = ["/me/", "/me/2fa/", "/me/2fa/off/", "/me/2fa/codes/", "/me/2fa/codes/new/", "/me/confirm/code/"]

    assert [client.get(path).status_code for path in paths] == [200] * len(paths)
