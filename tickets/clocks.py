"""The clocks of a ticket, computed from its events alone (SL-03).

Pure: policy rules, facts and calendars in, readings out. `tickets.clock_store`
keeps the readings in rows; computing them again must give the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from tickets.calendars import ALWAYS, Calendar

# Steps that put a ticket aside and take it up again (SL-04, SL-10), and that end it.
PAUSES = {"suspend", "defer"}
RESUMES = {"resume", "undefer"}
ENDINGS = {"cancel", "merge", "transfer"}
# Who hears of it further up, by percent of the limit, where the policy does not say (SL-05).
ESCALATE = ((100, "supervisor"), (150, "manager"), (200, "director"))
BREACH = 100


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
    # (percent of the limit, code of the role that is told then), rising.
    escalate: tuple[tuple[int, str], ...] = ESCALATE

    @cached_property
    def points(self) -> tuple[int, ...]:
        """The percents of the limit at which the watcher has to look, rising; 100 is the breach (SL-05)."""
        return tuple(sorted({*self.warn, BREACH, *(at for at, _ in self.escalate)}))


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
    # The moments of `Rule.points`, one for each; empty while there is no limit.
    looks: list[datetime]

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
            escalate=tuple((step["at"], step["to"]) for step in spec["escalate"])
            if "escalate" in spec
            else ESCALATE,
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
        due_at=_moment(run, limit, calendar, BREACH),
        stopped_at=run.stopped_at,
        paused_at=run.paused_at,
        paused_seconds=round(sum((end - begin).total_seconds() for begin, end in run.pauses)),
        limit_minutes=limit,
        looks=[moment for each in rule.points if (moment := _moment(run, limit, calendar, each))],
    )


def _moment(run: "_Run", limit: int | None, calendar: Calendar, percent: int) -> datetime | None:
    """When so many percent of the limit will have passed; at 100 it is due. None without a limit."""
    assert run.started_at is not None
    if limit is not None:
        moment = calendar.add(run.started_at, limit * 60 * percent / 100)
    elif run.promised_at is not None:
        moment = run.started_at + (run.promised_at - run.started_at) * percent / 100
        calendar = ALWAYS
    else:
        return None
    for begin, end in run.pauses:
        # A pause that began after the limit had passed does not forgive the breach.
        if begin < moment:
            moment = calendar.add(moment, calendar.between(begin, end))
    return moment


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
