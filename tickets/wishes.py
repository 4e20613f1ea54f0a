"""The owner's wish of a time, as it was said and as it reads on a later day: pure (IN-04, DI-10).

今天下午 is stored as it was said; shown the next morning it would be a lie, so
pages show the day that was meant.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

DAYS = {"今天": 0, "今日": 0, "今晚": 0, "明天": 1, "明日": 1, "明早": 1, "明晚": 1, "大后天": 3, "后天": 2}
# What is left of a word that names the day and its part at once.
PARTS = {"今晚": "晚上", "明早": "早上", "明晚": "晚上"}
WEEK = "一二三四五六日"
_WHICH = re.compile(r"^(下个?|[本这]个?)")
_WEEKEND = re.compile(r"(下个?|[本这]个?)?周末")
_WEEKDAY = re.compile(r"(下个?|[本这]个?)?(?:周|星期|礼拜)([一二三四五六日天])")
_DATE = re.compile(r"(\d{1,2})月(\d{1,2})[日号]")
# A date without a year is of the year in which it lies nearest to the day it was said.
HALF_A_YEAR = timedelta(days=182)


@dataclass(frozen=True)
class Meant:
    """The day that words mean, and the piece of them that names it."""

    day: date
    named: str


def meant(words: str, *, said_on: date) -> Meant | None:
    """The day that these words, said on a day, mean; None where they name none."""
    for name, ahead in DAYS.items():
        if name in words:
            return Meant(said_on + timedelta(days=ahead), name)
    if found := _WEEKEND.search(words):
        # Said on Sunday, this weekend is that day.
        saturday = said_on + timedelta(days=max(0, 5 - said_on.weekday()))
        return Meant(_next_week(5, said_on) if _is_next(found) else saturday, found[0])
    if found := _WEEKDAY.search(words):
        number = WEEK.index(found[2].replace("天", "日"))
        coming = said_on + timedelta(days=(number - said_on.weekday()) % 7)
        return Meant(_next_week(number, said_on) if _is_next(found) else coming, found[0])
    if found := _DATE.search(words):
        day = _dated(int(found[1]), int(found[2]), said_on)
        return Meant(day, found[0]) if day else None
    return None


def _is_next(found: re.Match[str]) -> bool:
    return (found[1] or "").startswith("下")


def _next_week(number: int, said_on: date) -> date:
    return said_on + timedelta(days=7 - said_on.weekday() + number)


def _dated(month: int, day: int, said_on: date) -> date | None:
    try:
        found = date(said_on.year, month, day)
        return found.replace(year=found.year + 1) if said_on - found > HALF_A_YEAR else found
    except ValueError:
        return None


def reads(words: str, *, said_on: date, today: date, call: Callable[[date], str]) -> str:
    """The words as they are true today: 今天下午 becomes 昨天下午, then 8月5日下午.

    `call` names a day for whoever reads. What names no day, or a date, stays as it is.
    """
    return words if today == said_on else fixed(words, said_on=said_on, call=call)


def said_of(words: str, *, on: date, report: date) -> str:
    """Words said on a day as they are kept with a report, whose day is what 今天 is told from."""
    return words if on == report else fixed(words, said_on=on, call=lambda day: f"{day.month}月{day.day}日")


def fixed(words: str, *, said_on: date, call: Callable[[date], str]) -> str:
    """The same on any day, for paper and for what is said anew of an older report."""
    found = meant(words, said_on=said_on)
    if found is None or _DATE.fullmatch(found.named):
        return words
    if found.named in DAYS:
        return words.replace(found.named, call(found.day) + PARTS.get(found.named, ""), 1)
    # 周三 is kept for whoever thinks in weeks, with its date.
    plain = _WHICH.sub("", found.named)
    return words.replace(found.named, f"{plain}（{found.day.month}月{found.day.day}日）", 1)
