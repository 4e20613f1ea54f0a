"""The clocks against a slow model that walks minute by minute (T52, T53): no difference, ever."""

import os
import time
from datetime import datetime
from itertools import cycle
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.tickets.clock_model import (
    Event,
    Told,
    due_of,
    minute_of,
    moment_of,
    open_minutes,
    tell,
    work_days,
)
from tickets import clocks
from tickets.calendars import SHANGHAI, WorkingHours
from tickets.presets import shipped

ZONES = ["UTC", "Asia/Shanghai", "America/New_York"]
POLICIES = {each["code"]: each["rules"] for each in shipped() if each.get("nature") != "floor"}
# Working time everywhere, since the shipped policies use it for one level of one clock.
OFFICE = {
    "clocks": {
        key: spec | {"calendar": "working", "limits": dict.fromkeys("1234", minutes)}
        for (key, spec), minutes in zip(
            POLICIES["P-DEFAULT"]["clocks"].items(), cycle((15, 3, 10, 60, 30, 540, 240, 1620, 120, 1080))
        )
    }
}
RULEBOOKS = POLICIES | {"OFFICE": OFFICE}
NAMES = sorted(
    {
        *("suspend", "resume", "suspend", "resume", "defer", "undefer", "change_level", "comment", "cancel"),
        *("schedule", "reschedule", "no_access", "rest_over", "reassign", "consent", "fail_follow_up"),
        *(
            name
            for rules in POLICIES.values()
            for spec in rules["clocks"].values()
            for name in (*spec["start"], *spec["stop"], *spec.get("reopen", ()))
        ),
    }
)
# Days and hours at which calendars go wrong: new year, the festivals and their adjusted
# Saturdays and Sundays, month ends, midnight, opening and closing time.
EDGES = [
    *((2026, 1, 1), (2026, 1, 4), (2026, 2, 14), (2026, 2, 15), (2026, 2, 28), (2026, 3, 1)),
    *((2026, 4, 30), (2026, 5, 9), (2026, 9, 20), (2026, 10, 1), (2026, 10, 10), (2026, 12, 31)),
    *((2027, 2, 5), (2027, 2, 28), (2027, 3, 14), (2027, 10, 31)),
]
HOURS = [0, 1, 8 * 60 + 59, 9 * 60, 12 * 60, 17 * 60 + 59, 18 * 60, 23 * 60 + 59]


@pytest.fixture(params=ZONES)
def zone(request):
    """The process and the facts in another time zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield ZoneInfo(request.param)
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@st.composite
def histories(draw) -> list[Event]:
    """A first event and some that follow, with pauses, levels, promises and new rounds."""
    day = draw(st.sampled_from(EDGES))
    minute = minute_of(datetime(*day, tzinfo=SHANGHAI)) + draw(st.sampled_from(HOURS))
    opening = {
        "level": draw(st.integers(1, 4)),
        "kind": draw(st.sampled_from(["repair", "repair", "complaint"])),
        "channel": draw(st.sampled_from(["phone", "owner_h5"])),
        "port": draw(st.sampled_from(["property", "service"])),
        "started_at": moment_of(minute - draw(st.integers(-2, 9))).isoformat(),
    }
    events = [Event(draw(st.sampled_from(["register", "save_incomplete"])), minute, 1, opening)]
    round_ = 1
    for _ in range(draw(st.integers(1, 14))):
        minute += draw(st.integers(0, 3) | st.integers(0, 200) | st.integers(0, 3000))
        name = draw(st.sampled_from(NAMES))
        round_ += name == "fail_follow_up"
        events.append(Event(name, minute, round_, draw(payloads(name, minute))))
    return events


@st.composite
def payloads(draw, name: str, minute: int) -> dict:
    """What an event of this name carries."""
    if name == "change_level":
        return {"level": draw(st.integers(1, 4))}
    if name in {"schedule", "reschedule", "consent"}:
        begin = minute + draw(st.integers(10, 4000))
        end = begin + 120
        return {
            "from": moment_of(begin).isoformat(),
            "until": moment_of(end).isoformat(),
            "promised_until": moment_of(end).isoformat(),
        }
    if name == "finish":
        return {"ended_at": moment_of(minute - draw(st.integers(0, 30))).isoformat()}
    return {}


def fast(rules: dict, events: list[Event], zone: ZoneInfo) -> list[Told]:
    """The same from the real thing."""
    facts = [
        clocks.Fact(each.name, moment_of(each.minute).astimezone(zone), each.round, each.payload)
        for each in events
    ]
    calendars = {"working": WorkingHours(work_days())}
    found = []
    for each in clocks.read(clocks.parse_rules(rules), facts, calendars):
        times = [each.started_at, each.due_at, each.stopped_at, each.paused_at]
        minutes = [None if moment is None else minute_of(moment) for moment in times]
        found.append(Told(each.rule, each.round, *minutes, each.paused_seconds // 60))
    return sorted(found)


@pytest.mark.row("SL-03")
@pytest.mark.row("SL-04")
@given(code=st.sampled_from(sorted(RULEBOOKS)), events=histories())
@example(
    code="OFFICE",
    events=[
        Event("register", 9 * 60 + 120 * 1440, 1, {"level": 1, "kind": "repair"}),
        Event("suspend", 20 * 60 + 120 * 1440, 1, {}),
        Event("resume", 24 * 60 + 120 * 1440, 1, {}),
    ],
)
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
def test_clocks_say_what_the_slow_model_says(zone, code, events):
    assert fast(RULEBOOKS[code], events, zone) == tell(RULEBOOKS[code], events)


@pytest.mark.row("SL-02")
@given(
    day=st.sampled_from(EDGES),
    hour=st.sampled_from(HOURS),
    minutes=st.integers(1, 3000),
    length=st.integers(0, 20000),
)
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_working_time_over_two_chinese_years_is_what_the_minutes_add_up_to(zone, day, hour, minutes, length):
    office = WorkingHours(work_days())
    start = minute_of(datetime(*day, tzinfo=SHANGHAI)) + hour
    moment = moment_of(start).astimezone(zone)
    spec = {"calendar": "working"}

    due = due_of(spec, 1, minutes, start, None, [])
    worked = sum(open_minutes()[start : start + length])

    assert minute_of(office.add(moment, minutes * 60)) == due
    assert office.between(moment, moment_of(start + length).astimezone(zone)) == worked * 60


def test_a_leap_day_is_a_day():
    office = WorkingHours({})
    friday = datetime(2028, 2, 25, 17, 0, tzinfo=SHANGHAI)

    # Monday the 28th, then Tuesday the 29th.
    assert office.add(friday, 11 * 3600) == datetime(2028, 2, 29, 10, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize("code", sorted(POLICIES))
@pytest.mark.row("SL-02")
def test_a_shipped_policy_starts_only_what_kind_and_door_ask_for(code):
    opening = {"level": 2, "kind": "repair", "channel": "owner_h5", "port": "property"}
    facts = [clocks.Fact("register", moment_of(0), 1, opening)]

    running = sorted(each.kind for each in clocks.read(clocks.parse_rules(POLICIES[code]), facts))

    assert (
        running
        == {
            "P-DEFAULT": ["acknowledge", "arrive", "complete", "dispatch"],
            "P-S1": ["arrive", "complete", "dispatch"],
            "P-S2": ["arrive", "complete", "dispatch"],
            "P-S3": ["arrive", "dispatch"],
            "P-S4": ["acknowledge", "arrive", "complete", "dispatch"],
            "P-S5": ["acknowledge", "arrive", "complete", "contact", "relay"],
        }[code]
    )
