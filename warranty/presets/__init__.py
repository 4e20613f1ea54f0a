"""Default coverage terms and heating and cooling seasons (WA-02, domain.md §1.1)."""

import csv
import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

from knowledge.models import Trade
from warranty.coverage import Span
from warranty.models import CompletionLimit, CoverageTerm, Season
from warranty.queries import forget_rules

HERE = Path(__file__).parent


def load() -> int:
    """Create the default terms, seasons and limits by trade that are missing; return how many."""
    count = _load_terms() + _load_seasons() + _load_trade_days()
    forget_rules()
    return count


def terms() -> Iterator[CoverageTerm]:
    """The shipped default terms, not saved."""
    with (HERE / "coverage_terms.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield CoverageTerm(
                component=row["component"],
                name=row["name"],
                kind=row["kind"],
                promised=row["promised"] or None,
                contractor_months=row["contractor"] or None,
                owner_floor_months=row["owner_floor"] or None,
                source=row["source"],
            )


@cache
def shipped_names() -> dict[str, str]:
    """What the shipped components are called by their codes, also where their terms were deleted."""
    return {term.component: term.name for term in terms()}


def seasons() -> Iterator[tuple[str, Span]]:
    """The shipped default seasons by kind; one that ends before it starts ends in the next year."""
    for kind, plan in json.loads((HERE / "seasons.json").read_text(encoding="utf-8")).items():
        over_new_year = plan["ends"] < plan["starts"]
        for year in range(plan["first_year"], plan["last_year"] + 1):
            start = date.fromisoformat(f"{year}-{plan['starts']}")
            end = date.fromisoformat(f"{year + over_new_year}-{plan['ends']}")
            yield kind, Span(start, end)


def _load_terms() -> int:
    known = set(CoverageTerm.objects.filter(estate=None).values_list("component", flat=True))
    missing = [term for term in terms() if term.component not in known]
    return len(CoverageTerm.objects.bulk_create(missing))


def _load_trade_days() -> int:
    """The completion limits of domain.md §2.1 for the trades that are known."""
    days = json.loads((HERE / "trade_days.json").read_text(encoding="utf-8"))
    known = set(CompletionLimit.objects.filter(estate=None).values_list("trade", flat=True))
    trades = Trade.objects.filter(code__in=days).exclude(pk__in=known)
    return len(
        CompletionLimit.objects.bulk_create(
            CompletionLimit(trade=trade, days=days[trade.code]) for trade in trades
        )
    )


def _load_seasons() -> int:
    known = list(Season.objects.filter(estate=None).values_list("kind", "starts_on", "ends_on"))
    missing = [
        Season(kind=kind, starts_on=span.start, ends_on=span.end)
        for kind, span in seasons()
        # A season moved in admin overlaps the shipped one and stays as it is.
        if not any(kind == k and span.start <= end and start <= span.end for k, start, end in known)
    ]
    return len(Season.objects.bulk_create(missing))
