"""The limits of a policy version as a table that people fill in, over the JSON that is kept (SL-02)."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django import forms

from tickets.admin.policy_pages import ONLY, limit_rows, limit_words
from tickets.clock_lines import ORDER
from tickets.clocks import NO_CLOCK
from tickets.settlement import Limit

LEVELS = ("1", "2", "3", "4")
KEPT = "kept"
WORDS: dict[str, Limit] = {"按约定": None, "约定": None, "不计": NO_CLOCK, "不计时": NO_CLOCK}
_NUMBER = r"(\d{1,6}(?:\.\d{1,2})?)"
_SPAN = re.compile(rf"(?:{_NUMBER}[天日])?(?:{_NUMBER}(?:个?小时|时))?(?:(\d{{1,6}})(?:分钟?)?)?", re.ASCII)
MINUTES = (24 * 60, 60, 1)


def read_limit(typed: str, *, working: bool = False) -> Limit:
    """15, 15 分钟, 2 小时 5 分, 3 天, 按约定, 不计 as a limit; what means nothing is returned as typed.

    A day of working time is no fixed number of minutes, so that days are not read where it counts.
    """
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", typed))
    if text in WORDS:
        return WORDS[text]
    found = _SPAN.fullmatch(text)
    if not found or not text or (working and found[1]):
        return typed
    minutes = sum(Decimal(part or 0) * each for part, each in zip(found.groups(), MINUTES, strict=True))
    return int(minutes) if minutes == int(minutes) else typed


def unread_limits(rules: Any) -> list[str]:
    """A sentence for each limit that is text but no word the table knows."""
    return [
        f"{spec['label']} {level}级：看不懂“{limit}”。请写分钟数、“2 小时”、“按约定”或“不计”。"
        for spec in _clocks(rules).values()
        for level, limit in sorted(spec["limits"].items())
        if _unread(limit)
    ]


class LimitsEditor(forms.Textarea):
    """A row for each clock, a cell for each level; the rest of the rules stays in the JSON beneath.

    A cell that was changed goes before the JSON; a row that was unticked is left out.
    """

    template_name = "admin/tickets/policyset/_edit_limits.html"

    def get_context(self, name: str, value: Any, attrs: Mapping[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rules = _parsed(value)
        clocks = _clocks(rules)
        context["widget"] |= {"rows": [], "was": "{}"}
        if clocks:
            context["widget"]["value"] = json.dumps(rules, ensure_ascii=False, indent=1)
            context["widget"]["rows"] = list(_rows(name, clocks))
            context["widget"]["was"] = json.dumps({key: spec["limits"] for key, spec in clocks.items()})
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        text = super().value_from_datadict(data, files, name)
        rules, was = _parsed(text), _parsed(data.get(f"{name}-was"))
        if not _clocks(rules) or not isinstance(was, dict):
            return text
        for key, limits in was.items():
            if key in rules["clocks"] and isinstance(limits, dict):
                _overlay(rules["clocks"], key, limits, data, name)
        return json.dumps(rules, ensure_ascii=False)


def _overlay(clocks: dict[str, Any], key: str, was: Mapping[str, Limit], data: Any, name: str) -> None:
    """Write over a clock's limits those cells that no longer say what they said."""
    if data.get(_cell(name, key, KEPT)) is None:
        del clocks[key]
        return
    cells = {level: data.get(_cell(name, key, level)) for level in LEVELS}
    calendar = clocks[key].get("calendar", "always")
    for level, cell in cells.items():
        if cell is None or cell.strip() == _words(was.get(level)):
            continue
        working = (calendar if isinstance(calendar, str) else calendar.get(level)) == "working"
        clocks[key]["limits"][level] = read_limit(cell.strip(), working=working)


def _rows(name: str, clocks: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of the table that is read elsewhere, each cell with its name and what it says."""
    # Its words are made below: these limits may be what somebody mistyped.
    blank = {key: spec | {"limits": dict.fromkeys(LEVELS)} for key, spec in clocks.items()}
    for row in limit_rows(blank):
        limits = clocks[row["key"]]["limits"]
        cells = [
            cell
            | {"name": _cell(name, row["key"], level), "level": level, "words": _words(limits[level])}
            | {"unread": _unread(limits[level])}
            for level, cell in zip(LEVELS, row["cells"], strict=True)
        ]
        yield row | {"cells": cells, "kept": _cell(name, row["key"], KEPT)}


def _unread(limit: Any) -> bool:
    return isinstance(limit, str) and limit != NO_CLOCK


def _words(limit: Any) -> str:
    """As the table shows it; what was typed and means nothing is shown again."""
    if limit is None or limit == NO_CLOCK or type(limit) is int:
        return limit_words(limit)
    return str(limit)


def _cell(name: str, key: str, level: str) -> str:
    return f"{name}-{key}-{level}"


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return None


def _clocks(rules: Any) -> dict[str, Any]:
    """The clocks of rules that are shaped well enough for a table; empty for any other."""
    clocks = rules.get("clocks") if isinstance(rules, dict) else None
    if not isinstance(clocks, dict) or not all(_fits(key, spec) for key, spec in clocks.items()):
        return {}
    return clocks


def _fits(key: str, spec: Any) -> bool:
    if key.partition(":")[0] not in ORDER or not isinstance(spec, dict):
        return False
    only = spec.get("only", {})
    return (
        isinstance(spec.get("label"), str)
        and isinstance(spec.get("limits"), dict)
        and set(spec["limits"]) == set(LEVELS)
        and isinstance(spec.get("calendar", ""), str | dict)
        and isinstance(only, dict)
        and all(name in ONLY and isinstance(values, list) for name, values in only.items())
    )
