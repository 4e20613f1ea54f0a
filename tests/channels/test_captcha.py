"""The question before the third code: a person answers it once, and no machine goes round it (T07)."""

import io
import re
import threading
import wave
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from channels import captcha, owner_login
from channels.models import Captcha, LoginCode, Tally
from notices import presets as templates
from notices.models import Message

pytestmark = [pytest.mark.django_db, pytest.mark.row("IN-05")]
AT = datetime(2026, 5, 8, 1, 0, tzinfo=UTC)
PHONE, HOLDER = "13800138000", "secret-of-a-session"
LOGIN, SOUND = reverse("owner_login"), reverse("owner_captcha_sound")


@pytest.fixture(autouse=True)
def words():
    cache.clear()
    templates.load()


def send(number: int, *, at: datetime = AT, holder: str = HOLDER, ip: str = "") -> bool:
    """Whether a code went to the phone that ends so."""
    try:
        owner_login.send_code(
            phone=f"1380013{number:04d}", holder=holder, ip=ip or f"ip of {number} at {at}", at=at
        )
    except owner_login.CaptchaNeeded:
        return False
    return True


def solve(holder: str = HOLDER, *, at: datetime = AT) -> bool:
    return captcha.answer(holder=holder, given=captcha.draw(holder=holder, at=at), at=at)


def wrong(digits: str) -> str:
    """Other digits than these."""
    return f"{(int(digits) + 1) % 100_000:05d}"


def ask(client, **data):
    """Send the page with the phone; the window of the last minute is over."""
    Tally.objects.filter(name__startswith="code:minute").delete()
    return client.post(LOGIN, {"form_key": str(uuid4()), "phone": PHONE} | data)


def asked(client: Client) -> Client:
    """A client that was sent two codes and has asked for the third."""
    statuses = [ask(client).status_code for _ in range(3)]
    assert statuses == [302, 302, 422]
    return client


def digits_for(client) -> str:
    """The digits of a question that this client's session has just been asked."""
    return captcha.draw(holder=client.session[owner_login.HOLDER], at=now())


# -- when it is asked ----------------------------------------------------------


@pytest.mark.parametrize("minutes", [2, 100])
def test_the_third_code_of_a_phone_waits_for_an_answer(minutes):
    sent = [send(1, at=AT + timedelta(minutes=minutes * time)) for time in range(3)]

    assert (sent, LoginCode.objects.count()) == ([True, True, False], 2)


@pytest.mark.parametrize("minutes", [0, 100])
def test_the_third_code_of_an_address_waits_for_an_answer_whatever_the_phones(minutes):
    sent = [send(time, at=AT + timedelta(minutes=minutes * time), ip="10.0.0.1") for time in range(3)]

    assert sent == [True, True, False]


def test_what_waits_for_an_answer_is_not_counted():
    for number in range(2):
        send(number, ip="10.0.0.1")
    before = sorted(Tally.objects.values_list("name", "count"))
    send(3, ip="10.0.0.1")

    assert sorted(Tally.objects.values_list("name", "count")) == before


# -- what an answer is worth ---------------------------------------------------


def test_an_answer_sends_one_code():
    sent = [send(number, ip="10.0.0.1") for number in range(2)]
    right = solve()
    sent += [send(number, ip="10.0.0.1") for number in (2, 3)]

    assert (right, sent) == (True, [True, True, True, False])


def test_an_answer_is_kept_for_later_when_the_code_is_refused():
    sent = [send(1, at=AT + timedelta(minutes=2 * time)) for time in range(2)]
    at = AT + timedelta(minutes=2, seconds=10)
    solve(at=at)
    with pytest.raises(owner_login.Refused):
        send(1, at=at)
    sent.append(send(1, at=at + timedelta(minutes=1)))

    assert sent == [True, True, True]


def test_a_question_takes_one_answer():
    digits = captcha.draw(holder=HOLDER, at=AT)

    answers = [captcha.answer(holder=HOLDER, given=given, at=AT) for given in (wrong(digits), digits)]

    assert (answers, captcha.has_passed(HOLDER, at=AT)) == ([False, False], False)


def test_a_right_answer_cannot_be_given_again():
    digits = captcha.draw(holder=HOLDER, at=AT)
    first = captcha.answer(holder=HOLDER, given=digits, at=AT)
    spent = [captcha.spend(HOLDER, at=AT) for _ in range(2)]

    assert (first, spent, captcha.answer(holder=HOLDER, given=digits, at=AT)) == (True, [True, False], False)


def test_an_answer_counts_for_its_session_alone():
    digits = captcha.draw(holder=HOLDER, at=AT)
    foreign = captcha.answer(holder="another session", given=digits, at=AT)

    solved = solve("another session")

    assert (foreign, solved, captcha.has_passed(HOLDER, at=AT)) == (False, True, False)


def test_question_and_answer_end_after_five_minutes():
    digits = captcha.draw(holder=HOLDER, at=AT)
    late = captcha.answer(holder=HOLDER, given=digits, at=AT + captcha.LIFE)
    solve()

    passed = [captcha.has_passed(HOLDER, at=AT + timedelta(minutes=minutes)) for minutes in (4, 5)]

    assert (late, passed) == (False, [True, False])


def test_neither_digits_nor_session_are_kept():
    digits = captcha.draw(holder=HOLDER, at=AT)

    row = Captcha.objects.get()

    assert [text for text in (digits, HOLDER) if text in (row.digest, row.holder)] == []


@pytest.mark.django_db(transaction=True)
def test_fifty_tries_at_once_with_one_answer_send_one_code(settings):
    settings.OWNER_CODES_PER_IP_HOUR = settings.OWNER_CODES_PER_IP_DAY = 100
    before = [send(number, ip="10.0.0.1") for number in range(2)]
    digits, gate = captcha.draw(holder=HOLDER, at=AT), threading.Barrier(10)

    def five(chunk: int) -> list[bool]:
        gate.wait()
        try:
            done = []
            for number in range(5):
                captcha.answer(holder=HOLDER, given=digits, at=AT)
                done.append(send(100 + 10 * chunk + number, ip="10.0.0.1"))
            return done
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        sent = sum(sum(done) for done in pool.map(five, range(10)))

    assert (before, sent, Message.objects.filter(template="N18").count()) == ([True, True], 1, 3)


def test_old_questions_are_forgotten():
    captcha.draw(holder=HOLDER, at=AT)

    assert (owner_login.purge(before=AT + timedelta(days=2)), Captcha.objects.count()) == (1, 0)


# -- the page ------------------------------------------------------------------


def test_the_page_shows_digits_to_read_and_keeps_the_phone(client):
    page = asked(client).get(LOGIN).content.decode()

    shown = [f'value="{PHONE}"', 'src="data:image/png;base64,', "换一张", "改听语音", "服务热线"]
    assert [words for words in shown if words not in page] == []


def test_who_asks_little_sees_nothing_of_it(client):
    pages = [client.get(LOGIN), ask(client)]

    assert (pages[0].context["captcha"], pages[1].status_code) == (None, 302)


def test_the_right_digits_send_the_code_however_they_are_typed(client):
    digits = digits_for(asked(client))
    spaced = " ".join(digits).translate({ord("0") + n: ord("０") + n for n in range(10)})

    answer = ask(client, captcha=spaced)

    assert (answer.status_code, answer.url, LoginCode.objects.count()) == (302, reverse("owner_code"), 3)


def test_wrong_digits_are_named_at_their_field_and_another_picture_is_drawn(client):
    digits = digits_for(asked(client))

    page = ask(client, captcha=wrong(digits))

    text = page.content.decode()
    assert (page.status_code, page.context["form"].errors) == (422, {"captcha": [captcha.WRONG]})
    assert (f'value="{PHONE}"' in text, f'value="{wrong(digits)}"' in text) == (True, False)
    assert (ask(client, captcha=digits).status_code, LoginCode.objects.count()) == (422, 2)


def test_another_picture_takes_nothing_from_what_was_typed(client):
    before = asked(client).get(LOGIN).context["captcha"]["picture"]

    page = ask(client, captcha_as="picture")

    assert (page.status_code, page.context["form"].errors) == (200, {})
    assert (page.context["captcha"]["picture"] == before, f'value="{PHONE}"' in page.content.decode()) == (
        False,
        True,
    )


def test_who_cannot_see_it_can_hear_it(client):
    page = ask(asked(client), captcha_as="sound")
    whole = client.get(SOUND)
    part = client.get(SOUND, headers={"Range": "bytes=0-3"})

    with wave.open(io.BytesIO(whole.content)) as recording:
        seconds = recording.getnframes() / recording.getframerate()
    assert (page.context["captcha"], "<audio controls" in page.content.decode()) == ({"sound": SOUND}, True)
    assert (whole["Content-Type"], 5 < seconds < 30) == ("audio/wav", True)
    assert (part.status_code, part.content, part["Content-Range"]) == (
        206,
        b"RIFF",
        f"bytes 0-3/{len(whole.content)}",
    )


def test_the_recording_belongs_to_one_session_and_one_question(client):
    ask(asked(client), captcha_as="sound")
    other = Client().get(SOUND).status_code
    ask(client, captcha_as="picture")

    assert (other, client.get(SOUND).status_code) == (404, 404)


def test_questions_are_not_drawn_without_end(client):
    asked(client)
    cache.set("throttle:captcha-sound:127.0.0.1", 9)
    pages = [ask(client, captcha_as="sound") for _ in range(2)]

    page = pages[1]
    assert pages[0].context["captcha"] == {"sound": SOUND}
    assert (page.context["captcha"], "请一分钟后再试" in page.content.decode()) == ({"wait": True}, True)


def test_nobody_has_digits_spoken_who_was_not_asked_for_them(client):
    page = ask(client, captcha_as="sound")

    assert (page.context["captcha"], LoginCode.objects.count()) == (None, 0)


def test_sending_again_leads_to_the_question(client):
    for _ in range(2):
        ask(client)
    Tally.objects.filter(name__startswith="code:minute").delete()

    answer = client.post(reverse("owner_resend"), follow=True)

    assert answer.redirect_chain == [(LOGIN, 302)]
    assert (
        "picture" in answer.context["captcha"],
        f'value="{PHONE}"' in answer.content.decode(),
        LoginCode.objects.count(),
    ) == (True, True, 2)


def test_signing_in_ends_the_questions(client):
    digits = digits_for(asked(client))
    ask(client, captcha=digits)
    body = Message.objects.filter(template="N18").order_by("-pk")[0].body
    client.post(reverse("owner_code"), {"form_key": str(uuid4()), "code": re.search(r"\d{6}", body)[0]})

    assert client.get(LOGIN).context["captcha"] is None
