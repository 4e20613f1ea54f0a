"""The clocks of a ticket, computed from its events alone (SL-03).

Pure: policy rules, facts and calendars in, readings out. `tickets.clock_store`
keeps the readings in rows; computing them again must give the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tickets.calendars import ALWAYS, Calendar

# Steps that put a ticket aside and take it up again (SL-04, SL-10), and that end it.
PAUSES = {"suspend", "defer"}
RESUMES = {"resume", "undefer"}
ENDINGS = {"cancel", "merge", "transfer"}


@dataclass(frozen=True)
class Rule:
    """One clock of a policy: which events start, stop and reopen it, and its limit per level in minutes.

    A level whose limit is None counts to the time promised by `promise`
    (event name, payload field), e.g. the end of the agreed window.
    """

    kind: str
    label: str
    start: frozenset[str]
    stop: frozenset[str]
    reopen: frozenset[str]
    limits: Mapping[int, int | None]
    calendar: str
    promise: tuple[str, str] | None
    pausable: bool
    warn: tuple[int, ...]
    grace_minutes: int | None


@dataclass(frozen=True)
class Fact:
    """An event as the clocks see it."""

    name: str
    at: datetime
    round: int
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Reading:
    """What one clock of one round says."""

    kind: str
    round: int
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    paused_at: datetime | None
    paused_seconds: int
    limit_minutes: int | None

    def breached(self, now: datetime) -> bool:
        """Whether the limit passed before the clock stopped; a paused clock does not breach."""
        if self.due_at is None:
            return False
        end = self.stopped_at or self.paused_at or now
        return end > self.due_at


def parse_rules(policy: Mapping[str, Any]) -> list[Rule]:
    """The rules of a policy version's JSON (tickets.models.PolicyVersion.rules)."""
    return [
        Rule(
            kind=kind,
            label=spec["label"],
            start=frozenset(spec["start"]),
            stop=frozenset(spec["stop"]),
            reopen=frozenset(spec.get("reopen", ())),
            limits={int(level): limit for level, limit in spec["limits"].items()},
            calendar=spec.get("calendar", "always"),
            promise=tuple(spec["promise"]) if spec.get("promise") else None,
            pausable=spec.get("pausable", True),
            warn=tuple(spec.get("warn", (50, 80))),
            grace_minutes=spec.get("grace_minutes"),
        )
        for kind, spec in policy["clocks"].items()
    ]


def read(
    rules: Iterable[Rule], facts: Sequence[Fact], calendars: Mapping[str, Calendar] | None = None
) -> list[Reading]:
    """Readings of every clock of every round that has started, in the order of rounds.

    `facts` are in the order they happened. The level is the last one that an
    event's payload names, so a raised level shortens clocks that already run.
    """
    calendars = {"always": ALWAYS} | dict(calendars or {})
    level = _level(facts)
    readings = []
    for round_ in sorted({fact.round for fact in facts}):
        of_round = [fact for fact in facts if fact.round == round_]
        # The event that opens the next round is the one that ends this one.
        ending = next((fact for fact in facts if fact.round == round_ + 1), None)
        for rule in rules:
            if reading := _read_one(rule, of_round, ending, level, calendars[rule.calendar]):
                readings.append(reading)
    return readings


def _level(facts: Sequence[Fact]) -> int:
    levels = [fact.payload["level"] for fact in facts if "level" in fact.payload]
    return levels[-1] if levels else 3


def _read_one(
    rule: Rule, facts: Sequence[Fact], ending: Fact | None, level: int, calendar: Calendar
) -> Reading | None:
    run = _Run(rule)
    for fact in facts:
        run.take(fact)
    if run.started_at is None:
        return None
    if ending is not None:
        run.take(ending)
    limit = rule.limits.get(level)
    return Reading(
        kind=rule.kind,
        round=facts[0].round,
        started_at=run.started_at,
        due_at=_due(run, limit, calendar),
        stopped_at=run.stopped_at,
        paused_at=run.paused_at,
        paused_seconds=round(sum((end - begin).total_seconds() for begin, end in run.pauses)),
        limit_minutes=limit,
    )


def _due(run: "_Run", limit: int | None, calendar: Calendar) -> datetime | None:
    assert run.started_at is not None
    if limit is None:
        due, calendar = run.promised_at, ALWAYS
    else:
        due = calendar.add(run.started_at, limit * 60)
    for begin, end in run.pauses:
        # A pause that began after the limit had passed does not forgive the breach.
        if due is not None and begin < due:
            due = calendar.add(due, calendar.between(begin, end))
    return due


class _Run:
    """One clock while its round's facts go by."""

    def __init__(self, rule: Rule):
        self.rule = rule
        self.started_at: datetime | None = None
        self.stopped_at: datetime | None = None
        self.paused_at: datetime | None = None
        self.promised_at: datetime | None = None
        self.pauses: list[tuple[datetime, datetime]] = []

    def take(self, fact: Fact) -> None:
        rule = self.rule
        if self.started_at is None:
            if fact.name in rule.start:
                self.started_at = fact.at
            return
        if self.stopped_at is not None:
            if fact.name in rule.reopen:
                self.stopped_at = None
            return
        self._promise(fact)
        if fact.name in rule.stop or fact.name in ENDINGS:
            self._end_pause(fact.at)
            self.stopped_at = fact.at
        elif fact.name in PAUSES and rule.pausable and self.paused_at is None:
            self.paused_at = fact.at
        elif fact.name in RESUMES:
            self._end_pause(fact.at)

    def _promise(self, fact: Fact) -> None:
        # The first promise counts: a later window never resets it (SL-04).
        if self.rule.promise is None or self.promised_at is not None:
            return
        name, key = self.rule.promise
        if fact.name == name and fact.payload.get(key):
            self.promised_at = datetime.fromisoformat(fact.payload[key])

    def _end_pause(self, at: datetime) -> None:
        if self.paused_at is not None:
            self.pauses.append((self.paused_at, at))
            self.paused_at = None
