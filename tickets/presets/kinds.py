"""Clocks of the kinds, laid over every shipped policy (IN-11, SL-06; domain.md §7.2, §8)."""

from typing import Any

from tickets import kinds

MINUTES_PER_DAY = 1440
# The clocks of work on site belong to kinds that are sent to somebody.
ON_SITE = (
    *("relay", "dispatch", "contact", "arrive", "contain", "plan"),
    *("complete", "report_back", "inspect"),
)
OPENED = ["register", "complete_details", "fail_follow_up"]


def _levels(first: int, others: int) -> dict[str, int]:
    return {"1": first, "2": others, "3": others, "4": others}


CLOCKS: dict[str, dict[str, Any]] = {
    # Safety at once, service quality within twelve hours; safety is level 1 by rule.
    "contact:complaint": {
        "label": "联系核实",
        "start": OPENED,
        "stop": ["contact_caller", "reply"],
        "limits": _levels(15, 720),
        "only": {"kind": ["complaint"]},
    },
    "reply:complaint": {
        "label": "投诉答复",
        "start": OPENED,
        "stop": ["reply"],
        "limits": _levels(MINUTES_PER_DAY, 3 * MINUTES_PER_DAY),
        "only": {"kind": ["complaint"]},
    },
    # A complaint is called about as a repair is, and nobody signs before.
    "follow_up:complaint": {
        "label": "回访",
        "start": ["reply"],
        "stop": ["close", "fail_follow_up"],
        "limits": _levels(MINUTES_PER_DAY, MINUTES_PER_DAY),
        "only": {"kind": ["complaint"]},
        "grace_minutes": 2 * MINUTES_PER_DAY,
        "pausable": False,
        "warn": [80],
        "escalate": [
            {"at": 100, "to": "supervisor"},
            {"at": 150, "to": "manager"},
            {"at": 200, "to": "director"},
        ],
    },
    "reply:consultation": {
        "label": "咨询答复",
        "start": OPENED,
        "stop": ["reply"],
        "limits": _levels(2 * MINUTES_PER_DAY, 2 * MINUTES_PER_DAY),
        "only": {"kind": ["consultation"]},
    },
    "reply:suggestion": {
        "label": "建议答复",
        "start": OPENED,
        "stop": ["reply"],
        "calendar": "working",
        # Five working days of eight hours.
        "limits": _levels(5 * 480, 5 * 480),
        "only": {"kind": ["suggestion"]},
    },
    "answer": {
        "label": "事故答复",
        "start": ["raise_accident"],
        "stop": ["answer_accident", "lower_class"],
        "limits": _levels(2 * MINUTES_PER_DAY, 2 * MINUTES_PER_DAY),
        "pausable": False,
        "warn": [50, 80],
        "escalate": [{"at": 100, "to": "director"}],
    },
    "solve": {
        "label": "事故解决",
        "start": ["raise_accident"],
        "stop": ["pass_acceptance", "reply", "lower_class"],
        "limits": _levels(10 * MINUTES_PER_DAY, 10 * MINUTES_PER_DAY),
        "pausable": False,
        "warn": [50, 80],
        "escalate": [{"at": 100, "to": "director"}],
    },
}


def with_kinds(rules: dict[str, Any]) -> dict[str, Any]:
    """A policy's rules with the clocks of every kind; what the policy says itself stays."""
    clocks = {key: dict(spec) for key, spec in rules["clocks"].items()}
    for key, spec in clocks.items():
        if key.partition(":")[0] in ON_SITE and "kind" not in spec.get("only", {}):
            spec["only"] = spec.get("only", {}) | {"kind": [str(kind.value) for kind in kinds.SENT]}
    for key, spec in CLOCKS.items():
        clocks.setdefault(key, spec)
    return rules | {"clocks": clocks}
