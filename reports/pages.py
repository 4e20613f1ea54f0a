"""What the report pages show: numbers in words, each with the address of the list behind it."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from estates.models import Estate
from reports.catalogue import BY_SLUG, FIGURES
from reports.channels import PORTS, ChannelLine
from reports.figures import Figure, Kind
from reports.periods import Month
from reports.queries import Measure, Sheet
from reports.workbook import NO_DATA, reached

# The columns of the table by estate; the others stand in the tiles and in the workbook.
IN_TABLE = [figure for figure in FIGURES if figure.slug not in {"left-out", "overdue-share", "unreached"}]
_HINTS = {"left-out": "作废、合并、转出", "unreached": "三次未接通", "repeats": "不计入新报修"}


def rounded(value: Fraction, places: int) -> str:
    """A fraction with so many decimals, halves up as Excel shows them."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def words(figure: Figure, measure: Measure) -> str:
    """96.3%, 4.63, 12, or 无数据 where there is nothing to divide by."""
    value = measure.value
    if value is None:
        return NO_DATA
    match figure.kind:
        case Kind.SHARE:
            return f"{rounded(value * 100, 1)}%"
        case Kind.MEAN:
            return rounded(value, 2)
    return str(measure.numerator)


def tone(figure: Figure, measure: Measure) -> str:
    """ok when the target is reached, danger below the floor, warn between."""
    value = measure.value
    if value is None or figure.target is None:
        return "neutral"
    if reached(figure, value):
        return "ok"
    return "danger" if figure.floor is not None and value < figure.floor else "warn"


def address(month: Month, estates: Sequence[Estate], path: str, **more: str) -> str:
    """A path with the month and the estates, and what of `more` is not empty.

    No estates means all of the reader's.
    """
    query = QueryDict(mutable=True)
    query["month"] = str(month)
    query.setlist("estates", [str(estate.pk) for estate in estates])
    query.update({name: value for name, value in more.items() if value})
    return f"{path}?{query.urlencode()}"


def behind(figure: Figure, month: Month, estates: Sequence[Estate], **more: str) -> str:
    """The list behind a figure, of one `channel` or `port` where named."""
    return address(month, estates, reverse("reports_behind", args=[figure.slug]), **more)


def tiles(sheet: Sheet, chosen: Sequence[Estate], kinds: set[Kind]) -> list[dict[str, Any]]:
    """The figures of these kinds in total, for components/stat_tile.html."""
    return [
        {
            "label": figure.label,
            "value": words(figure, sheet.total(figure)),
            "unit": _unit(figure, sheet.total(figure)),
            "hint": _hint(figure, sheet.total(figure)),
            "tone": tone(figure, sheet.total(figure)),
            "href": behind(figure, sheet.period.month, chosen),
        }
        for figure in FIGURES
        if figure.kind in kinds
    ]


def _unit(figure: Figure, measure: Measure) -> str:
    if figure.kind is Kind.COUNT:
        return "单"
    return "星" if figure.kind is Kind.MEAN and measure.value is not None else ""


def _hint(figure: Figure, measure: Measure) -> str:
    if figure.kind is Kind.COUNT:
        return _HINTS.get(figure.slug, "")
    hint = f"{measure.numerator} / {measure.denominator}"
    if figure.target is None:
        return hint
    sign = "" if figure.target in {0, 1} else "≥"
    return f"{hint} · 目标{sign}{figure.target * 100}%"


def by_estate(sheet: Sheet) -> list[dict[str, Any]]:
    """One row for each estate, for the table."""
    return [
        {
            "name": estate.name,
            "cells": [_cell(figure, sheet.of(figure, estate), sheet, [estate]) for figure in IN_TABLE],
        }
        for estate in sheet.estates
    ]


def totals(sheet: Sheet, chosen: Sequence[Estate]) -> list[dict[str, Any]]:
    """The last row: total over total."""
    return [_cell(figure, sheet.total(figure), sheet, chosen) for figure in IN_TABLE]


def by_channel(lines: Sequence[ChannelLine], month: Month, chosen: Sequence[Estate]) -> list[dict[str, Any]]:
    """One row for each channel and one for the sum, every number with the list behind it (IN-01)."""
    return [{"name": line.label, "cells": _ports(line, month, chosen)} for line in lines]


def _ports(line: ChannelLine, month: Month, chosen: Sequence[Estate]) -> list[dict[str, Any]]:
    ports = [*((port.value, port.label) for port in PORTS), ("", "合计")]
    return [
        {
            "text": str(number),
            "empty": not number,
            "href": behind(BY_SLUG["received"], month, chosen, channel=line.channel, port=port),
            "label": f"{line.label} {label}",
        }
        for (port, label), number in zip(ports, [*line.counts, line.total], strict=True)
    ]


def _cell(figure: Figure, measure: Measure, sheet: Sheet, estates: Sequence[Estate]) -> dict[str, Any]:
    parts = "" if figure.kind is Kind.COUNT else f"{measure.numerator}/{measure.denominator}"
    return {
        "text": words(figure, measure),
        "parts": parts if measure.value is not None else "",
        "tone": tone(figure, measure),
        "empty": not (measure.denominator if measure.denominator is not None else measure.numerator),
        "href": behind(figure, sheet.period.month, estates),
        "label": figure.label,
    }


def tabs(
    figure: Figure, month: Month, estates: Sequence[Estate], only: str, **more: str
) -> list[dict[str, Any]]:
    """All rows of a share, those that reached it and those that did not."""
    if not figure.good:
        return []
    return [
        {
            "label": label,
            "url": behind(figure, month, estates, only=name, **more),
            "current": name == only,
        }
        for name, label in [("", "全部"), ("hit", figure.good), ("miss", figure.bad)]
    ]


def figure_of(slug: str) -> Figure | None:
    """The figure of an address, if there is such."""
    return BY_SLUG.get(slug)
