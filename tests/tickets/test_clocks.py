"""Clocks computed from facts alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets import clocks
from tickets.clocks import Fact

START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
POLICY = {
    "clocks": {
        "dispatch": {
            "label": "派单",
            "start": ["register", "fail_follow_up"],
            "stop": ["dispatch"],
            "limits": {"1": 15, "2": 60},
        },
        "arrive": {
            "label": "到场",
            "start": ["register"],
            "stop": ["arrive"],
            "limits": {"1": 30, "2": None},
            "promise": ["schedule", "until"],
        },
        "follow_up": {
            "label": "回访",
            "start": ["pass_acceptance"],
            "stop": ["close", "fail_follow_up"],
            "limits": {"1": 1440, "2": 1440},
        },
        "complete": {
            "label": "完成",
            "start": ["register"],
            "stop": ["pass_inspection"],
            "reopen": ["refuse_acceptance"],
            "limits": {"1": 240, "2": 1440},
        },
    }
}
RULES = clocks.parse_rules(POLICY)


def minutes(number: float) -> datetime:
    return START + timedelta(minutes=number)


def fact(name: str, minute: float, round_: int = 1, **payload) -> Fact:
    return Fact(name, minutes(minute), round_, payload)


def one(kind: str, facts: list[Fact], round_: int = 1) -> clocks.Reading:
    (found,) = [each for each in clocks.read(RULES, facts) if (each.kind, each.round) == (kind, round_)]
    return found


@pytest.mark.row("SL-03")
def test_a_clock_runs_from_its_start_event_to_its_stop_event():
    reading = one("dispatch", [fact("register", 0, level=2), fact("dispatch", 40)])

    assert (reading.started_at, reading.due_at, reading.stopped_at) == (minutes(0), minutes(60), minutes(40))


def test_a_clock_that_never_started_has_no_reading():
    assert clocks.read(RULES, [fact("save_incomplete", 0, level=2)]) == []


def test_a_stop_after_the_limit_is_a_breach_whenever_it_is_asked():
    reading = one("dispatch", [fact("register", 0, level=2), fact("dispatch", 61)])

    assert reading.breached(now=minutes(10_000)) is True


@pytest.mark.row("SL-04")
def test_a_pause_moves_the_limit_by_its_length():
    facts = [fact("register", 0, level=2), fact("suspend", 100), fact("resume", 400)]

    reading = one("complete", facts)

    assert (reading.due_at, reading.paused_seconds) == (minutes(1440 + 300), 300 * 60)


def test_a_running_pause_stops_the_clock_from_breaching():
    reading = one("complete", [fact("register", 0, level=2), fact("suspend", 100)])

    assert (reading.paused_at, reading.breached(now=minutes(9000))) == (minutes(100), False)


def test_a_pause_after_the_limit_forgives_nothing():
    facts = [
        fact("register", 0, level=1),
        fact("suspend", 300),
        fact("resume", 400),
        fact("pass_inspection", 410),
    ]

    reading = one("complete", facts)

    assert (reading.due_at, reading.breached(now=minutes(500))) == (minutes(240), True)


@pytest.mark.row("SL-04")
def test_a_second_window_never_resets_the_first_promise():
    first = fact("schedule", 10, until=minutes(200).isoformat())
    second = fact("reschedule", 20, until=minutes(900).isoformat())

    reading = one("arrive", [fact("register", 0, level=2), first, second])

    assert reading.due_at == minutes(200)


def test_a_raised_level_shortens_the_clock_that_already_runs():
    reading = one("dispatch", [fact("register", 0, level=2), fact("change_level", 5, level=1)])

    assert reading.due_at == minutes(15)


def test_refused_acceptance_sets_the_completion_clock_going_again():
    facts = [fact("register", 0, level=2), fact("pass_inspection", 100), fact("refuse_acceptance", 120)]

    assert one("complete", facts).stopped_at is None


@pytest.mark.row("FU-02")
def test_a_new_round_has_clocks_of_its_own():
    facts = [fact("register", 0, level=2), fact("dispatch", 10), fact("fail_follow_up", 500, 2)]

    reading = one("dispatch", facts, round_=2)

    assert (reading.started_at, reading.due_at, reading.stopped_at) == (minutes(500), minutes(560), None)


@pytest.mark.row("FU-02")
def test_the_follow_up_that_opens_a_new_round_stops_the_clock_of_the_old_one():
    facts = [fact("register", 0, level=2), fact("pass_acceptance", 100), fact("fail_follow_up", 500, 2)]

    assert one("follow_up", facts, round_=1).stopped_at == minutes(500)


def test_cancelling_stops_what_runs():
    assert one("complete", [fact("register", 0, level=2), fact("cancel", 30)]).stopped_at == minutes(30)


gaps = st.lists(st.integers(min_value=1, max_value=600), min_size=2, max_size=12)


@given(gaps=gaps)
def test_pausing_and_resuming_any_number_of_times_never_loses_working_minutes(gaps):
    """Against a slow model that steps minute by minute."""
    facts, minute, paused = [fact("register", 0, level=2)], 0, False
    spans = []
    for gap in gaps:
        spans.append((minute, minute + gap, paused))
        minute += gap
        paused = not paused
        facts.append(fact("suspend" if paused else "resume", minute))

    reading = one("complete", facts)

    assert reading.due_at == minutes(_slow_due(spans, limit=1440))


def _slow_due(spans, limit):
    """The minute at which `limit` unpaused minutes have passed; time after the facts counts as running."""
    worked, minute = 0, 0
    pausing = {step for begin, end, paused in spans if paused for step in range(begin, end)}
    while worked < limit:
        if minute not in pausing:
            worked += 1
        minute += 1
    return minute


VARIANTS = clocks.parse_rules(
    {
        "clocks": {
            "contact": {"label": "首联", "start": ["register"], "stop": ["contact"], "limits": {"2": 30}},
            "contact:complaint": {
                "label": "投诉首联",
                "start": ["register"],
                "stop": ["contact"],
                "limits": {"2": 720},
                "only": {"kind": ["complaint"]},
            },
            "acknowledge": {
                "label": "受理确认",
                "start": ["register"],
                "stop": ["acknowledge"],
                "limits": {"2": 15},
                "only": {"channel": ["owner_h5", "email"]},
            },
        }
    }
)


@pytest.mark.row("SL-03")
@pytest.mark.parametrize(
    ("kind", "channel", "running"),
    [
        ("repair", "phone", {"contact": 30}),
        ("repair", "email", {"contact": 30, "acknowledge": 15}),
        ("complaint", "phone", {"contact": 720}),
    ],
)
def test_a_ticket_has_the_clocks_of_its_kind_and_door_alone(kind, channel, running):
    facts = [fact("register", 0, level=2, kind=kind, channel=channel)]

    found = {each.kind: each.limit_minutes for each in clocks.read(VARIANTS, facts)}

    assert found == running


def test_what_is_completed_later_decides_which_clocks_run():
    facts = [
        fact("save_incomplete", 0, level=2, kind="repair", channel="email"),
        fact("complete_details", 5, level=2, kind="complaint"),
    ]

    assert [rule.key for rule in clocks.fitting(VARIANTS, facts)] == ["contact:complaint", "acknowledge"]


def test_a_level_without_a_limit_has_no_such_clock():
    facts = [fact("register", 0, level=3, kind="repair", channel="phone")]

    assert clocks.read(VARIANTS, facts) == []


def test_a_level_raised_after_the_stop_does_not_make_it_late():
    facts = [fact("register", 0, level=2), fact("dispatch", 40), fact("change_level", 50, level=1)]

    assert one("dispatch", facts).due_at == minutes(60)


RECORDED = clocks.parse_rules(
    {
        "clocks": {
            "register": {
                "label": "登记",
                "start": ["register"],
                "stop": ["register"],
                "since": "started_at",
                "limits": {"2": 3},
            },
            "inspect": {
                "label": "验收",
                "start": ["finish"],
                "stop": ["pass_inspection", "fail_inspection"],
                "reopen": ["finish"],
                "rests": True,
                "limits": {"2": 240},
            },
            "arrive": {
                "label": "到场",
                "start": ["register"],
                "stop": ["arrive"],
                "limits": {"2": None},
                "promise": ["schedule", "from"],
                "lead_minutes": 5,
            },
        }
    }
)


@pytest.mark.row("IN-03")
def test_a_clock_may_begin_before_the_event_that_writes_it_down():
    facts = [fact("register", 4, level=2, started_at=minutes(0).isoformat())]

    (reading,) = [each for each in clocks.read(RECORDED, facts) if each.kind == "register"]

    assert (reading.started_at, reading.due_at, reading.stopped_at) == (minutes(0), minutes(3), minutes(4))


def test_a_clock_that_rests_goes_on_with_what_was_left():
    facts = [
        fact("register", 0, level=2),
        fact("finish", 100),
        fact("fail_inspection", 200),
        fact("finish", 900),
    ]

    (reading,) = [each for each in clocks.read(RECORDED, facts) if each.kind == "inspect"]

    assert (reading.due_at, reading.stopped_at) == (minutes(100 + 240 + 700), None)


def test_a_promise_may_ask_to_be_there_a_little_before():
    facts = [fact("register", 0, level=2), fact("schedule", 5, **{"from": minutes(300).isoformat()})]

    (reading,) = [each for each in clocks.read(RECORDED, facts) if each.kind == "arrive"]

    assert reading.due_at == minutes(295)
