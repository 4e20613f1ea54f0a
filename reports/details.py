"""The lines of 工单明细 and 超时清单: what the figures of a month were counted from."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from core.templatetags.fangxiu import mask_phone
from estates.models import Estate
from reports import queries
from reports.catalogue import BY_SLUG, FIGURES
from reports.figures import EXCLUDED, Figure, Kind
from reports.periods import Period
from tickets.models import Acceptance, Channel, Clock, Ticket, TicketEvent

CHUNK = 2000
# The shares that one ticket either reaches or misses, in the order of their columns.
JUDGED = [
    BY_SLUG[slug]
    for slug in ("dispatch", "response", "arrive", "complete", "signed", "follow-up", "first-fix")
]
# Why a ticket came to be late, as people wrote it down on the way.
TOLD = [
    *[
        "suspend",
        "defer",
        "no_access",
        "reschedule",
        "decline",
        "take_back",
        "reassign",
        "return_for_information",
    ],
    *["reject_plan", "refuse_plan", "fail_inspection", "refuse_acceptance"],
]
BANDS = [(3, "不超过3天"), (7, "4–7天"), (15, "8–15天"), (30, "16–30天")]

TICKET_COLUMNS = [
    *["单号", "项目", "位置", "故障", "级别", "渠道", "报修人", "联系电话", "维修人员", "状态", "轮次"],
    *["登记", "派单", "首联", "到场", "预验收合格", "业主签字", "闭环"],
    *[figure.label for figure in JUDGED],
    *["星级", "备注"],
]
MISS_COLUMNS = [
    *["时限", "单号", "项目", "位置", "故障", "级别", "维修人员", "状态", "轮次"],
    *["应完成", "实际完成", "超时（小时）", "超时档", "过程记录"],
]
Line = list[Any]


@dataclass
class _Facts:
    """What is known of one ticket besides its row."""

    stops: dict[str, tuple[int, datetime | None]] = field(default_factory=dict)
    signed_at: datetime | None = None

    def stop(self, kind: str) -> datetime | None:
        return self.stops.get(kind, (0, None))[1]


def ticket_lines(estates: Sequence[Estate], period: Period) -> list[Line]:
    """One line for each ticket behind any figure of the period, in the order they came in."""
    verdicts: dict[int, dict[str, Any]] = defaultdict(dict)
    for figure in FIGURES:
        name = {Kind.SHARE: "hit", Kind.MEAN: "points", Kind.COUNT: "pk"}[figure.kind]
        behind = queries.tickets_behind(figure, estates, period).order_by()
        for key, value in behind.values_list("pk", name):
            verdicts[key][figure.slug] = value
    tickets = Ticket.objects.select_related("estate", "fault", "handler", "report", "repeat_of")
    found = []
    for keys in _chunks(verdicts):
        facts = _facts(keys)
        for ticket in tickets.filter(pk__in=keys):
            found.append((ticket.registered_at, ticket.pk, _line(ticket, facts[ticket.pk], verdicts)))
    return [line for *_, line in sorted(found, key=lambda each: each[:2])]


def _chunks(keys: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(keys)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _facts(keys: Sequence[int]) -> dict[int, _Facts]:
    """The stops of the newest round's clocks and the newest signature, by ticket."""
    facts: dict[int, _Facts] = defaultdict(_Facts)
    clocks = Clock.objects.filter(ticket__in=keys).order_by("round")
    for ticket, kind, round_, stopped in clocks.values_list("ticket", "kind", "round", "stopped_at"):
        facts[ticket].stops[kind] = (round_, stopped)
    signed = Acceptance.objects.filter(ticket__in=keys, signed_at__isnull=False).order_by("round")
    for ticket, at in signed.values_list("ticket", "signed_at"):
        facts[ticket].signed_at = at
    return facts


def _line(ticket: Ticket, facts: _Facts, verdicts: dict[int, dict[str, Any]]) -> Line:
    mine = verdicts[ticket.pk]
    over = ticket.status in EXCLUDED
    # The clocks of a ticket that ended early stopped with it, not at a step of the work.
    stops = [None if over else facts.stop(kind) for kind in ("dispatch", "contact", "arrive", "complete")]
    return [
        ticket.number,
        ticket.estate.name,
        ticket.place_label,
        _fault(ticket),
        ticket.level,
        Channel(ticket.report.channel).label,
        ticket.reporter_name,
        mask_phone(ticket.reporter_phone),
        str(ticket.handler or ""),
        ticket.get_status_display(),
        ticket.round,
        ticket.registered_at,
        *stops,
        facts.signed_at,
        ticket.closed_at,
        *[_word(figure, mine.get(figure.slug)) for figure in JUDGED],
        mine.get("stars"),
        _remark(ticket),
    ]


def _word(figure: Figure, hit: bool | None) -> str:
    if hit is None:
        return ""
    return figure.good if hit else figure.bad


def _remark(ticket: Ticket) -> str:
    words = []
    if ticket.status in EXCLUDED:
        words.append(f"剔除：{ticket.get_status_display()}")
    if ticket.repeat_of:
        words.append(f"二次返修，原单{ticket.repeat_of.number}")
    if ticket.rework:
        words.append("回访整改")
    return "；".join(words)


def _fault(ticket: Ticket) -> str:
    return str(ticket.fault) if ticket.fault else ticket.description[:60]


def miss_lines(estates: Sequence[Estate], period: Period) -> list[Line]:
    """One line for each missed limit of the period, with what was written down on the way.

    In the order of the work: all dispatches, then all first contacts, and so on.
    """
    order = {kind: number for number, kind in enumerate(Clock.Kind.values)}
    clocks = sorted(queries.missed_clocks(estates, period), key=lambda clock: order[clock.kind])
    told = _told({clock.ticket_id for clock in clocks})
    return [_miss(clock, told.get((clock.ticket_id, clock.round), []), period) for clock in clocks]


def _miss(clock: Clock, told: list[str], period: Period) -> Line:
    ticket = clock.ticket
    assert clock.due_at is not None
    late = (clock.stopped_at or max(period.at, clock.due_at)) - clock.due_at
    return [
        clock.get_kind_display(),
        ticket.number,
        ticket.estate.name,
        ticket.place_label,
        _fault(ticket),
        ticket.level,
        str(ticket.handler or ""),
        ticket.get_status_display(),
        clock.round,
        clock.due_at,
        clock.stopped_at or "尚未完成",
        round(late.total_seconds() / 3600, 1),
        next((name for days, name in BANDS if late <= timedelta(days=days)), "30天以上"),
        "；".join(told),
    ]


def _told(tickets: set[int]) -> dict[tuple[int, int], list[str]]:
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    for keys in _chunks(tickets):
        events = TicketEvent.objects.filter(ticket__in=keys, name__in=TOLD).order_by("ticket_id", "seq")
        for ticket, round_, label, reason in events.values_list("ticket", "round", "label", "reason"):
            found[ticket, round_].append(f"{label}：{reason}" if reason else label)
    return found
