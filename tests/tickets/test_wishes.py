"""When the owner would like us to come, as it was said and as it reads on another day."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import localdate, now

from core.templatetags.fangxiu import dated, when
from notices.models import Message
from tests.house import House
from tickets import intake
from tickets.wishes import Meant, fixed, meant, reads, said_of

pytestmark = pytest.mark.row("IN-04")
# A Friday.
SAID = date(2026, 5, 8)


def plain(day: date) -> str:
    return f"{day.month}月{day.day}日"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("今天下午", "5月8日下午"),
        ("今晚七点后", "5月8日晚上七点后"),
        ("明天上午", "5月9日上午"),
        ("大后天上午", "5月11日上午"),
        ("本周末", "周末（5月9日）"),
        ("下周末", "周末（5月16日）"),
        ("周一上午", "周一（5月11日）上午"),
        ("下周三", "周三（5月13日）"),
        ("下个星期天", "星期天（5月17日）"),
        ("5月20日下午", "5月20日下午"),
        ("尽快", "尽快"),
        ("每天晚上", "每天晚上"),
        ("13月40日", "13月40日"),
        ("", ""),
    ],
)
def test_a_day_that_was_meant_is_named(words, shown):
    assert fixed(words, said_on=SAID, call=plain) == shown


def test_on_the_day_itself_the_words_stay():
    assert reads("今天下午", said_on=SAID, today=SAID, call=plain) == "今天下午"
    assert reads("今天下午", said_on=SAID, today=SAID + timedelta(days=1), call=plain) == "5月8日下午"


def test_a_date_after_new_year_is_of_the_new_year():
    found = meant("1月3日", said_on=date(2026, 12, 30))

    assert found == Meant(date(2027, 1, 3), "1月3日")


def test_what_is_said_later_is_kept_by_its_date():
    assert said_of("今天下午", on=SAID, report=SAID) == "今天下午"
    assert said_of("今天下午", on=SAID + timedelta(days=1), report=SAID) == "5月9日下午"


@pytest.mark.django_db
def test_a_ticket_of_the_day_before_yesterday_says_the_date():
    house = House.build("front_desk")
    at = now() - timedelta(days=2)

    ticket = house.register(at=at, wanted="今天下午")

    assert (ticket.wish, ticket.wish_dated) == (f"{when(localdate(at))}下午", f"{dated(localdate(at))}下午")
    ticket.registered_at = now()
    assert ticket.wish == "今天下午"


@pytest.mark.django_db
@pytest.mark.row("IN-02")
def test_without_a_limit_the_owner_is_promised_a_call_in_words_that_fit():
    house = House.build("front_desk")

    house.register(reporter_name="")

    assert "我们将在最短时间内与您联系" in Message.objects.get(template="N01").body


@pytest.mark.django_db
def test_a_call_completed_the_next_day_keeps_the_day_of_the_second_call_and_asks_anew(client):
    house = House.build("front_desk")
    first, second = now() - timedelta(days=1), now()
    ticket = house.register(at=first, reporter_phone="", wanted="今天下午")
    client.force_login(house.people["front_desk"])

    page = client.get(reverse("ticket_complete", args=[ticket.number]))
    done = intake.complete(
        ticket=ticket, intake=house.intake(wanted="明天上午"), by=house.actor("front_desk"), at=second
    )

    assert page.context["form"]["wanted"].value() == ""
    tomorrow = localdate(second) + timedelta(days=1)
    assert (done.wanted, done.wish) == (f"{plain(tomorrow)}上午", f"{plain(tomorrow)}上午")
