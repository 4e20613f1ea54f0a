"""What several policies in force ask of one ticket together (SL-02, domain.md §8.1).

Pure. The order of the rules: nothing may relax a limit of the law or of a contract; a published
promise goes before an internal target; the most particular scope goes before a wider one; of two
with the same scope the stricter limit counts; peak mode may lengthen internal limits of levels 3
and 4 alone. Every limit that is not the leading policy's own is written down with its reason.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tickets.clocks import NO_CLOCK
from tickets.models import PolicySet, PolicyVersion

Limit = int | str | None
Clocks = dict[str, dict[str, Any]]
Nature = PolicySet.Nature
# Levels that peak mode may relax.
RELAXABLE = ("3", "4")
WHY = {
    "equal": "同级策略不一致，取更严",
    "peak": "高峰或灾害模式放宽",
    "promise": "已公开承诺优先",
    "floor": "不得低于法定或合同底线",
}


class NothingLeads(ValueError):
    """None of the policies could lead: there is neither an internal target nor a promise."""


@dataclass(frozen=True)
class Change:
    """A limit that another policy than the leading one decided; limits are minutes, None by appointment."""

    clock: str
    label: str
    level: str
    before: Limit
    after: Limit
    rule: str
    source: str

    def as_json(self) -> dict[str, Any]:
        """For PolicyVersion.settlement."""
        return vars(self)


@dataclass
class Settlement:
    """The leading version, the rules that hold, and how it came to that.

    `verdicts` says for each version, in the order given, why it counts or does not.
    """

    leader: PolicyVersion
    clocks: Clocks
    changes: list[Change] = field(default_factory=list)
    verdicts: dict[int, str] = field(default_factory=dict)

    @property
    def rules(self) -> dict[str, Any]:
        """As PolicyVersion.rules."""
        return {**self.leader.rules, "clocks": self.clocks}


def settle(versions: Sequence[PolicyVersion]) -> Settlement:
    """Settle what these versions ask, one for each set in force, with `policy` loaded.

    Raises NothingLeads.
    """
    # The most particular first; of equals the newest, then by code.
    ordered = sorted(versions, key=lambda each: each.policy.code)
    ordered.sort(key=lambda each: (each.policy.scope, each.valid_from, each.number), reverse=True)
    of = {nature: [each for each in ordered if each.policy.nature == nature] for nature in Nature}
    leaders = of[Nature.INTERNAL] or of[Nature.PROMISE]
    if not leaders:
        raise NothingLeads
    leader = leaders[0]
    work = _Work(Settlement(leader, leader.rules["clocks"]))
    work.say(leader, "主用：范围最具体的策略")
    for each in of[Nature.INTERNAL]:
        if each is not leader:
            work.internal(each)
    for each in of[Nature.PEAK]:
        work.peak(each)
    # The most particular promise has the last word.
    for each in reversed([each for each in of[Nature.PROMISE] if each is not leader]):
        work.promise(each)
    for each in of[Nature.FLOOR]:
        work.floor(each)
    return work.result


def stricter(one: Limit, other: Limit) -> Limit:
    """The stricter of two limits: fewer minutes, then the agreed time, then none at all."""
    return min(one, other, key=_rank)


def _rank(limit: Limit) -> tuple[int, int]:
    if isinstance(limit, int):
        return 0, limit
    return (1, 0) if limit is None else (2, 0)


class _Work:
    def __init__(self, result: Settlement):
        self.result = result
        self.owned = False
        self.promised: dict[str, int] = {}

    def say(self, version: PolicyVersion, verdict: str) -> None:
        self.result.verdicts[version.pk] = verdict

    def internal(self, version: PolicyVersion) -> None:
        if version.policy.scope < self.result.leader.policy.scope:
            self.say(version, "未采用：有范围更具体的策略")
            return
        self.say(version, "参与裁决：与主用策略范围相同，逐项取更严")
        self._tighten(version, "equal")

    def peak(self, version: PolicyVersion) -> None:
        """Lengthen internal limits of levels 3 and 4."""
        self.say(version, f"参与裁决：{WHY['peak']}（仅 3、4 级），至 {version.valid_to:%Y-%m-%d}")
        for key, spec in version.rules["clocks"].items():
            for level in RELAXABLE:
                ours = self.result.clocks.get(key, {}).get("limits", {}).get(level, NO_CLOCK)
                longer = spec["limits"][level]
                if isinstance(ours, int) and isinstance(longer, int) and longer > ours:
                    self._set(key, level, longer, "peak", version)

    def promise(self, version: PolicyVersion) -> None:
        """What is published counts, be it stricter or not; of equals the stricter."""
        self.say(version, f"参与裁决：{WHY['promise']}")
        for key, spec in version.rules["clocks"].items():
            same = self.promised.get(key) == version.policy.scope
            self.promised[key] = version.policy.scope
            self._add(key, spec)
            for level, limit in spec["limits"].items():
                ours = self.result.clocks[key]["limits"][level]
                after = stricter(ours, limit) if same else limit
                self._set(key, level, after, "promise", version, spec)

    def floor(self, version: PolicyVersion) -> None:
        """No limit may be longer than what the law or a contract asks."""
        self.say(version, f"参与裁决：{WHY['floor']}")
        self._tighten(version, "floor")

    def _tighten(self, version: PolicyVersion, why: str) -> None:
        for key, spec in version.rules["clocks"].items():
            self._add(key, spec)
            for ours in self._alike(key, spec):
                for level, limit in spec["limits"].items():
                    before = self.result.clocks[ours]["limits"][level]
                    self._set(ours, level, stricter(before, limit), why, version, spec)

    def _alike(self, key: str, spec: Mapping[str, Any]) -> list[str]:
        """Our rules that this one concerns: for all tickets, every variant of the clock."""
        if spec.get("only"):
            return [key]
        return [each for each in self.result.clocks if each.partition(":")[0] == key]

    def _add(self, key: str, spec: Mapping[str, Any]) -> None:
        """A clock that the leading policy does not know begins without limits."""
        if key not in self.result.clocks:
            self._own()
            self.result.clocks[key] = dict(spec) | {"limits": dict.fromkeys(spec["limits"], NO_CLOCK)}

    def _set(
        self,
        key: str,
        level: str,
        after: Limit,
        why: str,
        version: PolicyVersion,
        spec: Mapping[str, Any] | None = None,
    ) -> None:
        clock = self.result.clocks[key]
        before = clock["limits"][level]
        if before == after:
            return
        self._own()
        clock = self.result.clocks[key]
        clock["limits"][level] = after
        if spec is not None:
            # Minutes mean what the calendar beside them says.
            clock["calendar"] = _calendar(clock) | {level: _calendar(spec)[level]}
        change = Change(key, clock["label"], level, before, after, why, str(version))
        self.result.changes.append(change)

    def _own(self) -> None:
        # The leading version's JSON is its own; most settlements change nothing and copy nothing.
        if not self.owned:
            self.result.clocks = copy.deepcopy(self.result.clocks)
            self.owned = True


def _calendar(spec: Mapping[str, Any]) -> dict[str, str]:
    named = spec.get("calendar", "always")
    if isinstance(named, str):
        return dict.fromkeys(spec["limits"], named)
    return dict.fromkeys(spec["limits"], "always") | named
