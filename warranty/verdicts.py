"""What a report is worth on the day it comes in: phase, cover and the reason in words (WA-01, WA-02).

A verdict is a proposal that an engineer confirms; the ticket stores it as it
was at registration.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from core.templatetags.fangxiu import in_full
from estates.models import Building, Estate, PublicPlace, Unit
from warranty.coverage import COOLING, DESIGN_LIFE, HEATING, Period, contractor_end, owner_period, reported_on
from warranty.phases import Phase
from warranty.presets import shipped_names
from warranty.queries import Rule, Rules, Site, phase_at, rules_for, sites_of

YES, NO, UNKNOWN = "yes", "no", "unknown"
COVERED_LABELS = {YES: "保修期内", NO: "不在保修期", UNKNOWN: "待确认"}
SOON_DAYS = 30
UNITS = {HEATING: "个采暖期", COOLING: "个供冷期", DESIGN_LIFE: "年"}
# Kinds that give no date, with what is to be done instead.
UNDATED = {
    "contract": (UNKNOWN, "{name}的保修期按合同约定，请工程师核对合同后确认。"),
    "manufacturer": (UNKNOWN, "{name}由厂家三包，请核对三包卡后确认。"),
    "by_cause": (UNKNOWN, "该问题须先查明原因才能判断保修责任，请工程师确认。"),
    "none": (NO, "{name}不属于保修范围。"),
}


@dataclass(frozen=True)
class Verdict:
    """The answer for one component of one place at one moment.

    `covered` is "yes", "no" or "unknown"; the dates are last days, included,
    and None where nothing dated is owed. `phase` is empty where the estate has
    no handover batch.
    """

    component: str
    term: str
    covered: str
    reason: str
    reported_on: date
    phase: str = ""
    phase_label: str = ""
    owner_until: date | None = None
    contractor_until: date | None = None
    delivered_on: date | None = None
    delivery_label: str = ""
    contract_handover_on: date | None = None
    batch_handover_from: date | None = None
    completed_on: date | None = None
    source: str = ""

    @property
    def covered_label(self) -> str:
        return COVERED_LABELS[self.covered]

    @property
    def tone(self) -> str:
        """Colour of the badge."""
        if self.ends_soon:
            return "warn"
        return {YES: "ok", NO: "neutral", UNKNOWN: "warn"}[self.covered]

    @property
    def alert_tone(self) -> str:
        """Colour of the sentence's box, which has no neutral."""
        return {YES: "ok", NO: "info", UNKNOWN: "warn"}[self.covered]

    @property
    def state_label(self) -> str:
        """The cover in two or three words, with the days left in its last month."""
        if self.ends_soon:
            return f"剩{self.days_left}天" if self.days_left else "今天到期"
        return {YES: "在保", NO: "已过保", UNKNOWN: "待确认"}[self.covered]

    @property
    def ends_soon(self) -> bool:
        return self.covered == YES and self.days_left is not None and self.days_left <= SOON_DAYS

    @property
    def gap(self) -> bool:
        """Whether the developer pays: the owner is covered and the contractor's period is over."""
        after = self.contractor_until is not None and self.contractor_until < self.reported_on
        delivered = self.delivered_on is not None and self.reported_on >= self.delivered_on
        return self.covered == YES and after and delivered

    @property
    def days_left(self) -> int | None:
        """Days from the report to the last day; negative once it is over."""
        return (self.owner_until - self.reported_on).days if self.owner_until else None

    def as_json(self) -> dict[str, str]:
        """Every field as a string, dates in ISO form, empty where there is none."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: "" if value is None else str(value) for name, value in values.items()}


def verdict_for(
    *,
    estate: Estate,
    unit: Unit | None = None,
    building: Building | None = None,
    place: PublicPlace | None = None,
    component: str,
    at: datetime,
    strict: bool = True,
) -> Verdict:
    """Judge a component of a place at the moment of the report; two queries at most.

    `component` is the code on the fault category, empty if no fault is chosen.
    `strict` counts only heating and cooling seasons that begin after handover.
    Raises ValueError for a moment without a time zone.
    """
    rules, on = rules_for(estate), reported_on(at)
    sites = _standing(rules, sites_of(estate, unit, building, place), on)
    return _judge(component, rules, sites, on, strict)


def coverage_table(
    home: Unit | Building | PublicPlace, on: date, estate: Estate | None = None
) -> list[Verdict]:
    """A verdict for every term with a date, the longest cover first (IN-03)."""
    where: dict[str, Unit | Building | PublicPlace] = {type(home).__name__.lower(): home}
    if isinstance(home, PublicPlace):
        where = {"place": home}
    estate = estate or home.estate
    rules = rules_for(estate)
    sites = _standing(rules, sites_of(estate, **where), on)  # type: ignore[arg-type]
    rows = [_judge(component, rules, sites, on, True) for component in rules]
    return sorted(
        (row for row in rows if row.owner_until),
        key=lambda row: (row.owner_until, row.component),
        reverse=True,
    )


def _standing(rules: Rules, sites: list[Site], on: date) -> list[tuple[Site, Phase]]:
    """The sites that count on a day, each with its phase.

    Where no building is known, a batch not yet handed over says nothing about older ones.
    """
    known = [site for site in sites if site.delivered_on <= on] or sites[:1]
    return [(site, phase_at(rules, site, on)) for site in known]


def _judge(component: str, rules: Rules, sites: list[tuple[Site, Phase]], on: date, strict: bool) -> Verdict:
    """One verdict for all sites; where batches disagree, an engineer has to say."""
    rule = rules.get(component)
    name = rule.term.name if rule else ""
    if not sites:
        return Verdict(component, name, UNKNOWN, "项目还没有录入交付批次，无法判断保修期。", on)
    verdicts = [_at_site(component, rule, site, phase, on, strict) for site, phase in sites]
    last = verdicts[-1]
    if len({verdict.covered for verdict in verdicts}) == 1:
        return last
    reason = f"未指明楼栋，各交付批次的{name}保修结论不同，请工程师确认所属批次。"
    return replace(last, covered=UNKNOWN, reason=reason, owner_until=None, contractor_until=None)


def _at_site(component: str, rule: Rule | None, site: Site, phase: Phase, on: date, strict: bool) -> Verdict:
    if rule is None:
        return _verdict(component, "", UNKNOWN, _without_rule(component), on, phase, site)
    if rule.term.kind in UNDATED:
        covered, words = UNDATED[rule.term.kind]
        return _verdict(
            component, rule.term.name, covered, words.format(name=rule.term.name), on, phase, site
        )
    period = owner_period(rule.term, site.dates, rule.seasons, strict)
    verdict = replace(
        _dated(rule, period, on, phase, site),
        owner_until=period.until if period else None,
        contractor_until=contractor_end(rule.term, site.dates, rule.seasons, strict),
        source=rule.source,
    )
    if verdict.gap:
        gap = f"施工方保修已于{in_full(verdict.contractor_until)}届满，差额期费用由开发商承担。"
        return replace(verdict, reason=verdict.reason + gap)
    return verdict


def _without_rule(component: str) -> str:
    """Why nothing can be said where no term stands; desks read this, so it names no code."""
    if not component:
        return "尚未选定故障分类，无法判断保修期。"
    name = shipped_names().get(component, "该部位")
    return f"{name}还没有录入保修期限，请工程师确认。"


def _dated(rule: Rule, period: Period | None, on: date, phase: Phase, site: Site) -> Verdict:
    term = rule.term
    if on < site.delivered_on:
        covered = YES
        words = (
            f"尚未到{site.delivery_label}{in_full(site.delivered_on)}，{term.name}问题由项目部在交付前整改。"
        )
    elif period is None:
        covered = UNKNOWN
        missing = "采暖供冷季日历不全" if term.kind in (HEATING, COOLING) else "没有录入期限"
        words = f"{term.name}{missing}，无法计算保修期，请工程师确认。"
    else:
        covered = YES if on <= period.until else NO
        words = _sentence(term.name, term.kind, period, on, site)
    return _verdict(term.component, term.name, covered, words, on, phase, site)


def _sentence(name: str, kind: str, period: Period, on: date, site: Site) -> str:
    start = "竣工验收合格日" if period.from_completion else site.delivery_label
    length = f"{period.amount}{UNITS.get(kind, '个月')}"
    state = "在保修期内" if on <= period.until else "已过保修期"
    return f"{name}保修{length}，自{start}{in_full(period.start)}起至{in_full(period.until)}，报修时{state}。"


def _verdict(
    component: str, name: str, covered: str, reason: str, on: date, phase: Phase, site: Site
) -> Verdict:
    return Verdict(
        component=component,
        term=name,
        covered=covered,
        reason=reason,
        reported_on=on,
        phase=phase.code,
        phase_label=phase.label,
        delivered_on=site.delivered_on,
        delivery_label=site.delivery_label,
        contract_handover_on=site.contract_handover_on,
        batch_handover_from=site.handover_from,
        completed_on=site.completed_on,
    )
