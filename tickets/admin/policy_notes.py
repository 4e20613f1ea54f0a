"""What a version of a policy says besides its limits, in words: warnings, pauses, visits (SL-02)."""

from collections.abc import Iterator, Mapping
from typing import Any

from accounts.models import Role
from tickets import pausing, visit_rules
from tickets.clock_lines import ORDER, span
from tickets.clocks import ESCALATE

WARN = (50, 80)
Note = tuple[str, str]


def notes(rules: Mapping[str, Any]) -> list[Note]:
    """Pairs of what is spoken of and what holds; what the rules leave out is told as it then holds."""
    return [*_warnings(rules["clocks"]), *_pauses(rules), *_visits(rules)]


def _warnings(clocks: Mapping[str, Any]) -> Iterator[Note]:
    """Clocks that warn and climb alike in one line."""
    roles = dict(Role.objects.values_list("code", "group__name"))
    alike: dict[str, list[str]] = {}
    for _, spec in sorted(clocks.items(), key=lambda each: (ORDER[each[0].partition(":")[0]], each[0])):
        alike.setdefault(_warned(spec, roles), []).append(spec["label"])
    for words, labels in alike.items():
        yield "、".join(dict.fromkeys(labels)), words


def _warned(spec: Mapping[str, Any], roles: Mapping[str, str]) -> str:
    warn = "、".join(f"{percent}%" for percent in spec.get("warn", WARN))
    steps = [(step["at"], step["to"]) for step in spec["escalate"]] if "escalate" in spec else ESCALATE
    climb = "，".join(f"到 {percent}% 报{roles.get(to, to)}" for percent, to in steps)
    return "；".join([f"到 {warn} 提醒" if warn else "不提醒", climb or "不升级"])


def _pauses(rules: Mapping[str, Any]) -> Iterator[Note]:
    found = pausing.reasons(rules).values()
    yield "可以暂停", "、".join(f"{each.label}（须证明）" if each.evidence else each.label for each in found)


def _visits(rules: Mapping[str, Any]) -> Iterator[Note]:
    found = visit_rules.read(rules)
    levels = "、".join(f"{level}级" for level in found.sms_levels)
    rung = "服务热线" if found.owner_calls == visit_rules.HOTLINE else "师傅本人的电话"
    yield "上门准时", f"预约时段前 {found.early_minutes} 分钟起算准时"
    yield "上门无人", f"最多暂停 {span(found.rest_minutes)}，{found.closed_doors} 次后转管家"
    yield "通知", f"派单时短信通知师傅：{levels or '不发'}；业主看到{rung}"
    manager = "，".join(
        f"{level}级 {span(minutes)}" for level, minutes in sorted(found.manager_minutes.items())
    )
    yield "二次返修经理上门", manager
