"""How long a component is covered: pure arithmetic over dates, no database (WA-02, domain.md §1).

Units: a term's numbers count months for the monthly kind and seasons for the
heating and cooling kinds; design life counts the estate's years.
"""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

MONTHS = "months"
DESIGN_LIFE = "design_life"
HEATING = "heating"
COOLING = "cooling"
SEASONAL = (HEATING, COOLING)
DATED = (MONTHS, DESIGN_LIFE, *SEASONAL)

SHANGHAI = ZoneInfo("Asia/Shanghai")
# A city announces its season within some days of the year before; a longer gap
# means that the calendar lacks a season, and counting over it would be wrong.
LONGEST_WAIT = timedelta(days=380)


class Span(NamedTuple):
    """One season, first and last day included."""

    start: date
    end: date


@dataclass(frozen=True)
class Term:
    """What is owed for a component; None where nobody owes anything of that sort."""

    component: str
    name: str
    kind: str
    promised: int | None = None
    contractor: int | None = None
    floor: int | None = None


@dataclass(frozen=True)
class Dates:
    """What the periods count from: acceptance of the building, delivery to the owner."""

    completed_on: date
    delivered_on: date
    design_life_years: int = 50


@dataclass(frozen=True)
class Period:
    """A stretch of cover: counted from `start` for `amount` units, `until` included."""

    start: date
    amount: int
    until: date
    from_completion: bool


def add_months(day: date, months: int) -> date:
    """The last day of a period of months that begins after `day`; negative counts back.

    Civil Code art. 201-203 as read in domain.md §1.5: the first day does not
    count, the period ends on the corresponding day, and where the month has no
    such day, on its last.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def season_end(start: date, count: int, seasons: Iterable[Span], strict: bool = True) -> date | None:
    """The last day of the `count`-th season after `start`, None if the calendar does not say.

    Strict, the reading that favours the owner, counts only seasons that begin
    after `start`; loose counts a season under way as well.
    """
    if count < 1:
        return start
    coming = sorted(span for span in seasons if (span.start if strict else span.end) > start)[:count]
    if len(coming) < count:
        return None
    known = [start, *(span.start for span in coming)]
    if any(later - earlier > LONGEST_WAIT for earlier, later in pairwise(known)):
        return None
    return coming[-1].end


def owner_period(
    term: Term, dates: Dates, seasons: Sequence[Span] = (), strict: bool = True
) -> Period | None:
    """The longest of what was promised and what the law gives; None if no date can be said.

    domain.md §1.2: max(delivery + promise, completion + contractor's statutory
    period, delivery + owner's statutory period). On equal ends the promise is named.
    """
    life = dates.design_life_years if term.kind == DESIGN_LIFE else None
    owed = [
        (dates.delivered_on, life or term.promised, False),
        (dates.completed_on, life or term.contractor, True),
        (dates.delivered_on, life or term.floor, False),
    ]
    return _longest(term.kind, owed, seasons, strict)


def contractor_period(
    term: Term, dates: Dates, seasons: Sequence[Span] = (), strict: bool = True
) -> Period | None:
    """What the contractor owes the developer: the statutory period from completion, or None."""
    amount = dates.design_life_years if term.kind == DESIGN_LIFE else term.contractor
    return _longest(term.kind, [(dates.completed_on, amount, True)], seasons, strict)


def owner_end(term: Term, dates: Dates, seasons: Sequence[Span] = (), strict: bool = True) -> date | None:
    """The last day on which the owner may report and be covered."""
    period = owner_period(term, dates, seasons, strict)
    return period.until if period else None


def contractor_end(
    term: Term, dates: Dates, seasons: Sequence[Span] = (), strict: bool = True
) -> date | None:
    """The last day of the contractor's duty towards the developer."""
    period = contractor_period(term, dates, seasons, strict)
    return period.until if period else None


def reported_on(at: datetime) -> date:
    """The day of a report in Shanghai, whatever zone the moment is in; naive moments are refused.

    The last day runs until midnight: the hotline is open all day, and the
    moment of the report decides, not the visit (domain.md §1.5).
    """
    if at.tzinfo is None:
        raise ValueError("the moment of a report needs a time zone")
    return at.astimezone(SHANGHAI).date()


def _longest(
    kind: str, owed: Iterable[tuple[date, int | None, bool]], seasons: Sequence[Span], strict: bool
) -> Period | None:
    periods = []
    for start, amount, from_completion in owed:
        if amount is None or kind not in DATED:
            continue
        until = _until(kind, start, amount, seasons, strict)
        if until is None:
            # One unknown part could be the longest: better no date than one too early.
            return None
        periods.append(Period(start, amount, until, from_completion))
    return max(periods, key=lambda period: period.until, default=None)


def _until(kind: str, start: date, amount: int, seasons: Sequence[Span], strict: bool) -> date | None:
    if kind in SEASONAL:
        return season_end(start, amount, seasons, strict)
    return add_months(start, amount * 12 if kind == DESIGN_LIFE else amount)
