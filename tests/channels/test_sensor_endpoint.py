"""The signed door: nothing forged, nothing twice, nothing that cannot be read (IN-07, T40)."""

import json
import random
import re
import shutil
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils.timezone import now

from channels import sensors, signing
from channels.models import Alarm, Device, Nonce
from tests.factories_devices import URL, device_of, post, signed
from tests.house import House
from tickets.models import Ticket

DOC = Path(__file__).parents[2] / "docs/sensors.md"
row = pytest.mark.row("IN-07")


@pytest.fixture
def device(db) -> Device:
    cache.clear()
    return device_of(House.build("manager"))


@row
def test_nothing_altered_gets_in(device):
    picks, answers = random.Random(7), Counter()
    for number in range(150):
        cache.delete("throttle:alarm:127.0.0.1")
        answers[Client().post(URL, **_altered(signed(device), picks, number % 5)).status_code] += 1

    assert (answers, Ticket.objects.count(), Nonce.objects.count()) == ({401: 150}, 0, 0)


def _altered(request: dict, picks: random.Random, part: int) -> dict:
    """The same request with one character of body, timestamp, nonce, signature or device changed."""
    if part == 0:
        body = bytearray(request["data"])
        body[picks.randrange(len(body))] ^= 1 << picks.randrange(8)
        return request | {"data": bytes(body)}
    name = ["X-Timestamp", "X-Nonce", "X-Signature", "X-Device"][part - 1]
    text = request["headers"][name]
    place = picks.randrange(len(text))
    other = picks.choice([each for each in "0123456789abcdef" if each != text[place]])
    return request | {"headers": request["headers"] | {name: text[:place] + other + text[place + 1 :]}}


@row
def test_nothing_is_taken_twice(device):
    request = signed(device)
    first = Client().post(URL, **request).status_code

    answers = Counter(Client().post(URL, **request).status_code for _ in range(150))

    assert (first, answers, Alarm.objects.get().counted) == (201, {409: 150}, 1)


@row
@pytest.mark.django_db(transaction=True)
def test_of_twenty_at_once_with_one_nonce_one_is_taken():
    device = device_of(House.build("manager"))
    request = signed(device)

    def send(_):
        try:
            return Client().post(URL, **request).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(send, range(20)))

    assert (answers, Ticket.objects.count(), Alarm.objects.get().counted) == ({201: 1, 409: 19}, 1, 1)


@row
@pytest.mark.django_db(transaction=True)
def test_many_at_once_from_one_machine_make_one_ticket():
    device = device_of(House.build("manager"))

    def send(_):
        try:
            return post(device).json()["status"]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(send, range(24)))

    assert (answers, Ticket.objects.count()) == ({"opened": 1, "counted": 23}, 1)


@row
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"signature": ""}, "unsigned"),
        ({"nonce": "short"}, "unsigned"),
        ({"timestamp": "١٢٣٤٥٦٧٨٩٠"}, "unsigned"),
        ({"code": "NOBODY"}, "bad_signature"),
        ({"code": "x" * 5000}, "bad_signature"),
        ({"sent_body": b"{}"}, "bad_signature"),
        ({"ago": timedelta(seconds=-302)}, "stale"),
        ({"ago": timedelta(seconds=302)}, "stale"),
    ],
)
def test_what_is_not_signed_here_and_now_is_refused(device, changes, error):
    answer = post(device, **changes)

    assert (answer.status_code, answer.json()["error"], Ticket.objects.count()) == (401, error, 0)


@row
def test_a_clock_a_little_off_is_forgiven(device):
    answers = [post(device, ago=timedelta(seconds=seconds)).status_code for seconds in (-295, 295)]

    assert answers == [201, 200]


@row
def test_a_machine_out_of_use_or_without_secret_says_nothing(device):
    request = signed(device)
    Device.objects.update(active=False)
    inactive = Client().post(URL, **request).status_code
    Device.objects.update(active=True, salt="")

    assert (inactive, Client().post(URL, **request).status_code) == (401, 401)


@row
def test_a_new_secret_silences_the_old_one(device, client, settings):
    old = signed(device)
    manager = House.person("manager", device.estate, username="second")
    client.force_login(manager)
    url = f"/admin/channels/device/{device.pk}/secret/"

    page = client.post(url)

    device.refresh_from_db()
    assert (page.content.decode().count(device.secrets()[0]), page.headers["Cache-Control"]) == (
        1,
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )
    assert f'value="{settings.SITE_URL}/api/alarms/"' in page.content.decode()
    assert client.get(url).content.decode().count(device.secrets()[0]) == 0
    assert (Client().post(URL, **old).status_code, post(device).status_code) == (401, 201)
    assert LogEntry.objects.filter(user=manager, change_message="更换设备密钥").count() == 1


@row
def test_an_older_key_of_the_house_still_proves_a_machine(device, settings):
    request = signed(device)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-of-the-same-house"

    assert Client().post(URL, **request).status_code == 201


@row
def test_a_body_too_large_is_not_read(device):
    exactly = json.dumps({"device": device.code, "kind": "leak", "state": "on"}).encode().ljust(16 * 1024)

    assert [post(device, body).status_code for body in (exactly, exactly + b" ")] == [201, 413]


UNREADABLE = [b"", b"{", b"[]", b'"on"', b"\xff", b"[" * 16000, b'{"device": {"a": 1}}', b'{"value": NaN}']


@row
@pytest.mark.parametrize("body", UNREADABLE)
def test_what_is_no_object_of_plain_values_is_refused(device, body):
    answer = post(device, body)

    assert (answer.status_code, answer.json()["error"]) == (422, "unreadable")


WRONG = [
    ({"device": "OTHER"}, "device"),
    ({"kind": "ghost"}, "kind"),
    ({"state": "maybe"}, "state"),
    ({"state": True}, "state"),
    ({"value": "x" * 61}, "value"),
    ({"value": "a\x00b"}, "value"),
    ({"at": "yesterday"}, "at"),
    ({"at": "2026-05-08T09:00:00"}, "at"),
    ({"at": "1999-01-01T00:00:00+08:00"}, "at"),
    ({"at": "9999-12-31T23:59:59+00:00"}, "at"),
    ({"at": "0001-01-01T00:00:00+14:00"}, "at"),
]


@row
@pytest.mark.parametrize(("body", "field"), WRONG)
def test_a_wrong_field_is_named(device, body, field):
    answer = post(device, body)

    assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])


@row
def test_strange_text_is_kept_as_text(device):
    values = ["=1+1", "<script>alert(1)</script>", "\ud800", "水" * 60, 3.5, -1, "\u202e"]

    assert [post(device, {"value": value}).status_code for value in values] == [201] + [200] * 6


@row
def test_somebody_who_guesses_is_slowed_down_and_true_machines_are_not(device):
    answers = Counter(post(device, signature="0" * 64).status_code for _ in range(130))

    assert (answers, post(device).status_code) == ({401: 120, 429: 10}, 201)


@row
def test_used_nonces_are_forgotten_after_they_could_not_be_used_again(device):
    post(device)
    at = now()

    kept = [(sensors.look_after(at=at + timedelta(minutes=m)), Nonce.objects.count())[1] for m in (11, 21)]

    assert (kept, sensors.KEEP_NONCES.seconds > signing.TOLERANCE_SECONDS * 2) == ([1, 0], True)


@row
@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="needs curl and openssl")
@pytest.mark.django_db(transaction=True)
def test_the_documented_lines_work(live_server):
    device = device_of(House.build("manager"), "BJHY-LEAK-01")
    lines = re.search(r"```sh\n(.*?)```", DOC.read_text(), re.DOTALL)[1]
    lines = lines.replace("the-secret-of-the-device", device.secrets()[0])
    lines = lines.replace("https://repairs.example.cn", live_server.url)

    said = subprocess.run(["bash", "-c", lines], capture_output=True, text=True, check=True, timeout=30)

    number = Ticket.objects.get().number
    assert json.loads(said.stdout) == {"status": "opened", "ticket": number, "count": 1}
