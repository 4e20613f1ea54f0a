"""When the owner has time, out of the words the desk typed: pure (DI-10).

Words that say nothing of a time leave the whole day open; nobody is planned against a wish that was said.
"""

from dataclasses import dataclass
from datetime import date

from tickets.wishes import meant

DAY = (8 * 60, 20 * 60)
PARTS = {
    "上午": (8 * 60, 11 * 60 + 45),
    "早上": (8 * 60, 10 * 60),
    "中午": (11 * 60 + 30, 13 * 60 + 30),
    "下午": (13 * 60, 17 * 60 + 45),
    "傍晚": (17 * 60, 19 * 60),
    "晚上": (18 * 60, 20 * 60),
}


@dataclass(frozen=True)
class Wish:
    """The windows of the day, or the later day that was wished (then there are none on this one)."""

    windows: tuple[tuple[int, int], ...]
    later: str = ""


def wish_for(words: str, *, said_on: date, day: date) -> Wish:
    """What these words, said on a day, mean for another day."""
    wish = meant(words, said_on=said_on)
    if wish is not None and wish.day > day:
        dated = f"{wish.day.month}月{wish.day.day}日"
        named = wish.named.removeprefix("本")
        return Wish((), f"业主希望{dated}" if wish.named == dated else f"业主希望{named}（{dated}）")
    windows = tuple(window for part, window in PARTS.items() if part in words)
    # A part of a day that has passed says nothing of today.
    return Wish(windows if windows and (wish is None or wish.day == day) else (DAY,))
