"""What an activation is about: which estates, which faults go first, which tickets wait (DI-09)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from core import phones
from core.templatetags.fangxiu import when
from dispatch.models import Activation, EmergencyPlan, Held
from tickets import kinds, rules
from tickets.models import Holder, Ticket
from tickets.precedence import Precedence
from tickets.states import Status

# Only levels 3 and 4 may be relaxed (domain.md §8.1, rule 5).
RELAXED = 3
# Nobody has gone there yet.
NOT_BEGUN = (
    Status.REGISTERED,
    Status.IN_REVIEW,
    Status.DISPATCHED,
    Status.ACCEPTED,
    Status.SCHEDULED,
)
# Waiting for a decision, with nobody on site.
DECIDING = (Status.PLAN_REVIEW, Status.OWNER_CONSENT)
ON_SITE = (Status.SURVEYING, Status.REPAIRING)
DONE = (Status.PRE_INSPECTION, Status.OWNER_ACCEPTANCE)


def active_for(*, estate_id: int, at: datetime) -> Activation | None:
    """The activation in force for this estate at this moment; drills do not count."""
    found = Activation.objects.in_force(at).filter(estates=estate_id)
    return found.select_related("plan").first()


def priority_faults(*, estate_id: int, at: datetime) -> frozenset[int]:
    """The keys of the faults that go before all others in this estate at this moment."""
    activation = active_for(estate_id=estate_id, at=at)
    return disaster_faults(activation.plan) if activation else frozenset()


def disaster_faults(plan: EmergencyPlan) -> frozenset[int]:
    """The keys of the plan's disaster faults."""
    return frozenset(plan.faults.values_list("pk", flat=True))


def precedence(at: datetime) -> list[Precedence]:
    """What goes first now, for `tickets.precedence`: one entry for each activation in force."""
    found = Activation.objects.in_force(at).select_related("plan")
    return [
        Precedence(
            estates=frozenset(each.pk for each in activation.estates.all()),
            faults=frozenset(each.pk for each in activation.plan.faults.all()),
            words=f"应急优先：{activation.plan.name}",
            notice=f"{activation.plan.name}，至{when(activation.ends_at)}。灾害类先派；3–4级暂停上门、"
            "时限顺延，请告诉来电人。",
        )
        for activation in found.prefetch_related("estates", "plan__faults")
    ]


def rank(found: Sequence[Precedence]) -> Case:
    """A column of tickets to order them by: 0 for what goes first, 1 for the others."""
    ahead = [When(Q(estate__in=each.estates, fault__in=each.faults), then=Value(0)) for each in found]
    return Case(*ahead, default=Value(1), output_field=IntegerField())


def may_be_relaxed() -> Q:
    """Tickets sent to workers whose policy allows a pause for an emergency (SL-04)."""
    allowed = Q(policy__rules__pauses__isnull=True) | Q(policy__rules__pauses__has_key=rules.HELD)
    return allowed & Q(level__gte=RELAXED, kind__in=kinds.SENT)


def to_hold(activation: Activation) -> QuerySet[Ticket]:
    """Tickets that this activation should hold and has not seen yet, the oldest first.

    What waits for a signature is held only if it did so before the start: nobody is sent away from
    the owner's door in the middle of a visit.
    """
    plan, estates = activation.plan, activation.estates.values("pk")
    waited = Holder.objects.filter(ticket=OuterRef("pk"), until__isnull=True, since__lt=activation.started_at)
    seen = Held.objects.filter(activation=activation, ticket=OuterRef("pk"))
    return (
        _pausable(estates, plan)
        .filter(Q(status__in=NOT_BEGUN) | Q(Exists(waited), status__in=DECIDING))
        .filter(~Exists(seen))
        .order_by("pk")
    )


def _pausable(estates: Any, plan: EmergencyPlan) -> QuerySet[Ticket]:
    return Ticket.objects.filter(may_be_relaxed(), estate__in=estates).exclude(
        fault__in=plan.faults.values("pk")
    )


@dataclass(frozen=True)
class Preview:
    """What a start would do: how many tickets pause, how many owners hear of it, what stays and why."""

    paused: int
    owners: int
    stays: tuple[tuple[str, int], ...]

    @property
    def staying(self) -> int:
        """How many open tickets go on."""
        return sum(number for _, number in self.stays)


STAYS = {
    "disaster": "灾害类故障，插队优先",
    "urgent": "1–2级工单",
    "on_site": "师傅已在现场",
    "done": "已完工待验收",
    "incomplete": "待补充，由前台回电",
    "policy": "时效策略不许应急暂停",
}


def preview(*, plan: EmergencyPlan, estates: Collection[int]) -> Preview:
    """What starting this plan for these estates now would pause and leave alone."""
    statuses = (Status.INCOMPLETE, *NOT_BEGUN, *DECIDING, *ON_SITE, *DONE)
    open_ones = Ticket.objects.filter(estate__in=estates, kind__in=kinds.SENT, status__in=statuses)
    why = Case(
        When(fault__in=plan.faults.values("pk"), then=Value("disaster")),
        When(level__lt=RELAXED, then=Value("urgent")),
        When(status__in=ON_SITE, then=Value("on_site")),
        When(status__in=DONE, then=Value("done")),
        When(status=Status.INCOMPLETE, then=Value("incomplete")),
        When(may_be_relaxed(), then=Value("")),
        default=Value("policy"),
        output_field=CharField(),
    )
    sorted_out = open_ones.order_by().annotate(why=why)
    counts = dict(sorted_out.values_list("why").annotate(Count("pk")))
    told = sorted_out.filter(why="", reporter_phone__regex=f"^{phones.MOBILE.pattern}$")
    return Preview(
        paused=counts.get("", 0),
        owners=told.values("reporter_phone").distinct().count(),
        stays=tuple((label, counts[code]) for code, label in STAYS.items() if counts.get(code)),
    )
