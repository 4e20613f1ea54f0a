"""Template tags and filters that every template has without loading them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.template import defaulttags
from django.template.base import FilterExpression, Parser, Token
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import NoReverseMatch
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from core.addresses import address

register = template.Library()

# Colour of a state's badge; what a state is called is the ticket's own affair.
STATE_TONES = {
    "incomplete": "warn",
    "registered": "info",
    "in_review": "info",
    "dispatched": "active",
    "accepted": "active",
    "scheduled": "active",
    "surveying": "active",
    "plan_review": "wait",
    "owner_consent": "wait",
    "repairing": "active",
    "pre_inspection": "wait",
    "owner_acceptance": "wait",
    "completed": "ok",
    "closed": "ok",
    "archived": "neutral",
    "suspended": "paused",
    "deferred": "paused",
    "cancelled": "neutral",
    "merged": "neutral",
    "transferred": "neutral",
    "returned": "warn",
}
CLOCK_TONES = {"ok": "ok", "met": "ok", "running": "ok", "warn": "warn", "breach": "danger", "late": "danger"}
CLOCK_TONES |= {"paused": "paused", "waiting": "neutral", "cancelled": "neutral"}
CLOCK_ICONS = {"ok": "clock", "running": "clock", "met": "check-circle", "warn": "exclamation-triangle"}
CLOCK_ICONS |= {"breach": "exclamation-triangle-fill", "late": "exclamation-circle", "paused": "pause-circle"}
CLOCK_ICONS |= {"cancelled": "slash-circle"}
LEVEL_WORDS = {1: "紧急", 2: "较急", 3: "一般", 4: "预约"}


@register.tag
def icon(parser: Parser, token: Token) -> IconNode:
    """``{% icon name %}`` or ``{% icon name label %}``: one symbol of the sprite."""
    _, *bits = token.split_contents()
    if len(bits) not in (1, 2):
        raise template.TemplateSyntaxError("icon takes the name of a symbol and, at most, a label")
    return IconNode([parser.compile_filter(bit) for bit in bits])


class IconNode(template.Node):
    """Cheaper than a `simple_tag`: pages draw some thirty of them."""

    def __init__(self, values: list[FilterExpression]):
        self.values = values

    def render(self, context: template.Context) -> SafeString:
        return symbol(*(value.resolve(context) for value in self.values))


@lru_cache(maxsize=1024)
def symbol(name: str, label: str = "") -> SafeString:
    """One symbol of the sprite; silent for screen readers unless it carries a label."""
    href = f"{static('vendor/icons/icons.svg')}#{name}"
    if label:
        html = '<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>'
        return format_html(html, label, href)
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', href
    )


@register.tag
def url(parser: Parser, token: Token) -> template.Node:
    """Django's own tag, but for the time it takes where a page is named outright."""
    node = defaulttags.url(parser, token)
    name = node.view_name
    if name.is_var or name.filters or node.kwargs or ":" in name.var:
        return node
    return AddressNode(name.var, node.args, node.asvar)


class AddressNode(template.Node):
    """The address of a page of ours; with a name after `as`, nothing where there is no such page."""

    def __init__(self, name: str, args: list[FilterExpression], variable: str | None):
        self.name, self.args, self.variable = name, args, variable

    def render(self, context: template.Context) -> str:
        values = [value.resolve(context) for value in self.args]
        if self.variable is None:
            return conditional_escape(address(self.name, *values))
        try:
            context[self.variable] = address(self.name, *values)
        except NoReverseMatch:
            context[self.variable] = ""
        return ""


@register.simple_tag
def piece(name: str, **values: Any) -> str:
    """A component that is made of these values alone, drawn once and remembered by them.

    ``{% piece "badge" label=words tone="warn" %}`` is ``{% include "components/badge.html" with ... only %}``
    for pages that show it many times; the path of another template may stand for the name. Nothing
    drawn in it may depend on anything else, such as what day it is.
    """
    return _piece(name if "/" in name else f"components/{name}.html", tuple(values.items()))


@lru_cache(maxsize=4096, typed=True)
def _piece(name: str, values: tuple[tuple[str, Any], ...]) -> str:
    return render_to_string(name, dict(values))


@register.filter
def mask_phone(value: Any) -> str:
    """Hide the middle of a phone number: 138****8000, 010-****5678."""
    text = str(value or "")
    if len(text) < 8:
        return "*" * len(text)
    head = text[: text.index("-") + 1] if "-" in text else text[:3]
    return f"{head}****{text[-4:]}"


def _day(day: date, today: date) -> str:
    near = {0: "今天", -1: "昨天", 1: "明天"}.get((day - today).days)
    return near or _date(day, today)


def _date(day: date, today: date) -> str:
    words = f"{day.month}月{day.day}日"
    return words if day.year == today.year else f"{day.year}年{words}"


def dated(value: datetime | date | None) -> str:
    """A moment for what is kept: 3月5日 10:02 on any day; ``when`` is for pages, read as they are made.

    A message or an event that said 今天 would be wrong the next morning.
    """
    return _worded(value, _date)


@register.filter
def when(value: datetime | date | None) -> str:
    """A moment as people say it: 今天 10:02, 昨天 10:02, 3月5日 10:02; a date without the time."""
    return _worded(value, _day)


@register.filter
def in_full(value: datetime | date | None) -> str:
    """A moment for paper: 2026年3月5日 10:02; a date without the time."""
    return _worded(value, lambda day, today: f"{day.year}年{day.month}月{day.day}日")


def _worded(value: datetime | date | None, name: Callable[[date, date], str]) -> str:
    if not value:
        return ""
    # As Django's `localtime`, which asks for the zone of the thread each time.
    zone = timezone.get_default_timezone()
    today = datetime.now(zone).date()
    if isinstance(value, datetime):
        local = value.astimezone(zone) if value.tzinfo else value
        return f"{name(local.date(), today)} {local.hour:02}:{local.minute:02}"
    return name(value, today)


@register.simple_tag
def time(value: datetime | None) -> SafeString | str:
    """The same words as ``when`` in a <time> element whose title is exact; paper shows that."""
    if not value:
        return ""
    local = value.astimezone(timezone.get_default_timezone())
    html = '<time datetime="{}" title="{}">{}</time>'
    exact = f"{in_full(local)}:{local.second:02}"
    return format_html(html, local.isoformat(timespec="seconds"), exact, when(value))


@register.filter
def minutes(value: timedelta | float | None) -> str:
    """A span of time (minutes or timedelta) in words: 45分, 2小时5分, 3天4小时; without its sign."""
    if value is None or value == "":
        return ""
    total = value.total_seconds() / 60 if isinstance(value, timedelta) else float(value)
    whole = int(abs(total))
    days, rest = divmod(whole, 24 * 60)
    hours, mins = divmod(rest, 60)
    if days:
        return f"{days}天{hours}小时" if hours else f"{days}天"
    if hours:
        return f"{hours}小时{mins}分" if mins else f"{hours}小时"
    return f"{mins}分" if mins else "不到1分"


@register.filter
def state_tone(state: Any) -> str:
    """The tone of a ticket state's badge."""
    return STATE_TONES.get(str(state), "neutral")


@register.filter
def clock_tone(state: Any) -> str:
    """The tone of a clock's state: ok, warn, danger, paused or neutral."""
    return CLOCK_TONES.get(str(state), "neutral")


@register.filter
def clock_icon(state: Any) -> str:
    return CLOCK_ICONS.get(str(state), "clock")


@register.filter
def level_word(level: Any) -> str:
    """What a level of urgency is called: 1 is 紧急."""
    return LEVEL_WORDS.get(int(level), "") if str(level).isdigit() else ""


@register.filter
def percent(value: float, total: float) -> int:
    """How much of the total, as a whole number from 0 to 100."""
    return max(0, min(100, round(100 * float(value) / float(total)))) if total else 0


@register.filter
def beside(values: Iterable[Any], others: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Two lists walked side by side: cells with their columns."""
    return list(zip(values, others, strict=False))


@register.inclusion_tag("components/sparkline.html")
def spark_bars(values: Iterable[float], label: str, width: int = 120, height: int = 28) -> dict[str, Any]:
    """A row of bars drawn on the server; ``label`` is what a screen reader says."""
    numbers = [max(0.0, float(value)) for value in values]
    top = max(numbers, default=0) or 1
    step = width / max(1, len(numbers))
    bars = [
        {
            "x": round(index * step, 2),
            "y": round(height - max(1, number / top * height), 2),
            "width": round(max(1, step - 2), 2),
            "height": round(max(1, number / top * height), 2),
            "value": f"{number:g}",
            "last": index == len(numbers) - 1,
        }
        for index, number in enumerate(numbers)
    ]
    return {"bars": bars, "label": label, "width": width, "height": height}
