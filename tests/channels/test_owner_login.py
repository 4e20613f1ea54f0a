"""Codes by SMS: who may get one, who may guess, and what an answer gives away (T06–T09)."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.urls import reverse

from accounts.models import User
from channels import captcha, owner_login, tally
from channels.models import LoginCode, Tally
from core import logs
from notices import presets as templates
from notices.models import Message
from tests.factories_estates import HouseholdFactory, OwnerFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 5, 8, 1, 0, tzinfo=UTC)
PHONE, HOLDER = "13800138000", "secret-of-a-session"


@pytest.fixture(autouse=True)
def words():
    cache.clear()
    templates.load()


def send(phone: str = PHONE, *, at: datetime = AT, holder: str = HOLDER, ip: str = "", **more) -> str:
    """The code that was sent to a session that answers every captcha, or the words of a refusal."""
    facts = {"phone": phone, "holder": holder, "ip": ip or f"ip of {phone}", "at": at}
    try:
        owner_login.send_code(**facts, **more)
    except owner_login.Refused as refused:
        return str(refused)
    except owner_login.CaptchaNeeded:
        captcha.answer(holder=holder, given=captcha.draw(holder=holder, at=at), at=at)
        return send(phone, at=at, holder=holder, ip=ip, **more)
    return code_in_last_message()


def code_in_last_message() -> str:
    body = Message.objects.filter(template="N18").order_by("-pk").values_list("body", flat=True)[0]
    return re.search(r"\d{6}", body)[0]


def check(code: str, *, phone: str = PHONE, holder: str = HOLDER, at: datetime = AT) -> str:
    return owner_login.check_code(phone=phone, holder=holder, code=code, at=at)


def wrong(code: str) -> str:
    """Another code than this one."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def post(client, name: str, **data):
    return client.post(reverse(name), {"form_key": str(uuid4())} | data)


# -- the code ------------------------------------------------------------------


def test_the_right_code_signs_in_once():
    code = send()

    assert [check(code), check(code)] == ["", owner_login.WRONG]


def test_a_code_ends_after_five_minutes():
    code = send()

    assert [check(code, at=AT + timedelta(minutes=m)) for m in (5, 4)] == [owner_login.WRONG, ""]


def test_only_the_newest_code_counts():
    first = send()
    second = send(at=AT + timedelta(seconds=60))

    assert (check(first) == "", check(second)) == (first == second, "")


def test_a_code_is_bound_to_its_phone_and_its_session():
    code = send()
    send("13900139000", holder="another session")

    answers = [check(code, phone="13900139000"), check(code, holder="another session"), check(code)]

    assert answers == [owner_login.WRONG, owner_login.WRONG, ""]


def test_five_wrong_guesses_kill_a_code():
    code = send()
    for _ in range(5):
        check(wrong(code))

    assert (check(code), LoginCode.objects.get().tries) == (owner_login.WRONG, 5)


def test_ten_wrong_guesses_lock_the_phone_for_a_day():
    for hour in range(2):
        code = send(at=AT + timedelta(hours=hour))
        for _ in range(5):
            check(wrong(code), at=AT + timedelta(hours=hour))
    later = [send(at=AT + timedelta(hours=hours)) for hours in (3, 25)]

    locked = check(later[0], at=AT + timedelta(hours=3))
    free = check(later[1], at=AT + timedelta(hours=25))

    assert (locked, free) == (owner_login.LOCKED, "")


def test_neither_the_code_nor_the_secret_of_the_session_is_kept():
    code = send()

    row = LoginCode.objects.get()

    assert [text for text in (code, HOLDER) if text in (row.digest, row.holder)] == []


@pytest.mark.django_db(transaction=True)
def test_many_guesses_at_once_are_five_comparisons():
    code = send()
    guesses = [f"{number:06d}" for number in range(1000, 1060) if f"{number:06d}" != code]

    answers = at_once(guesses, check)

    row = LoginCode.objects.get()
    assert (set(answers), row.tries, row.used_at) == ({owner_login.WRONG}, 5, None)
    assert Tally.objects.get(pk=tally.private("wrong", PHONE)).count == 5


def test_a_code_leaves_the_outbox_with_its_message():
    code = send()
    body = Message.objects.get(template="N18").body

    kept = [logs.mask(body), logs.mask_links(body)]

    assert [code in text for text in (body, *kept)] == [True, False, False]


# -- how often -----------------------------------------------------------------


def sent(calls) -> int:
    """How many of these answers were codes."""
    return sum(bool(re.fullmatch(r"\d{6}", answer)) for answer in calls)


def test_a_phone_gets_one_a_minute_five_an_hour_ten_a_day():
    seconds = [sent(send(at=AT + timedelta(seconds=s)) for s in (0, 30, 59))]
    hour = sent(send(at=AT + timedelta(minutes=m), ip=f"ip {m}") for m in range(2, 60))
    day = sent(
        send(at=AT + timedelta(minutes=61 * h + m), ip=f"ip {h} {m}") for h in range(1, 23) for m in range(6)
    )

    assert (seconds, hour, day) == ([1], 4, 5)


def test_an_address_gets_five_an_hour_for_whatever_phones(settings):
    settings.OWNER_CODES_PER_IP_HOUR = 5

    answers = [send(f"1380000{number:04d}", ip="10.0.0.1") for number in range(8)]

    assert (sent(answers), answers[5:]) == (
        5,
        ["现在获取验证码的人太多，请稍后再试，或拨打小区服务热线报修。"] * 3,
    )


def test_an_estate_has_its_own_limit():
    Tally.objects.create(name="code:estate:7", since=AT, count=299)

    answers = [send(phone, estate_id=7) for phone in ("13800000001", "13800000002")]

    assert sent(answers) == 1


def test_the_house_stops_at_its_budget_and_says_so_at_half_of_it(settings, django_user_model):
    settings.OWNER_CODES_PER_DAY = 4
    watcher = manager()

    answers = [send(f"1380000{number:04d}") for number in range(6)]

    alarms = Message.objects.filter(user=watcher, template="W20").order_by("pk")
    told = [re.search(r"发出(\d+)条", alarm.body)[1] for alarm in alarms]
    assert (sent(answers), told) == (4, ["2", "4"])


def manager() -> User:
    from accounts import presets as roles
    from accounts.services import assign_role

    roles.load()
    user = User.objects.create_user("manager", password="correct-horse", full_name="经理")
    assign_role(user=user, code="manager")
    return user


def test_what_was_refused_is_not_counted():
    send()
    before = sorted(Tally.objects.values_list("name", "count"))
    send(at=AT + timedelta(seconds=1))

    assert sorted(Tally.objects.values_list("name", "count")) == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("phones", [1, 12])
def test_sends_at_once_are_exactly_the_allowed_ones(settings, phones):
    settings.OWNER_CODES_PER_DAY = 8
    asked = [f"1380000{number % phones:04d}" for number in range(48)]

    at_once(asked, send)

    allowed = min(phones, 8)
    counts = dict(Tally.objects.values_list("name", "count"))
    assert (Message.objects.filter(template="N18").count(), LoginCode.objects.count()) == (allowed, allowed)
    assert counts["code:house"] == allowed


def at_once(values, act) -> list:
    """The answers of many threads that all begin together."""
    gate = threading.Barrier(12)

    def one(chunk):
        gate.wait()
        try:
            return [act(value) for value in chunk]
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        return [answer for answers in pool.map(one, [values[n::12] for n in range(12)]) for answer in answers]


# -- the pages -----------------------------------------------------------------


def test_the_phone_comes_from_the_session_and_not_from_the_form(client):
    post(client, "owner_login", phone=PHONE)

    answer = post(client, "owner_code", code=code_in_last_message(), phone="13900139000")

    assert (answer.status_code, client.session["owner_phone"]) == (302, PHONE)


def test_signing_in_changes_the_session_key(client):
    post(client, "owner_login", phone=PHONE)
    before = client.session.session_key

    post(client, "owner_code", code=code_in_last_message())

    assert client.session.session_key != before


def test_no_answer_holds_the_code(client):
    pages = [post(client, "owner_login", phone=PHONE), client.get(reverse("owner_code"))]
    code = code_in_last_message()
    pages += [post(client, "owner_code", code=wrong(code)), post(client, "owner_resend")]
    pages += [post(client, "owner_code", code=code), client.get(reverse("owner_home"))]

    texts = [page.content.decode() + str(page.headers) + str(page.cookies) for page in pages]

    assert [text for text in texts if code in text] == []


def test_known_and_unknown_phones_get_the_same_answer(client):
    HouseholdFactory(owner=OwnerFactory(phone=PHONE))
    answers = []
    for phone in (PHONE, "13900139000"):
        answer = post(client, "owner_login", phone=phone)
        page = client.get(answer.url).content.decode()
        page = re.sub(r'value="[^"]*"|hx-headers=\'[^\']*\'|1\d\d\*{4}\d{4}', "", page)
        answers.append((answer.status_code, answer.url, page))

    assert answers[0] == answers[1]


def test_a_landline_and_nonsense_are_refused_at_the_field(client):
    pages = [post(client, "owner_login", phone=phone) for phone in ("010-62345678", "12", "")]

    assert [list(page.context["form"].errors["phone"]) for page in pages] == [
        ["请填写能接收短信的 11 位手机号。"],
        # The next sentence of the same field must not invite the landline that it refuses.
        ["请填写能接收短信的 11 位手机号。"],
        ["请填写手机号。"],
    ]
    assert {page.status_code for page in pages} == {422}


def test_a_second_code_within_the_minute_is_refused_kindly(client):
    post(client, "owner_login", phone=PHONE)

    page = client.post(reverse("owner_resend"), follow=True)

    assert ("验证码刚刚发送过，请一分钟后再获取。" in page.content.decode()) is True


def test_an_owner_is_no_member_of_the_staff(client):
    post(client, "owner_login", phone=PHONE)
    post(client, "owner_code", code=code_in_last_message())

    assert [client.get(path).status_code for path in ("/desk/", "/field/", "/admin/")] == [302, 302, 302]


def test_logging_out_forgets_the_phone(client):
    post(client, "owner_login", phone=PHONE)
    post(client, "owner_code", code=code_in_last_message())

    client.post(reverse("owner_logout"))

    assert client.get(reverse("owner_reports")).url == reverse("owner_login")
