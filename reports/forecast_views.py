"""The page of the coming week: what is expected, who is there, and how wrong it was before (SL-08)."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET

from estates.filters import EstateFilter
from estates.models import Estate
from reports import demand, forecast
from reports.views import may_see

WEEKDAYS = "一二三四五六日"
# So many trades of an estate have a row of their own.
TRADES = 8


class OutlookFilter(EstateFilter):
    """One estate, or all of the reader's."""

    def chosen(self) -> list[Estate]:
        """The estates to look ahead for; a foreign or unknown one chooses none."""
        if not self.is_valid():
            return []
        one = self.cleaned_data["estate"]
        return [one] if one else list(self.fields["estate"].queryset)


@require_GET
@may_see
def show(request: HttpRequest) -> HttpResponse:
    """Seven days by estate and trade against the people of the roster."""
    form = OutlookFilter(request.GET, user=request.user)
    found = demand.outlook(form.chosen(), today=localdate())
    peaks = found.peaks()
    tables = _by_estate(found)
    context = {
        "form": form,
        "days": [(day, WEEKDAYS[day.weekday()]) for day in found.days],
        "estates": tables,
        "tight": any(row["cells"][-1]["over"] for table in tables for row in table["rows"]),
        "rostered": {each.pk for each in found.rostered},
        "peaks": [(estate, demand.peak_words(days)) for estate, days in peaks.items()],
        "errors": compared(found.errors),
        "short": found.short,
        "crumbs": [("报表", reverse("reports_home"))],
    }
    return render(request, "reports/forecast.html", context)


def _by_estate(found: demand.Outlook) -> list[dict[str, Any]]:
    """One table for each estate: its busiest trades, the others together, and all of them."""
    weeks: dict[int, list[demand.Week]] = {}
    for week in found.weeks:
        weeks.setdefault(week.estate.pk, []).append(week)
    return [_table(each) for each in weeks.values()]


def _table(weeks: Sequence[demand.Week]) -> dict[str, Any]:
    shown, rest = weeks[:TRADES], weeks[TRADES:]
    rows = [{"trade": week.trade, "cells": _cells([week])} for week in shown]
    if rest:
        rows.append({"trade": f"其他{len(rest)}个工种", "cells": _cells(rest)})
    return {"estate": weeks[0].estate, "rows": rows, "total": _cells(weeks)}


def _cells(weeks: Sequence[demand.Week]) -> list[dict[str, Any]]:
    """The days of these trades together, and the whole week behind them."""
    expected = [sum(day) for day in zip(*(week.expected for week in weeks), strict=True)]
    capacity = [sum(day) for day in zip(*(week.capacity for week in weeks), strict=True)]
    return [
        {"expected": f"{more:.1f}", "capacity": f"{can:.1f}", "over": demand.is_over(more, can)}
        for more, can in zip([*expected, sum(expected)], [*capacity, sum(capacity)], strict=True)
    ]


def compared(errors: forecast.Errors | None) -> dict[str, Any] | None:
    """Both errors beside those of the naive guess: each judged by itself, as rounded on the page (SL-08)."""
    if errors is None:
        return None
    pairs = {
        "总误差率": (errors.wape, errors.naive_wape),
        "日均误差率": (errors.mape, errors.naive_mape),
    }
    kinds = [_judged(name, round(ours * 100), round(guess * 100)) for name, (ours, guess) in pairs.items()]
    return {"days": errors.days, "kinds": kinds, "sentence": _sentence(kinds)}


def _judged(name: str, ours: int, guess: int) -> dict[str, Any]:
    differs = (ours > guess) - (ours < guess)
    word, tone, beside = {
        -1: ("更小", "ok", "比对照小"),
        0: ("相同", "neutral", "与对照相同"),
        1: ("更大", "warn", "比对照大"),
    }[differs]
    return {
        "name": name,
        "ours": f"{ours}%",
        "guess": f"{guess}%",
        "differs": differs,
        "word": word,
        "tone": tone,
        "beside": beside,
    }


def _sentence(kinds: Sequence[dict[str, Any]]) -> str:
    signs = {each["differs"] for each in kinds}
    if len(signs) == 1:
        facts = f"{'和'.join(each['name'] for each in kinds)}都{kinds[0]['beside']}"
    else:
        facts = "，".join(each["name"] + each["beside"] for each in kinds)
    return f"{facts}：{_verdict(signs)}。"


def _verdict(signs: set[int]) -> str:
    if signs == {-1}:
        return "本预测比对照更准"
    if signs == {-1, 0}:
        return "本预测比对照略准"
    if signs == {-1, 1}:
        return "有好有差，请结合经验安排人手"
    worse = "不如对照准" if 1 in signs else "不比对照更准"
    return f"本预测{worse}，请结合经验安排人手"
