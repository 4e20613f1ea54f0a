"""What a policy says of visits: how early is on time, closed doors, who is rung how (DI-04, DI-05, DI-07).

Data of the policy a ticket was accepted under, beside its clocks: `"visits": {"early_minutes": 5,
"closed_doors": 3, "rest_minutes": 1440, "owner_calls": "hotline", "sms_levels": [1, 2],
"manager_minutes": {"1": 120, …}}`. What a policy does not name is as below.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

WORKER, HOTLINE = "worker", "hotline"
EARLY, CLOSED = 5, 3
# A day: an owner who is out in the morning can be reached in the evening. No source says how long; the
# clocks of somebody who is never rung again must not rest for ever.
REST = 24 * 60
# Of these levels a worker hears by SMS as well: an inbox is read when somebody looks.
SMS_LEVELS = (1, 2)
MANAGER = {1: 120, 2: 480, 3: 1440, 4: 1440}
KEYS = {"early_minutes", "closed_doors", "owner_calls", "manager_minutes", "rest_minutes", "sms_levels"}


@dataclass(frozen=True)
class VisitRules:
    """`early_minutes` before a window are on time; at `closed_doors` visits in vain the housekeeper is asked.

    `rest_minutes`: how long the clocks rest at most after a closed door (`tickets.rests`).
    `sms_levels`: at which levels a worker is told of a dispatch by SMS too.
    `owner_calls`: whether owners get the worker's own number or the hotline; `manager_minutes`: by level,
    until when the manager has been to a 二次返修.
    """

    early_minutes: int = EARLY
    closed_doors: int = CLOSED
    rest_minutes: int = REST
    sms_levels: Sequence[int] = SMS_LEVELS
    owner_calls: str = WORKER
    manager_minutes: Mapping[int, int] = field(default_factory=lambda: MANAGER)


def read(policy: Mapping[str, Any]) -> VisitRules:
    """The rules for visits of a policy's JSON (tickets.models.PolicyVersion.rules)."""
    named = policy.get("visits", {})
    limits = MANAGER | {int(level): minutes for level, minutes in named.get("manager_minutes", {}).items()}
    return VisitRules(
        early_minutes=named.get("early_minutes", EARLY),
        closed_doors=named.get("closed_doors", CLOSED),
        rest_minutes=named.get("rest_minutes", REST),
        sms_levels=named.get("sms_levels", SMS_LEVELS),
        owner_calls=named.get("owner_calls", WORKER),
        manager_minutes=limits,
    )


def problems(named: Any) -> Iterator[str]:
    """What is wrong with the part `visits` of a policy, in words for the person who edits it."""
    if named is None:
        return
    if not isinstance(named, dict) or set(named) - KEYS:
        yield f"visits（上门）只能写 {'、'.join(sorted(KEYS))}。"
        return
    if not _is_count(named.get("early_minutes", EARLY), 0, 240):
        yield "visits 的 early_minutes（提前多少分钟算准时）应为 0 至 240 的整数。"
    if not _is_count(named.get("closed_doors", CLOSED), 1, 20):
        yield "visits 的 closed_doors（几次上门无人转管家）应为 1 至 20 的整数。"
    if not _is_count(named.get("rest_minutes", REST), 1, 30 * 24 * 60):
        yield "visits 的 rest_minutes（上门无人后时限最多暂停多少分钟）应为 1 至 43200 的整数。"
    levels = named.get("sms_levels", [])
    if not isinstance(levels, list) or not all(_is_count(level, 1, 4) for level in levels):
        yield "visits 的 sms_levels（派单时另发短信给师傅的级别）应为 1 至 4 的列表，例如 [1, 2]，[] 为不发。"
    if named.get("owner_calls", WORKER) not in (WORKER, HOTLINE):
        yield 'visits 的 owner_calls（业主看到的电话）只能是 "worker"（师傅）或 "hotline"（服务热线）。'
    limits = named.get("manager_minutes", {})
    if not isinstance(limits, dict) or set(limits) - set("1234"):
        yield "visits 的 manager_minutes（经理上门时限）应按 1 至 4 级写明分钟数。"
    elif not all(_is_count(minutes, 1, 366 * 24 * 60) for minutes in limits.values()):
        yield "visits 的 manager_minutes（经理上门时限）应为整数分钟。"


def _is_count(value: Any, least: int, most: int) -> bool:
    # True is an int in Python, but no number of anything.
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
