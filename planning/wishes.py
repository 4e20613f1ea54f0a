"""When the owner has time, out of the words the desk typed: pure (DI-10).

Words that say nothing of a time leave the whole day open; nobody is planned against a wish that was said.
"""

from dataclasses import dataclass
from datetime import date, timedelta

DAY = (8 * 60, 20 * 60)
PARTS = {
    "上午": (8 * 60, 11 * 60 + 45),
    "早上": (8 * 60, 10 * 60),
    "中午": (11 * 60 + 30, 13 * 60 + 30),
    "下午": (13 * 60, 17 * 60 + 45),
    "傍晚": (17 * 60, 19 * 60),
    "晚上": (18 * 60, 20 * 60),
}
DAYS = {"今天": 0, "今日": 0, "明天": 1, "明日": 1, "后天": 2}
WEEK = "一二三四五六日"


@dataclass(frozen=True)
class Wish:
    """The windows of the day, or the later day that was wished (then there are none on this one)."""

    windows: tuple[tuple[int, int], ...]
    later: str = ""


def wish_for(words: str, *, said_on: date, day: date) -> Wish:
    """What these words, said on a day, mean for another day."""
    wanted, named = _day(words, said_on)
    if wanted is not None and wanted > day:
        return Wish((), f"业主希望{named}（{wanted.month}月{wanted.day}日）")
    windows = tuple(window for part, window in PARTS.items() if part in words)
    # A part of a day that has passed says nothing of today.
    return Wish(windows if windows and wanted in (None, day) else (DAY,))


def _day(words: str, said_on: date) -> tuple[date | None, str]:
    for name, ahead in DAYS.items():
        if name in words:
            return said_on + timedelta(days=ahead), name
    if "周末" in words:
        return said_on + timedelta(days=max(0, 5 - said_on.weekday())), "周末"
    for number, letter in enumerate(WEEK):
        for week in ("周", "星期"):
            if f"{week}{letter}" in words:
                return said_on + timedelta(days=(number - said_on.weekday()) % 7), f"{week}{letter}"
    return None, ""
