"""Figures of a month by estate and in total, and the rows behind them (RE-01)."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet, Sum

from estates.models import Estate
from reports.catalogue import FIGURES
from reports.figures import EXCLUDED, Figure, Kind, due_clocks, missed
from reports.periods import Period
from tickets.models import Clock, Ticket
from tickets.models import Kind as TicketKind


class Measure(NamedTuple):
    """A numerator and, for shares and means, a denominator; a count has none."""

    numerator: int
    denominator: int | None = None

    @property
    def value(self) -> Fraction | None:
        """The exact value; None where there is nothing to divide by (无数据)."""
        if self.denominator is None:
            return Fraction(self.numerator)
        return Fraction(self.numerator, self.denominator) if self.denominator else None


def total(measures: Iterable[Measure]) -> Measure:
    """Total over total, never the mean of means; `measures` are of one figure and not empty."""
    parts = list(measures)
    if parts[0].denominator is None:
        return Measure(sum(part.numerator for part in parts))
    return Measure(sum(part.numerator for part in parts), sum(part.denominator or 0 for part in parts))


@dataclass(frozen=True)
class Sheet:
    """The figures of a period: `cells[estate key][slug]`."""

    period: Period
    estates: Sequence[Estate]
    cells: dict[int, dict[str, Measure]]

    def of(self, figure: Figure, estate: Estate) -> Measure:
        """What one estate reached."""
        return self.cells[estate.pk][figure.slug]

    def total(self, figure: Figure) -> Measure:
        """What all estates of the sheet reached together."""
        found = [self.of(figure, estate) for estate in self.estates]
        return total(found or [_measure(figure, 0, 0)])


def monthly(estates: Sequence[Estate], period: Period) -> Sheet:
    """All figures of these estates; the caller has checked that they are within the user's scope."""
    cells: dict[int, dict[str, Measure]] = {estate.pk: {} for estate in estates}
    for figure in FIGURES:
        found = measures(figure, estates, period)
        for estate in estates:
            cells[estate.pk][figure.slug] = found.get(estate.pk) or _measure(figure, 0, 0)
    return Sheet(period, estates, cells)


def measures(figure: Figure, estates: Iterable[Estate], period: Period) -> dict[int, Measure]:
    """The figure of each estate that has any row for it, by the estate's key."""
    upper = {
        Kind.SHARE: Count("pk", filter=Q(hit=True)),
        Kind.MEAN: Sum("points"),
        Kind.COUNT: Count("pk"),
    }[figure.kind]
    rows = (
        tickets_behind(figure, estates, period)
        .order_by()
        .values("estate_id")
        .annotate(upper=upper, lower=Count("pk"))
    )
    return {row["estate_id"]: _measure(figure, row["upper"], row["lower"]) for row in rows}


def _measure(figure: Figure, upper: int, lower: int) -> Measure:
    return Measure(upper) if figure.kind is Kind.COUNT else Measure(upper, lower)


def tickets_behind(figure: Figure, estates: Iterable[Estate], period: Period) -> QuerySet[Ticket]:
    """The tickets that a figure counts: as many as its denominator, or as the count itself.

    Rows of shares carry `hit`, those of stars `points` as well.
    """
    return figure.rows(repairs(estates), period)


def repairs(estates: Iterable[Estate]) -> QuerySet[Ticket]:
    """Repair tickets of these estates; consultations and complaints have figures of their own."""
    return Ticket.objects.filter(estate__in=[estate.pk for estate in estates], kind=TicketKind.REPAIR)


def missed_clocks(estates: Iterable[Estate], period: Period) -> QuerySet[Clock]:
    """Every clock that missed its limit in the period, of tickets that count, by its limit."""
    return (
        missed(due_clocks(Clock.Kind.values, period))
        .filter(ticket__in=repairs(estates).exclude(status__in=EXCLUDED))
        .select_related("ticket__estate", "ticket__fault", "ticket__handler")
        .order_by("due_at", "pk")
    )


@contextmanager
def snapshot() -> Iterator[None]:
    """One unchanging view of the database, so that all sheets of a workbook agree.

    Where a transaction is open already, that one's view is used.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
