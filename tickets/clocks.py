"""The clocks of a ticket, computed from its events alone (SL-03).

Pure: policy rules, facts and calendars in, readings out. `tickets.clock_store`
keeps the readings in rows; computing them again must give the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from tickets.calendars import ALWAYS, Calendar

# Steps that put a ticket aside and take it up again (SL-04, SL-10), and that end it. Nobody at home, with
# photo and words, is such a step too: time rests until the next window is agreed (EX-11), or until the
# policy's bound has passed (`tickets.rests`).
PAUSES = {"suspend", "defer", "no_access"}
REST_OVER = "rest_over"
RESUMES = {"resume", "undefer", "schedule", "arrive", "reassign", REST_OVER}
ENDINGS = {"cancel", "merge", "transfer"}
# Who hears of it further up, by percent of the limit, where the policy does not say (SL-05).
ESCALATE = ((100, "supervisor"), (150, "manager"), (200, "director"))
BREACH = 100
# Events that say of what kind a ticket is and through which door it came.
OPENINGS = {"register", "save_incomplete", "complete_details"}
# The limit of a level that has no such clock; null counts to a promise.
NO_CLOCK = "none"
TRAITS = ("kind", "channel", "port")


@dataclass(frozen=True)
class Rule:
    """One clock of a policy: which events start, stop and reopen it, and its limit per level in minutes.

    A level that `limits` does not name has no such clock. A level whose limit is
    None counts to the time promised by `promise` (event name, payload field),
    e.g. the end of the agreed window, `lead_minutes` before it. `since` names the
    payload field of the start event that holds the true beginning, where a thing
    is written down only after it has begun. A clock that `rests` does not count
    the time between its stop and its reopening.
    `only` says for which tickets it runs: {"kind": {...}, "channel": {...}, "port": {...}}.
    """

    key: str
    kind: str
    label: str
    start: frozenset[str]
    stop: frozenset[str]
    reopen: frozenset[str]
    limits: Mapping[int, int | None]
    calendar: Mapping[int, str]
    promise: tuple[str, str] | None
    lead_minutes: int
    since: str | None
    rests: bool
    pausable: bool
    warn: tuple[int, ...]
    grace_minutes: int | None
    # (percent of the limit, code of the role that is told then), rising.
    escalate: tuple[tuple[int, str], ...]
    only: Mapping[str, frozenset[str]]

    @cached_property
    def points(self) -> tuple[int, ...]:
        """The percents of the limit at which the watcher has to look, rising; 100 is the breach (SL-05)."""
        return tuple(sorted({*self.warn, BREACH, *(at for at, _ in self.escalate)}))

    def fits(self, traits: Mapping[str, str]) -> bool:
        """Whether a ticket with these traits has this clock."""
        return all(traits.get(name) in allowed for name, allowed in self.only.items())


@dataclass(frozen=True)
class Fact:
    """An event as the clocks see it."""

    name: str
    at: datetime
    round: int
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Reading:
    """What one clock of one round says; what cannot be compared explains it and is not stored."""

    kind: str
    rule: str
    round: int
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    paused_at: datetime | None
    paused_seconds: int
    limit_minutes: int | None
    # The moments of `Rule.points`, one for each; empty while there is no limit.
    looks: list[datetime]
    source: Rule = field(compare=False, repr=False)
    started_by: str = field(compare=False)
    stopped_by: str = field(compare=False)
    pauses: tuple[tuple[datetime, datetime], ...] = field(compare=False)

    def breached(self, now: datetime) -> bool:
        """Whether the limit passed before the clock stopped; a paused clock does not breach."""
        if self.due_at is None:
            return False
        end = self.stopped_at or self.paused_at or now
        return end > self.due_at


def parse_rules(policy: Mapping[str, Any]) -> list[Rule]:
    """The rules of a policy version's JSON (tickets.models.PolicyVersion.rules)."""
    return [_rule(key, spec) for key, spec in policy["clocks"].items()]


def _rule(key: str, spec: Mapping[str, Any]) -> Rule:
    return Rule(
        key=key,
        # "contact:complaint" is the contact clock of complaints.
        kind=key.partition(":")[0],
        label=spec["label"],
        start=frozenset(spec["start"]),
        stop=frozenset(spec["stop"]),
        reopen=frozenset(spec.get("reopen", ())),
        limits={int(level): limit for level, limit in spec["limits"].items() if limit != NO_CLOCK},
        calendar=_calendars(spec.get("calendar", "always")),
        promise=tuple(spec["promise"]) if spec.get("promise") else None,
        lead_minutes=spec.get("lead_minutes", 0),
        since=spec.get("since"),
        rests=spec.get("rests", False),
        pausable=spec.get("pausable", True),
        warn=tuple(spec.get("warn", (50, 80))),
        grace_minutes=spec.get("grace_minutes"),
        escalate=tuple((step["at"], step["to"]) for step in spec["escalate"])
        if "escalate" in spec
        else ESCALATE,
        only={name: frozenset(values) for name, values in spec.get("only", {}).items()},
    )


def _calendars(named: str | Mapping[str, str]) -> dict[int, str]:
    """One calendar for all levels, or one for each that is named and around the clock for the others."""
    if isinstance(named, str):
        return dict.fromkeys(range(1, 5), named)
    return dict.fromkeys(range(1, 5), "always") | {int(level): name for level, name in named.items()}


def read(
    rules: Iterable[Rule], facts: Sequence[Fact], calendars: Mapping[str, Calendar] | None = None
) -> list[Reading]:
    """Readings of every clock of every round that has started, in the order of rounds.

    `facts` are in the order they happened. The level of a clock is the last one
    named before it stopped, so a raised level shortens clocks that still run.
    """
    calendars = {"always": ALWAYS} | dict(calendars or {})
    rules = fitting(rules, facts)
    readings = []
    for round_ in sorted({fact.round for fact in facts}):
        before = [fact for fact in facts if fact.round < round_]
        of_round = [fact for fact in facts if fact.round == round_]
        # The event that opens the next round is the one that ends this one.
        ending = next((fact for fact in facts if fact.round == round_ + 1), None)
        level = _level(before)
        for rule in rules:
            if reading := _read_one(rule, of_round, ending, level, calendars):
                readings.append(reading)
    return readings


def fitting(rules: Iterable[Rule], facts: Sequence[Fact]) -> list[Rule]:
    """The rules for a ticket of this kind, channel and port; of one clock the most particular rule alone."""
    traits: dict[str, str] = {}
    for fact in facts:
        if fact.name in OPENINGS:
            traits |= {name: fact.payload[name] for name in TRAITS if name in fact.payload}
    chosen: dict[str, Rule] = {}
    for rule in rules:
        if rule.fits(traits):
            other = chosen.get(rule.kind)
            # The key decides between equals, for the database keeps no order of keys.
            if other is None or (-len(rule.only), rule.key) < (-len(other.only), other.key):
                chosen[rule.kind] = rule
    return list(chosen.values())


def _level(facts: Sequence[Fact]) -> int:
    levels = [fact.payload["level"] for fact in facts if "level" in fact.payload]
    return levels[-1] if levels else 3


def _read_one(
    rule: Rule, facts: Sequence[Fact], ending: Fact | None, level: int, calendars: Mapping[str, Calendar]
) -> Reading | None:
    run = _Run(rule, level)
    for fact in facts:
        run.take(fact)
    if ending is not None:
        run.end(ending)
    if run.started_at is None or run.level not in rule.limits:
        return None
    limit, calendar = rule.limits[run.level], calendars[rule.calendar[run.level]]
    return Reading(
        kind=rule.kind,
        rule=rule.key,
        round=facts[0].round,
        started_at=run.started_at,
        due_at=_moment(run, limit, calendar, BREACH),
        stopped_at=run.stopped_at,
        paused_at=run.paused_at,
        paused_seconds=round(sum(ALWAYS.between(begin, end) for begin, end in run.pauses)),
        limit_minutes=limit,
        looks=[moment for each in rule.points if (moment := _moment(run, limit, calendar, each))],
        source=rule,
        started_by=run.started_by,
        stopped_by=run.stopped_by,
        pauses=tuple(run.pauses),
    )


def _moment(run: "_Run", limit: int | None, calendar: Calendar, percent: int) -> datetime | None:
    """When so many percent of the limit will have passed; at 100 it is due. None without a limit."""
    assert run.started_at is not None
    if limit is not None:
        moment = calendar.add(run.started_at, limit * 60 * percent / 100)
    elif run.promised_at is not None:
        ahead = ALWAYS.between(run.started_at, run.promised_at)
        moment = ALWAYS.add(run.started_at, ahead * percent / 100)
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

    def __init__(self, rule: Rule, level: int):
        self.rule = rule
        self.named_level = self.level = level
        self.started_at: datetime | None = None
        self.stopped_at: datetime | None = None
        self.paused_at: datetime | None = None
        self.promised_at: datetime | None = None
        self.started_by = self.stopped_by = ""
        self.pauses: list[tuple[datetime, datetime]] = []

    def take(self, fact: Fact) -> None:
        self.named_level = fact.payload.get("level", self.named_level)
        if self.started_at is None:
            self._start(fact)
        elif self.stopped_at is not None:
            self._reopen(fact)
        else:
            self._run_on(fact)
        if self.stopped_at is None:
            # What is said of the level after the stop no longer concerns it.
            self.level = self.named_level

    def end(self, fact: Fact) -> None:
        """Take the first event of the next round: it may stop this one's clock, and starts none of it."""
        if self.started_at is not None and self.stopped_at is None:
            self._run_on(fact)

    def _start(self, fact: Fact) -> None:
        if fact.name not in self.rule.start:
            return
        self.level = self.named_level
        self.started_at, self.started_by = fact.at, fact.name
        if self.rule.since and fact.payload.get(self.rule.since):
            # What began is written down by the event that ends it, as a call is by its ticket.
            self.started_at = min(datetime.fromisoformat(fact.payload[self.rule.since]), fact.at)
            if fact.name in self.rule.stop:
                self._stop(fact)

    def _reopen(self, fact: Fact) -> None:
        if fact.name in self.rule.reopen and self.stopped_at is not None:
            if self.rule.rests:
                self.pauses.append((self.stopped_at, fact.at))
            self.stopped_at, self.stopped_by = None, ""

    def _run_on(self, fact: Fact) -> None:
        self._promise(fact)
        if fact.name in self.rule.stop or fact.name in ENDINGS:
            self._stop(fact)
        elif fact.name in PAUSES and self.rule.pausable and self.paused_at is None:
            self.paused_at = fact.at
        elif fact.name in RESUMES:
            self._end_pause(fact.at)

    def _stop(self, fact: Fact) -> None:
        self._end_pause(fact.at)
        self.stopped_at, self.stopped_by = fact.at, fact.name

    def _promise(self, fact: Fact) -> None:
        # The first promise counts: a later window never resets it (SL-04).
        if self.rule.promise is None or self.promised_at is not None:
            return
        name, key = self.rule.promise
        if fact.name == name and fact.payload.get(key):
            promised = datetime.fromisoformat(fact.payload[key])
            self.promised_at = promised - timedelta(minutes=self.rule.lead_minutes)

    def _end_pause(self, at: datetime) -> None:
        if self.paused_at is not None:
            self.pauses.append((self.paused_at, at))
            self.paused_at = None
