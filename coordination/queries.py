"""Reads about requests: what the list shows, and the figures behind it (DI-11)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Aggregate,
    Case,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    FloatField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Extract

from accounts.models import User
from coordination.models import Counterpart, Request

FIGURES_OF = timedelta(days=180)


class Median(Aggregate):
    """The middle value; PostgreSQL's own."""

    function = "percentile_cont"
    name = "median"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True)
class Figures:
    """What one counterpart, or all of them, owed us of late; the median in hours, None before any answer."""

    label: str
    counterpart_id: int | None
    asked: int
    open: int
    overdue: int
    late: int
    median_hours: float | None

    @property
    def late_share(self) -> int | None:
        """Percent of what was asked that came, or is now, later than its deadline; None of nothing."""
        return round(100 * self.late / self.asked) if self.asked else None


def filtered(
    rows: QuerySet[Request], chosen: Mapping[str, Any], *, user: User, at: datetime
) -> QuerySet[Request]:
    """The requests that the filter asks for; the address bar says which."""
    state = chosen.get("state") or "waiting"
    if state == "waiting":
        rows = rows.filter(state__in=[Request.State.OPEN, Request.State.ANSWERED])
    elif state == "overdue":
        rows = rows.overdue(at=at)
    elif state != "all":
        rows = rows.filter(state=state)
    for name in ("estate", "counterpart"):
        if chosen.get(name):
            rows = rows.filter(**{name: chosen[name]})
    if chosen.get("mine"):
        rows = rows.filter(owner=user)
    if words := (chosen.get("q") or "").strip():
        about = Q(asked__icontains=words) | Q(contact_unit__icontains=words) | Q(ticket__number__iexact=words)
        if words.upper().startswith("XZ") and words[2:].isdecimal():
            about |= Q(pk=int(words[2:10]))
        rows = rows.filter(about)
    return rows


def overdue_first(rows: QuerySet[Request], *, at: datetime) -> QuerySet[Request]:
    """Overdue ones by their deadline, then the open ones, then what waits for our check, then the rest."""
    rank = Case(
        When(state=Request.State.OPEN, due_at__lt=at, then=Value(0)),
        When(state=Request.State.OPEN, then=Value(1)),
        When(state=Request.State.ANSWERED, then=Value(2)),
        default=Value(3),
    )
    return rows.select_related("counterpart", "owner", "estate", "ticket").order_by(rank, "due_at", "pk")


def figures(rows: QuerySet[Request], *, at: datetime) -> tuple[Figures, list[Figures]]:
    """All and by counterpart, of what was asked within half a year; cancelled ones do not count."""
    counted = rows.exclude(state=Request.State.CANCELLED).filter(asked_at__gt=at - FIGURES_OF)
    waited = ExpressionWrapper(F("answered_at") - F("asked_at"), output_field=DurationField())
    open_late = Q(state=Request.State.OPEN, due_at__lt=at)
    aims = {
        "asked": Count("pk"),
        "open": Count("pk", filter=Q(state=Request.State.OPEN)),
        "overdue": Count("pk", filter=open_late),
        "late": Count("pk", filter=open_late | Q(answered_at__gt=F("due_at"))),
        "median": Median(Extract(waited, "epoch")),
    }
    total = _figures("全部", None, counted.aggregate(**aims))
    names = dict(Counterpart.objects.values_list("pk", "name"))
    parts = counted.order_by().values("counterpart").annotate(**aims)
    each = [_figures(names[row["counterpart"]], row["counterpart"], row) for row in parts]
    return total, sorted(each, key=lambda one: (-one.overdue, -one.asked, one.label))


def _figures(label: str, counterpart_id: int | None, row: Mapping[str, Any]) -> Figures:
    seconds = row["median"]
    return Figures(
        label=label,
        counterpart_id=counterpart_id,
        asked=row["asked"],
        open=row["open"],
        overdue=row["overdue"],
        late=row["late"],
        median_hours=None if seconds is None else round(seconds / 3600, 1),
    )


def last_contact(counterpart: Counterpart, estate_id: int) -> Request | None:
    """The latest request of this estate to this counterpart that names somebody to reach."""
    rows = Request.objects.filter(counterpart=counterpart, estate=estate_id)
    return rows.exclude(contact_name="", contact_phone="", contact_email="").order_by("-pk").first()
