"""Tags and filters that every template has."""

from datetime import date, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import timezone

from core.templatetags import fangxiu


def render(source: str, **context) -> str:
    return Template(source).render(Context(context)).strip()


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13800138000", "138****8000"),
        ("010-62345678", "010-****5678"),
        ("12345", "*****"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_phone_number_is_masked(number, shown):
    assert fangxiu.mask_phone(number) == shown


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (0, "不到1分"),
        (45, "45分"),
        (120, "2小时"),
        (125, "2小时5分"),
        (-125, "2小时5分"),
        (1440 * 3 + 61, "3天1小时"),
        (timedelta(minutes=61), "1小时1分"),
        (None, ""),
    ],
)
def test_a_span_of_time_is_told_in_words(span, words):
    assert fangxiu.minutes(span) == words


@pytest.mark.parametrize(("days", "word"), [(0, "今天"), (-1, "昨天"), (1, "明天")])
def test_near_days_have_names(days, word):
    moment = timezone.localtime().replace(hour=10, minute=2) + timedelta(days=days)

    assert fangxiu.when(moment) == f"{word} 10:02"


def test_far_days_have_a_date_and_other_years_a_year():
    assert fangxiu.when(datetime(2020, 3, 5, 10, 2)) == "2020年3月5日 10:02"
    assert fangxiu.when(date(2020, 3, 5)) == "2020年3月5日"
    assert fangxiu.when(None) == ""


@pytest.mark.parametrize("days", [0, -1, 1])
def test_what_is_kept_names_the_date(days):
    moment = timezone.localtime().replace(hour=10, minute=2) + timedelta(days=days)
    year = f"{moment.year}年" if moment.year != timezone.localtime().year else ""

    assert fangxiu.dated(moment) == f"{year}{moment.month}月{moment.day}日 10:02"
    assert fangxiu.dated(None) == ""


def test_paper_names_the_year_of_every_day():
    today = timezone.localdate()

    assert fangxiu.in_full(today) == f"{today.year}年{today.month}月{today.day}日"
    assert fangxiu.in_full(datetime(2020, 3, 5, 10, 2)) == "2020年3月5日 10:02"


def test_a_time_element_is_exact():
    moment = timezone.make_aware(datetime(2020, 3, 5, 10, 2, 7))

    assert render("{% time at %}", at=moment) == (
        '<time datetime="2020-03-05T10:02:07+08:00" title="2020年3月5日 10:02:07">2020年3月5日 10:02</time>'
    )


def test_an_icon_is_silent_unless_it_has_a_label():
    assert 'aria-hidden="true"' in render('{% icon "bell" %}')
    assert 'aria-label="消息 &lt;3&gt;"' in render('{% icon "bell" words %}', words="消息 <3>")


@pytest.mark.parametrize(
    ("state", "tone"), [("repairing", "active"), ("closed", "ok"), ("unheard", "neutral")]
)
def test_a_state_has_a_tone(state, tone):
    assert fangxiu.state_tone(state) == tone


@pytest.mark.parametrize(("value", "total", "share"), [(1, 3, 33), (5, 3, 100), (-1, 3, 0), (1, 0, 0)])
def test_a_share_stays_between_nothing_and_all(value, total, share):
    assert fangxiu.percent(value, total) == share


def test_bars_fill_their_frame():
    drawn = fangxiu.spark_bars([0, 5, 10], "每天", width=30, height=10)

    assert [(bar["x"], bar["height"], bar["last"]) for bar in drawn["bars"]] == [
        (0.0, 1, False),
        (10.0, 5.0, False),
        (20.0, 10.0, True),
    ]


def test_no_bars_are_no_error():
    assert fangxiu.spark_bars([], "每天")["bars"] == []


def test_a_remembered_piece_is_the_included_component_and_escapes_its_words():
    for label in ("待复核", "<b>", "待复核"):
        piece = render('{% piece "badge" label=label tone="warn" %}', label=label)
        included = render(
            '{% include "components/badge.html" with label=label tone="warn" only %}', label=label
        )
        assert piece == included
