"""What an event's payload tells people, as pairs of name and value."""

from collections.abc import Callable, Mapping
from typing import Any

from tickets import kinds, pausing
from tickets.delays import Cause
from tickets.models import Class, Clock, TicketEvent

Payload = Mapping[str, Any]
Pairs = list[tuple[str, str]]


def changes(event: TicketEvent) -> Pairs:
    """Name and value of everything in the payload that people read, in the order of `SAYINGS`."""
    found: Pairs = []
    for name, say in SAYINGS:
        value = event.payload.get(name)
        # A decision is told, be it a no; of all else only what there is.
        if value or (name in DECISIONS and value is not None):
            found += say(value, event.payload)
    if event.payload.get("times"):
        found.append(("再次来电" if event.name == "repeat_call" else "催单", f"第{event.payload['times']}次"))
    return found


def _plain(label: str) -> Callable[[Any, Payload], Pairs]:
    return lambda value, payload: [(label, value)]


def _shaped(label: str, shape: str) -> Callable[[Any, Payload], Pairs]:
    return lambda value, payload: [(label, shape.format(value))]


def _decided(yes: str, no: str) -> Callable[[Any, Payload], Pairs]:
    return lambda value, payload: [("审批", yes if value else no)]


def _pause(value: Any, payload: Payload) -> Pairs:
    return [("挂起类型", pausing.label(payload))]


def _cover(value: Any, payload: Payload) -> Pairs:
    return [("保修", f"系统判断{value}，工程师改判{payload['covered']}")]


def _delay(value: Any, payload: Payload) -> Pairs:
    if value not in Cause.values:
        return []
    clock = dict(Clock.Kind.choices).get(payload.get("clock"), "")
    return [("时限", clock), ("原因类别", Cause(value).label)]


def _level(value: Any, payload: Payload) -> Pairs:
    return [("级别", f"{payload['from']}级 → {value}级")] if "from" in payload else []


def _class(value: Any, payload: Payload) -> Pairs:
    return [("类别", f"{Class(payload['class_from']).label} → {Class(value).label}")]


def _filled(value: Any, payload: Payload) -> Pairs:
    """What was filled in, by the names of the sheet's questions."""
    asks = {
        ask.name: ask for policy in kinds.POLICIES.values() for sheet in policy.sheets for ask in sheet.asks
    }
    return [
        (asks[name].label, asks[name].words(value))
        for name, value in payload["details"].items()
        if name in asks
    ]


DECISIONS = {"granted", "approved"}
# By field of the payload, in the order in which a page tells of them.
SAYINGS: list[tuple[str, Callable[[Any, Payload], Pairs]]] = [
    ("worker", _plain("维修人员")),
    ("window", _plain("时段")),
    ("pause", _pause),
    ("called", _plain("已联系")),
    ("people", _plain("参加人")),
    ("party", _plain("责任")),
    ("trade", _plain("专业")),
    ("machine", _cover),
    ("stars", _shaped("评价", "{}星")),
    ("repeat_of", _shaped("二次返修", "原单 {}")),
    ("said_repaired", _shaped("业主说", "已修过")),
    ("caller", _plain("来电人")),
    ("applicant", _plain("申请人")),
    ("consent", lambda value, payload: [("录音同意人", value["by"])]),
    ("follower", _plain("跟进人")),
    ("case_title", _plain("案件")),
    ("coordination_number", _plain("协作单")),
    ("missing", lambda value, payload: [("待补充", "、".join(value))]),
    ("withdrawn", lambda value, payload: [("取消", "业主自己要求")]),
    ("cause", _delay),
    ("level", _level),
    ("class", _class),
    ("granted", _decided("同意延期", "不同意延期")),
    ("approved", _decided("批准", "退回")),
    ("sheet", _filled),
    ("evidence", lambda value, payload: [("附件", f"{len(value)}个")]),
]
