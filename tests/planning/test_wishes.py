from datetime import date

import pytest

from planning.wishes import DAY, PARTS, wish_for

pytestmark = pytest.mark.row("DI-10")
FRIDAY, SATURDAY = date(2026, 5, 8), date(2026, 5, 9)


@pytest.mark.parametrize(
    ("words", "day", "windows", "later"),
    [
        ("", SATURDAY, (DAY,), ""),
        ("尽快", SATURDAY, (DAY,), ""),
        ("由师傅电话约定", SATURDAY, (DAY,), ""),
        ("明天上午", SATURDAY, (PARTS["上午"],), ""),
        ("周六下午或晚上", SATURDAY, (PARTS["下午"], PARTS["晚上"]), ""),
        ("每天晚上", SATURDAY, (PARTS["晚上"],), ""),
        # A part of a day that is over says nothing of the next.
        ("今天下午", SATURDAY, (DAY,), ""),
        ("后天上午", SATURDAY, (), "业主希望后天（5月10日）"),
        ("本周末", FRIDAY, (), "业主希望周末（5月9日）"),
        ("星期三", SATURDAY, (), "业主希望星期三（5月13日）"),
    ],
)
def test_words_become_windows_of_the_day_or_a_later_day(words, day, windows, later):
    found = wish_for(words, said_on=FRIDAY, day=day)

    assert (found.windows, found.later) == (windows, later)
