"""A slow model of the clocks: it walks minute by minute and knows nothing of `tickets.clocks` (T52, T53).

Times are whole minutes since the first of January 2026 in Shanghai, which keeps UTC+8 all year.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import holidays

# Midnight in Shanghai.
ZERO = datetime(2025, 12, 31, 16, 0, tzinfo=UTC)
YEARS = (2026, 2027)
RESUMING = ("resume", "undefer", "schedule", "arrive", "reassign", "rest_over")
OPENS, CLOSES = 9 * 60, 18 * 60
DAY = 24 * 60


class Event(NamedTuple):
    """Something that happened in a minute."""

    name: str
    minute: int
    round: int
    payload: Mapping[str, Any]


class Told(NamedTuple):
    """What the model says of one clock; minutes, None where there is nothing."""

    key: str
    round: int
    started: int
    due: int | None
    stopped: int | None
    paused_since: int | None
    paused: int


@cache
def work_days() -> dict[date, bool]:
    """Every day of two years, with the adjusted working days 调休."""
    china = holidays.country_holidays("CN", years=YEARS)
    first = date(YEARS[0], 1, 1)
    days = [first + timedelta(days=number) for number in range((date(YEARS[1] + 1, 1, 1) - first).days)]
    return {day: china.is_working_day(day) for day in days}


@cache
def open_minutes() -> bytes:
    """1 for every minute of two years in which the office works."""
    found = bytearray()
    for working in work_days().values():
        found += bytes(int(working and OPENS <= minute < CLOSES) for minute in range(DAY))
    return bytes(found)


def minute_of(moment: datetime) -> int:
    """The minute of a moment that falls on one."""
    minutes, rest = divmod((moment - ZERO).total_seconds(), 60)
    assert rest == 0, moment
    return int(minutes)


def moment_of(minute: int) -> datetime:
    """The moment at which a minute begins."""
    return ZERO + timedelta(minutes=minute)


def tell(policy: Mapping[str, Any], events: Sequence[Event]) -> list[Told]:
    """What each clock of each round stands at after these events, in the order of keys and rounds."""
    kind = {}
    for event in events:
        if event.name in ("register", "save_incomplete", "complete_details"):
            kind.update(
                {key: event.payload[key] for key in ("kind", "channel", "port") if key in event.payload}
            )
    found, chosen = [], {}
    for key, spec in sorted(policy["clocks"].items()):
        only = spec.get("only", {})
        if any(kind.get(name) not in allowed for name, allowed in only.items()):
            continue
        # Of one clock the most particular rule alone.
        clock = key.split(":")[0]
        if clock not in chosen or len(only) > len(chosen[clock][1].get("only", {})):
            chosen[clock] = (key, spec)
    for key, spec in chosen.values():
        for number in sorted({event.round for event in events}):
            if told := _one(key, spec, events, number):
                found.append(told)
    return sorted(found)


def _one(key: str, spec: Mapping[str, Any], events: Sequence[Event], number: int) -> Told | None:
    state, level = "unborn", 3
    started = stopped = since = promised = None
    # Minutes from …, to … in which the clock does not count.
    still: list[tuple[int, int]] = []
    frozen = 3
    for event in events:
        after = event.round == number + 1 and not any(
            other.round == event.round and other is not event for other in events[: events.index(event)]
        )
        if event.round > number and not after:
            break
        level = event.payload.get("level", level) if event.round <= number else level
        if event.round < number:
            frozen = level
            continue
        if state == "unborn":
            if after or event.name not in spec["start"]:
                frozen = level
                continue
            state, frozen, started = "running", level, event.minute
            began = event.payload.get(spec["since"]) if spec.get("since") else None
            if began:
                started = min(minute_of(datetime.fromisoformat(began)), event.minute)
                if event.name in spec["stop"]:
                    state, stopped = "stopped", event.minute
            continue
        if state == "stopped":
            if not after and event.name in spec.get("reopen", ()):
                if spec.get("rests"):
                    still.append((stopped, event.minute))
                state, stopped, frozen = "running", None, level
            continue
        if spec.get("promise") and promised is None and event.name == spec["promise"][0]:
            text = event.payload.get(spec["promise"][1])
            promised = minute_of(datetime.fromisoformat(text)) - spec.get("lead_minutes", 0) if text else None
        ends = event.name in spec["stop"] or event.name in ("cancel", "merge", "transfer")
        if ends or event.name in RESUMING:
            if since is not None:
                still.append((since, event.minute))
                since = None
            if ends:
                state, stopped = "stopped", event.minute
        elif event.name in ("suspend", "defer", "no_access") and spec.get("pausable", True) and since is None:
            since = event.minute
        if state == "running":
            frozen = level
    limit = spec["limits"][str(frozen)]
    if state == "unborn" or limit == "none":
        return None
    paused = sum(end - begin for begin, end in still)
    due = due_of(spec, frozen, limit, started, promised, still)
    return Told(key, number, started, due, stopped, since, paused)


def due_of(spec, level, limit, started, promised, still) -> int | None:
    """The minute at which `limit` minutes have counted; `still` are those from …, to … that do not."""
    calendar = spec.get("calendar", "always")
    named = calendar if isinstance(calendar, str) else calendar.get(str(level), "always")
    office = open_minutes() if named == "working" else None
    idle = {minute for begin, end in still for minute in range(begin, end)}
    if limit is None:
        if promised is None:
            return None
        # The agreed time lies a number of minutes ahead; those in which nothing could be done come after.
        limit, office = promised - started, None
    minute = started
    while limit > 0:
        if minute not in idle and (office is None or office[minute]):
            limit -= 1
        minute += 1
    return minute
