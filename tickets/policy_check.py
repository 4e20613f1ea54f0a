"""Whether the rules of a policy can be used, in words for the person who edits them (SL-02)."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from tickets import pausing, visit_rules
from tickets.clocks import BREACH, NO_CLOCK, TRAITS, parse_rules
from tickets.models import Channel, Clock, Kind, Port, Ticket
from tickets.workflow import NOTES

# What opens a ticket is no step of the machine and no note.
OPENINGS = {"register", "save_incomplete"}
PARTS = {"clocks", "pauses", "visits"}
LEVELS = {"1", "2", "3", "4"}
KEYS = {
    *("label", "start", "stop", "reopen", "rests", "since", "limits", "calendar"),
    *("promise", "lead_minutes", "pausable", "warn", "grace_minutes", "escalate", "only"),
}
LONGEST = 366 * 24 * 60
CALENDARS = ("always", "working")
# What `only` may name, with the values it may have.
ONLY = {"kind": Kind.values, "channel": Channel.values, "port": Port.values}
# Up to ten times the limit; beyond it nobody would call it an escalation.
HIGHEST = 1000
# A payload field that holds when a thing truly began.
MOMENTS = ("started_at", "ended_at")


def problems(rules: Any) -> list[str]:
    """What is wrong with a policy version's JSON; empty when tickets can be registered under it."""
    if not isinstance(rules, dict) or not isinstance(rules.get("clocks"), dict) or set(rules) - PARTS:
        return ['最外层应为 {"clocks": {…}}，可以另有 "pauses"（暂停原因）和 "visits"（上门）。']
    if not rules["clocks"]:
        return ["至少要有一个时钟。"]
    found = [
        f"时钟“{kind}”：{problem}"
        for kind, spec in rules["clocks"].items()
        for problem in _of_clock(kind, spec)
    ]
    found += _pauses(rules.get("pauses"))
    found += visit_rules.problems(rules.get("visits"))
    found = found or list(_variants(rules["clocks"]))
    if not found:
        parse_rules(rules)
    return found


def event_names() -> set[str]:
    """Every event that a clock may start or stop at."""
    steps = {each.name for each in Ticket().get_all_status_transitions()}
    return steps | set(NOTES) | OPENINGS


def _variants(specs: dict[str, Any]) -> Iterator[str]:
    """Rules of one clock of which nobody could say which one a ticket has."""
    for (key, one), (other_key, other) in combinations(sorted(specs.items()), 2):
        only, other_only = one.get("only", {}), other.get("only", {})
        if key.partition(":")[0] != other_key.partition(":")[0] or len(only) != len(other_only):
            continue
        if all(set(only.get(name, ONLY[name])) & set(other_only.get(name, ONLY[name])) for name in TRAITS):
            yield f"时钟“{key}”与“{other_key}”适用的工单重叠，请用 only 区分。"


def _of_clock(key: str, spec: Any) -> Iterator[str]:
    kind, _, variant = key.partition(":")
    if ":" in key and not variant.strip():
        yield "冒号后要写变体名称，例如 contact:complaint。"
    if kind not in Clock.Kind.values:
        yield f"没有这种时钟，可用的有 {'、'.join(Clock.Kind.values)}。"
    if not isinstance(spec, dict):
        yield "应为 {…}。"
        return
    if unknown := sorted(set(spec) - KEYS):
        yield f"不认识的项目 {'、'.join(unknown)}。"
    if not isinstance(spec.get("label"), str) or not spec["label"].strip():
        yield "缺少名称 label。"
    yield from _events(spec)
    yield from _limits(spec.get("limits"))
    yield from _details(spec)
    yield from _only(spec.get("only", {}))


def _events(spec: dict[str, Any]) -> Iterator[str]:
    for key, needed in (("start", True), ("stop", True), ("reopen", False)):
        names = spec.get(key, [])
        if not isinstance(names, list) or (needed and not names):
            yield f"{key} 应为事件名称的列表{'，至少一个' if needed else ''}。"
        elif unknown := [str(name) for name in names if name not in event_names()]:
            yield f"{key} 中没有这样的事件：{'、'.join(unknown)}。"


def _limits(limits: Any) -> Iterator[str]:
    if not isinstance(limits, dict) or set(limits) != LEVELS:
        yield "limits 应写明 1 至 4 级的分钟数。"
        return
    for level, minutes in limits.items():
        if minutes is not None and minutes != NO_CLOCK and not _is_count(minutes, LONGEST):
            yield f'{level} 级时限应为 1 至 {LONGEST} 的整数分钟，或 null（按约定时间）、"none"（不计时）。'


def _details(spec: dict[str, Any]) -> Iterator[str]:
    if not _is_calendar(spec.get("calendar", "always")):
        yield "calendar 只能是 always（全天）或 working（工作时间），或按级别写明。"
    for name in ("pausable", "rests"):
        if not isinstance(spec.get(name, True), bool):
            yield f"{name} 只能是 true 或 false。"
    if spec.get("since") is not None and spec["since"] not in MOMENTS:
        yield f"since 只能是 {'、'.join(MOMENTS)}。"
    warn = spec.get("warn", [])
    if not isinstance(warn, list) or not all(_is_count(percent, 99) for percent in warn):
        yield "warn 应为 1 至 99 的百分数列表，例如 [50, 80]。"
    if not _is_ladder(spec.get("escalate", [])):
        yield 'escalate 应为 [{"at": 100 至 1000 的百分数, "to": 角色代码}, …]，百分数递增。'
    promise = spec.get("promise")
    if promise is not None and not _is_promise(promise):
        yield 'promise 应为 [事件名称, 内容字段]，例如 ["schedule", "until"]。'
    for name in ("grace_minutes", "lead_minutes"):
        if spec.get(name) is not None and not _is_count(spec[name], LONGEST):
            yield f"{name} 应为 1 至 {LONGEST} 的整数分钟。"


def _pauses(pauses: Any) -> Iterator[str]:
    """The allowed reasons to pause; without them the usual ones hold."""
    if pauses is None:
        return
    if not isinstance(pauses, dict) or not pauses:
        yield 'pauses 应为 {"material": {"label": "等待材料", "evidence": true}}。'
        return
    for code, spec in pauses.items():
        if code not in pausing.REASONS:
            yield f"没有暂停原因“{code}”，可用的有 {'、'.join(pausing.REASONS)}。"
        elif (
            not isinstance(spec, dict)
            or set(spec) - {"label", "evidence", "hint"}
            or not isinstance(spec.get("label"), str)
            or not isinstance(spec.get("evidence", False), bool)
            or not isinstance(spec.get("hint", ""), str)
        ):
            yield f"暂停原因“{code}”应写明 label（名称）、evidence（true 或 false）和 hint（何种证明）。"


def _only(only: Any) -> Iterator[str]:
    if not isinstance(only, dict):
        yield 'only 应为 {"kind": […], "channel": […], "port": […]}。'
        return
    for name, values in only.items():
        if name not in ONLY:
            yield f"only 中没有“{name}”，可用的有 {'、'.join(ONLY)}。"
        elif not isinstance(values, list) or not values:
            yield f"only 的 {name} 应为列表，至少一个。"
        elif unknown := [str(value) for value in values if value not in ONLY[name]]:
            yield f"only 的 {name} 中没有：{'、'.join(unknown)}，可用的有 {'、'.join(ONLY[name])}。"


def _is_count(value: Any, most: int) -> bool:
    # True is an int in Python, but no number of minutes.
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _is_calendar(value: Any) -> bool:
    named = value.values() if isinstance(value, dict) and set(value) <= LEVELS else [value]
    return all(isinstance(each, str) and each in CALENDARS for each in named)


def _is_ladder(value: Any) -> bool:
    if not isinstance(value, list) or not all(
        isinstance(step, dict)
        and set(step) == {"at", "to"}
        and _is_count(step["at"], HIGHEST)
        and step["at"] >= BREACH
        and isinstance(step["to"], str)
        and step["to"]
        for step in value
    ):
        return False
    return [step["at"] for step in value] == sorted({step["at"] for step in value})


def _is_promise(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(each, str) for each in value)
        and value[0] in event_names()
    )
