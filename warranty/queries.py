"""Reads of the warranty floor: the terms that hold in an estate, and the dates of a home."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from time import monotonic

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q
from django.db.models.functions import JSONObject

from estates.models import Batch, Building, Estate, PublicPlace, Unit
from warranty.coverage import DESIGN_LIFE, Dates, Span, Term, owner_end
from warranty.law import floor_of
from warranty.models import CoverageTerm, Season
from warranty.phases import Phase, PhaseDates, phase_of


@dataclass(frozen=True)
class Rule:
    """A term as it holds in one estate, with the seasons it counts by (empty for other kinds)."""

    term: Term
    source: str
    seasons: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Site:
    """The dates of one home or building. Both delivery dates are kept (domain.md §1.2)."""

    completed_on: date
    handover_from: date
    handover_to: date
    contract_handover_on: date | None
    design_life_years: int

    @property
    def delivered_on(self) -> date:
        """The unit's contract date; the batch's first day where the contract gives none."""
        return self.contract_handover_on or self.handover_from

    @property
    def delivery_label(self) -> str:
        return "合同交付日" if self.contract_handover_on else "集中交付开始日"

    @property
    def dates(self) -> Dates:
        return Dates(self.completed_on, self.delivered_on, self.design_life_years)


# Rules change a few times a year and are asked for with every report.
RULES_SECONDS = 30
_kept: dict[int, tuple[float, "Rules"]] = {}


class Rules(dict[str, Rule]):
    """The terms of an estate by component code, and what was already worked out from them."""

    def __init__(self) -> None:
        super().__init__()
        # The homes of a batch share their dates.
        self.expiries: dict[Dates, date | None] = {}


def rules_for(estate: Estate) -> Rules:
    """The terms of an estate by component code: one query, or none within half a minute.

    The estate's own row goes before the default, and neither below the floors
    of the law. An edit in the admin holds at once in its process and after
    RULES_SECONDS in the others.
    """
    read_at, rules = _kept.get(estate.pk, (0.0, Rules()))
    if not rules or monotonic() - read_at > RULES_SECONDS:
        rules = _read_rules(estate)
        _kept[estate.pk] = monotonic(), rules
    return rules


def component_names() -> dict[str, str]:
    """What each component is called by its code; the default's name goes before those of estates."""
    terms = CoverageTerm.objects.order_by("component", F("estate").desc(nulls_last=True))
    return dict(terms.values_list("component", "name"))


def forget_rules() -> None:
    """Read the terms and seasons afresh next time: call after changing any."""
    _kept.clear()


def _read_rules(estate: Estate) -> Rules:
    here = Q(estate=estate) | Q(estate=None)
    seasons = Season.objects.filter(here, kind=OuterRef("kind")).values(
        json=JSONObject(starts_on=F("starts_on"), ends_on=F("ends_on"), estate=F("estate_id"))
    )
    found = Rules()
    rows = CoverageTerm.objects.filter(here).annotate(calendar=ArraySubquery(seasons))
    for row in rows.order_by("component", F("estate").asc(nulls_last=True)):
        found.setdefault(row.component, Rule(as_term(row), row.source, _calendar(row.calendar)))
    return found


def as_term(row: CoverageTerm) -> Term:
    """The row's promise with the floors of the law put under it."""
    law = floor_of(row.component)
    if law is None:
        return Term(
            row.component, row.name, row.kind, row.promised, row.contractor_months, row.owner_floor_months
        )
    if law.kind != row.kind:
        # A promise counted in another way cannot be compared, so the law alone holds.
        return Term(row.component, row.name, law.kind, None, law.contractor, law.owner)
    contractor = _at_least(row.contractor_months, law.contractor)
    floor = _at_least(row.owner_floor_months, law.owner)
    return Term(row.component, row.name, row.kind, row.promised, contractor, floor)


def _at_least(given: int | None, least: int | None) -> int | None:
    return max((number for number in (given, least) if number is not None), default=None)


def _calendar(rows: Iterable[dict]) -> tuple[Span, ...]:
    """The estate's own seasons, and the default ones that overlap none of them."""
    own: list[Span] = []
    default: list[Span] = []
    for row in rows:
        span = Span(date.fromisoformat(row["starts_on"]), date.fromisoformat(row["ends_on"]))
        (default if row["estate"] is None else own).append(span)
    kept = [span for span in default if not any(span.start <= s.end and s.start <= span.end for s in own)]
    return tuple(sorted(own + kept))


def sites_of(
    estate: Estate,
    unit: Unit | None = None,
    building: Building | None = None,
    place: PublicPlace | None = None,
) -> list[Site]:
    """The dates that count for a place: one site, or one per batch where no building is known.

    At most one query; none if the unit or building came with its batch. Empty
    where the estate has no batch yet.
    """
    contract = unit.contract_handover_on if unit else None
    life = estate.design_life_years
    return [
        Site(batch.completed_on, batch.handover_from, batch.handover_to, contract, life)
        for batch in _batches(estate, unit, building, place)
    ]


def _batches(
    estate: Estate, unit: Unit | None, building: Building | None, place: PublicPlace | None
) -> list[Batch]:
    holder = unit or place
    if holder and holder._meta.get_field("building").is_cached(holder):
        building = holder.building
    if building:
        return [building.batch]
    building_id = holder.building_id if holder else None
    if building_id:
        return list(Batch.objects.filter(buildings=building_id))
    return list(Batch.objects.filter(estate=estate).order_by("handover_from", "pk"))


def expiry_of(rules: Rules, site: Site) -> date | None:
    """The last day of the last term with a date, design life left out; None without any."""
    dates = site.dates
    if dates not in rules.expiries:
        ends = (
            owner_end(rule.term, dates, rule.seasons)
            for rule in rules.values()
            if rule.term.kind != DESIGN_LIFE
        )
        rules.expiries[dates] = max(filter(None, ends), default=None)
    return rules.expiries[dates]


def phase_at(rules: Rules, site: Site, on: date) -> Phase:
    """The phase of a site on a day (WA-01)."""
    return phase_of(PhaseDates(site.handover_from, site.handover_to, expiry_of(rules, site)), on)
