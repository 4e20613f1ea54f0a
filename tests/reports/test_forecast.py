"""The forecast learns what it can from the past, says what it is worth, and never looks ahead."""

from datetime import date, timedelta
from random import Random

import pytest

from reports import forecast
from reports.forecast import Errors, History, Surroundings
from reports.forecast_views import compared

pytestmark = pytest.mark.row("SL-08")
MONDAY = date(2026, 3, 2)
PLAIN = Surroundings()


def weeks(number: int, pattern: list[int]) -> History:
    """So many weeks of the same seven numbers, from a Monday on."""
    return History(MONDAY, pattern * number)


def test_even_days_go_on_as_they_were():
    assert forecast.predict(weeks(10, [4] * 7), PLAIN) == pytest.approx([4.0] * 7)


def test_the_pattern_of_the_week_is_learned():
    said = forecast.predict(weeks(20, [8, 4, 4, 4, 4, 2, 2]), PLAIN)

    assert said[0] > 1.5 * said[1] > 2 * said[5]


def test_a_rise_of_the_last_weeks_lifts_the_level():
    history = History(MONDAY, [2] * 56 + [6] * 14)

    assert 3.5 < forecast.predict(history, PLAIN)[0] < 6


def test_a_holiday_never_seen_is_like_a_sunday_and_an_adjusted_day_like_a_weekday():
    history = weeks(20, [6, 6, 6, 6, 6, 1, 1])
    off, at_work = history.end, history.end + timedelta(days=5)
    around = Surroundings({off: False, at_work: True})

    said, usual = forecast.predict(history, around), forecast.predict(history, PLAIN)

    assert said[0] == pytest.approx(usual[6])
    assert said[5] == pytest.approx(usual[1], rel=0.05)


def test_a_handover_that_begins_adds_half_until_the_level_has_learned_it():
    history = weeks(12, [4] * 7)
    begins = history.end + timedelta(days=2)
    coming = Surroundings(handovers=[(begins, begins + timedelta(days=60))])
    running = Surroundings(handovers=[(history.end - timedelta(days=40), history.end + timedelta(days=40))])

    assert forecast.predict(history, coming) == pytest.approx([4, 4, 6, 6, 6, 6, 6])
    assert forecast.predict(history, running) == pytest.approx([4] * 7)


def test_last_years_season_counts_by_half():
    # A year and four weeks of four a day, but eight in the week that lies a year before the coming one.
    history = History(MONDAY, [4] * 28 + [8] * 7 + [4] * (forecast.YEAR - 7))
    even = History(MONDAY, [4] * (28 + forecast.YEAR))

    said, usual = forecast.predict(history, PLAIN), forecast.predict(even, PLAIN)

    assert said == pytest.approx([1.5 * each for each in usual])


def test_three_weeks_are_the_least_to_speak_from():
    assert forecast.predict(weeks(2, [4] * 7), PLAIN) is None
    assert forecast.predict(weeks(3, [4] * 7), PLAIN) is not None


def test_the_naive_guess_is_the_mean_of_four_same_weekdays():
    history = History(MONDAY, [1] * 7 + [2] * 7 + [3] * 7 + [4] * 7 + [5] * 7)

    assert forecast.naive(history) == [3.5] * 7


def test_the_backtest_knows_only_what_came_before():
    calm = weeks(20, [4] * 7)
    shocked = History(MONDAY, [*calm.counts[:-7], *[40] * 7])

    errors = forecast.backtest([shocked], [PLAIN], weeks=1)

    # Forty came where four were said: nine tenths missed, by both.
    assert (errors.days, errors.wape, errors.naive_wape) == (7, pytest.approx(0.9), pytest.approx(0.9))


def test_noise_is_smoothed_better_than_by_the_naive_guess():
    random = Random(5)
    counts = [sum(random.random() < 0.5 for _ in range(12 if day % 7 < 5 else 6)) for day in range(40 * 7)]

    errors = forecast.backtest([History(MONDAY, counts)], [PLAIN])

    assert (errors.wape < errors.naive_wape, errors.mape < errors.naive_mape) == (True, True)


def test_days_without_tickets_do_not_break_the_errors():
    assert forecast.backtest([weeks(20, [0] * 7)], [PLAIN]) is None
    assert forecast.backtest([weeks(20, [0, 0, 0, 7, 0, 0, 0])], [PLAIN]).days == 56


def test_each_error_is_judged_by_itself_and_the_sentence_says_both():
    said = compared(Errors(days=56, wape=0.41, mape=0.63, naive_wape=0.45, naive_mape=0.58))

    assert [(each["ours"], each["guess"], each["word"]) for each in said["kinds"]] == [
        ("41%", "45%", "更小"),
        ("63%", "58%", "更大"),
    ]
    assert said["sentence"] == "总误差率比对照小，日均误差率比对照大：有好有差，请结合经验安排人手。"


@pytest.mark.parametrize(
    ("ours", "guess", "sentence"),
    [
        ((0.4, 0.5), (0.5, 0.6), "总误差率和日均误差率都比对照小：本预测比对照更准。"),
        ((0.5, 0.6), (0.4, 0.5), "总误差率和日均误差率都比对照大：本预测不如对照准，请结合经验安排人手。"),
        # Judged as they are shown: nobody sees a difference behind the percent.
        (
            (0.401, 0.5),
            (0.404, 0.5),
            "总误差率和日均误差率都与对照相同：本预测不比对照更准，请结合经验安排人手。",
        ),
        ((0.4, 0.5), (0.5, 0.5), "总误差率比对照小，日均误差率与对照相同：本预测比对照略准。"),
        (
            (0.5, 0.6),
            (0.5, 0.5),
            "总误差率与对照相同，日均误差率比对照大：本预测不如对照准，请结合经验安排人手。",
        ),
    ],
)
def test_the_sentence_claims_no_more_than_the_numbers_beside_it(ours, guess, sentence):
    errors = Errors(56, ours[0], ours[1], guess[0], guess[1])

    assert compared(errors)["sentence"] == sentence
