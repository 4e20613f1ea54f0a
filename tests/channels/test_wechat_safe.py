"""The encrypted mode of the service account: only what WeChat sealed for us just now is believed (T24)."""

import base64
import hashlib
import os
import struct
from datetime import timedelta
from xml.etree.ElementTree import fromstring

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from django.core.cache import cache
from django.urls import reverse
from django.utils.timezone import now

from channels.wechat import safe
from notices.models import WeChatUser
from tests.notices.wechat_server import APP_ID, wechat_server
from tickets.models import Incoming

pytestmark = [pytest.mark.django_db, pytest.mark.row("IN-01")]
HOOK, TOKEN, KEY = reverse("wechat"), "webhook-token", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
WORDS = "厨房漏水，13800138000"


@pytest.fixture
def account(settings):
    cache.clear()
    with wechat_server(settings):
        settings.WECHAT_AES_KEY = KEY
        yield settings


# WeChat's side, written from its documentation and not from our code.


def _sha1(*words: str) -> str:
    return hashlib.sha1("".join(sorted(words)).encode()).hexdigest()


def _aes() -> Cipher:
    key = base64.b64decode(KEY + "=")
    return Cipher(AES(key), CBC(key[:16]))


def _encrypt(content: bytes) -> str:
    encryptor = _aes().encryptor()
    return base64.b64encode(encryptor.update(content) + encryptor.finalize()).decode()


def sealed(message: bytes, *, app_id: str = APP_ID, length: int | None = None, pad: bytes = b"") -> str:
    content = os.urandom(16) + struct.pack(">I", len(message) if length is None else length) + message
    content += app_id.encode()
    lacking = 32 - len(content) % 32
    return _encrypt(content + (pad or bytes([lacking])) * lacking)


def opened(sealed_answer: str) -> tuple[bytes, bytes]:
    """The message and the app id inside what we answered."""
    decryptor = _aes().decryptor()
    content = decryptor.update(base64.b64decode(sealed_answer)) + decryptor.finalize()
    content = content[: -content[-1]]
    (length,) = struct.unpack(">I", content[16:20])
    return content[20 : 20 + length], content[20 + length :]


def xml(**values: str) -> bytes:
    inside = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in values.items())
    return f"<xml>{inside}</xml>".encode()


def text(words: str = WORDS, msg_id: str = "1") -> bytes:
    facts = {"ToUserName": "gh_1", "FromUserName": "openid-1", "CreateTime": "1778200000"}
    return xml(**facts, MsgType="text", Content=words, MsgId=msg_id)


def address(seal: str, *, minutes: int = 0, token: str = TOKEN, nonce: str = "nonce") -> str:
    timestamp = str(int((now() + timedelta(minutes=minutes)).timestamp()))
    signature, over_all = _sha1(TOKEN, timestamp, nonce), _sha1(token, timestamp, nonce, seal)
    query = f"timestamp={timestamp}&nonce={nonce}&signature={signature}"
    return f"{HOOK}?{query}&encrypt_type=aes&msg_signature={over_all}"


def say(client, seal: str, url: str = "", **plain: str):
    body = xml(ToUserName="gh_1", Encrypt=seal, **plain)
    return client.post(url or address(seal), body, content_type="text/xml")


def outcome(answer) -> tuple[int, int]:
    return answer.status_code, Incoming.objects.count()


# -- the right way -------------------------------------------------------------


def test_a_sealed_message_becomes_a_draft_and_gets_a_sealed_answer(client, account):
    answer = say(client, sealed(text()))

    assert Incoming.objects.get().text == WORDS
    parts = {child.tag: child.text for child in fromstring(answer.content)}
    inside, app_id = opened(parts["Encrypt"])
    assert parts["MsgSignature"] == _sha1(TOKEN, parts["TimeStamp"], parts["Nonce"], parts["Encrypt"])
    assert (app_id.decode(), fromstring(inside).find("ToUserName").text) == (APP_ID, "openid-1")
    assert "已收到您的报修" in fromstring(inside).find("Content").text


@pytest.mark.parametrize("length", range(0, 66, 5))
def test_messages_of_every_length_come_through_both_ways(account, length):
    message, at = b"x" * length, now()
    parts = safe.seal(message, at=at)
    query = {"timestamp": parts["TimeStamp"], "nonce": parts["Nonce"], "msg_signature": parts["MsgSignature"]}

    assert (opened(parts["Encrypt"])[0], safe.unseal(query, parts["Encrypt"], at=at)) == (message, message)


def test_a_long_sealed_message_is_read_whole(client, account):
    say(client, sealed(text("漏" * 3000)))

    assert Incoming.objects.get().text == "漏" * 3000


def test_the_address_still_proves_itself_to_wechat(client, account):
    answer = client.get(address("") + "&echostr=12345")

    assert (answer.status_code, answer.content) == (200, b"12345")


# -- what is refused -----------------------------------------------------------


def test_an_altered_message_is_refused(client, account):
    seal = sealed(text())
    altered = ("A" if seal[0] != "A" else "B") + seal[1:]

    assert outcome(say(client, altered, address(seal))) == (403, 0)


@pytest.mark.parametrize("change", [{"token": "another-token"}, {"minutes": -6}, {"minutes": 6}])
def test_a_foreign_and_a_stale_signature_are_refused(client, account, change):
    seal = sealed(text())

    assert outcome(say(client, seal, address(seal, **change))) == (403, 0)


def test_a_message_for_another_account_is_refused(client, account):
    assert outcome(say(client, sealed(text(), app_id="wx-other"))) == (403, 0)


@pytest.mark.parametrize("length", [10_000, 2**32 - 1, 3])
def test_a_wrong_length_is_refused(client, account, length):
    assert outcome(say(client, sealed(text(), length=length))) == (403, 0)


@pytest.mark.parametrize("pad", [b"\x00", b"\x21", b"\xff"])
def test_a_wrong_padding_is_refused(client, account, pad):
    assert outcome(say(client, sealed(text() + b" " * 7, pad=pad))) == (403, 0)


@pytest.mark.parametrize("seal", ["", "AAAA", "not base64!", "AAAAAAAAAAAAAAAAAAAAAA==", "A" * 64])
def test_what_is_no_sealed_message_is_refused(client, account, seal):
    assert outcome(say(client, seal)) == (403, 0)


def test_sealed_nonsense_is_no_message(client, account):
    assert outcome(say(client, sealed(b"<!DOCTYPE x><xml/>"))) == (400, 0)


def test_a_message_that_is_sent_again_changes_nothing(client, account):
    seal = sealed(text())
    url = address(seal)

    answers = [say(client, seal, url) for _ in range(3)]

    assert [answer.content == b"success" for answer in answers] == [False, True, True]
    assert (Incoming.objects.count(), Incoming.objects.get().text) == (1, WORDS)


def test_an_event_that_is_sent_again_changes_nothing(client, account):
    facts = {"ToUserName": "gh_1", "FromUserName": "openid-1", "CreateTime": "1778200000", "MsgType": "event"}
    seals = {name: sealed(xml(**facts, Event=name)) for name in ("unsubscribe", "subscribe")}
    url = address(seals["unsubscribe"])
    say(client, seals["unsubscribe"], url)
    say(client, seals["subscribe"])

    again = say(client, seals["unsubscribe"], url)

    assert (again.status_code, WeChatUser.objects.get().subscribed) == (200, True)


# -- both in one body, and neither ---------------------------------------------


def test_of_a_body_with_both_only_the_sealed_half_is_believed(client, account):
    plain = {"FromUserName": "openid-9", "MsgType": "text", "Content": "假的", "MsgId": "9"}

    say(client, sealed(text()), "", **plain)

    assert (Incoming.objects.get().text, Incoming.objects.get().sender_openid) == (WORDS, "openid-1")


def test_a_body_with_both_needs_the_signature_over_the_sealed_half(client, account):
    seal = sealed(text())
    plain = {"FromUserName": "openid-9", "MsgType": "text", "Content": "假的", "MsgId": "9"}

    assert outcome(say(client, seal, address(seal).partition("&encrypt_type")[0], **plain)) == (403, 0)


def test_with_a_key_no_plain_message_is_taken(client, account):
    answer = client.post(address(""), text(), content_type="text/xml")

    assert outcome(answer) == (403, 0)


def test_without_a_key_a_sealed_message_is_refused_instead_of_lost(client, account, caplog):
    account.WECHAT_AES_KEY = ""

    answer = say(client, sealed(text()))

    assert outcome(answer) == (403, 0)
    assert "WECHAT_AES_KEY is not set" in caplog.text


def test_without_a_key_the_plain_half_of_both_is_read(client, account):
    account.WECHAT_AES_KEY = ""
    plain = {"FromUserName": "openid-1", "MsgType": "text", "Content": WORDS, "MsgId": "9"}

    assert outcome(say(client, sealed(text()), "", **plain)) == (200, 1)
