"""The figures of a month, each as the tickets behind it (RE-01, domain.md §3).

A figure is a function from tickets and a period to the tickets it counts, with
`hit` (does it count in the numerator) or `points` on each row. Numbers and
lists come from the same rows, so a number always equals the list it opens.

Common rules: cancelled, merged and transferred tickets count nowhere; limits
count in the month in which they fall due 到期口径; the due time is that of the
first promise, with approved pauses already added; one ticket counts once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from fractions import Fraction

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)

from reports.periods import Period
from tickets.followup import TRIES
from tickets.models import Acceptance, Clock, FollowUp, Status, Ticket, TicketEvent

Rows = QuerySet[Ticket]
EXCLUDED = (Status.CANCELLED, Status.MERGED, Status.TRANSFERRED)
# How long a repair is watched for the same fault in the same place (K09).
OBSERVED = timedelta(days=90)
SATISFIED = 4


class Kind(Enum):
    """How the rows of a figure become a number."""

    SHARE = "share"
    MEAN = "mean"
    COUNT = "count"


@dataclass(frozen=True)
class Figure:
    """One line of the report: its rows, its words, and what it should reach."""

    slug: str
    code: str
    label: str
    kind: Kind
    rows: Callable[[Rows, Period], Rows]
    formula: str
    good: str = ""
    bad: str = ""
    target: Fraction | None = None
    # Below this it is not only short of the target but bad: S1's line for deductions.
    floor: Fraction | None = None
    lower_is_better: bool = False


def counted(tickets: Rows) -> Rows:
    """Without what domain.md §3 ② leaves out: cancelled, merged, transferred out; nor the time before us."""
    return tickets.exclude(status__in=EXCLUDED).filter(past__isnull=True)


def due_clocks(kinds: list[str], period: Period) -> QuerySet[Clock]:
    """Clocks of these kinds that fell due in the period; one that is paused before its limit is not due."""
    return Clock.objects.filter(
        Q(stopped_at__isnull=False) | Q(paused_at__isnull=True) | Q(paused_at__gt=F("due_at")),
        kind__in=kinds,
        due_at__gte=period.start,
        due_at__lt=period.cutoff,
    )


def missed(clocks: QuerySet[Clock]) -> QuerySet[Clock]:
    """Those that stopped after their limit or not at all; stopping at the limit itself is in time."""
    return clocks.filter(Q(stopped_at__isnull=True) | Q(stopped_at__gt=F("due_at")))


def _in_time(kind: str, tickets: Rows, period: Period) -> Rows:
    """Tickets with a clock of this kind due in the period; a hit when none of these was missed."""
    due = due_clocks([kind], period).filter(ticket=OuterRef("pk"))
    return counted(tickets).filter(Exists(due)).annotate(hit=~Exists(missed(due)))


def response(tickets: Rows, period: Period) -> Rows:
    """K01 响应及时率 = owner first contacted within the limit / first contacts due (contact clock)."""
    return _in_time(Clock.Kind.CONTACT, tickets, period)


def dispatching(tickets: Rows, period: Period) -> Rows:
    """K03 派单及时率 = dispatched within the limit / dispatches due."""
    return _in_time(Clock.Kind.DISPATCH, tickets, period)


def arrival(tickets: Rows, period: Period) -> Rows:
    """K04 上门及时率 = on site within the limit / arrivals due; without a limit the agreed window counts."""
    return _in_time(Clock.Kind.ARRIVE, tickets, period)


def completion(tickets: Rows, period: Period) -> Rows:
    """K06 完成及时率 (房修) = pre-inspection passed within the limit / completions due."""
    return _in_time(Clock.Kind.COMPLETE, tickets, period)


def signing(tickets: Rows, period: Period) -> Rows:
    """K06 完成及时率 (物业) = signed by the owner within the completion limit / completions due."""
    due = due_clocks([Clock.Kind.COMPLETE], period)
    signed = TicketEvent.objects.filter(
        name="pass_acceptance",
        ticket=OuterRef("ticket"),
        round=OuterRef("round"),
        at__lte=OuterRef("due_at"),
    )
    due = due.filter(ticket=OuterRef("pk"))
    late = due.filter(~Exists(signed))
    return counted(tickets).filter(Exists(due)).annotate(hit=~Exists(late))


def follow_up(tickets: Rows, period: Period) -> Rows:
    """K12 回访率 = followed up within the limit / follow-ups due; a late call is no follow-up."""
    return _in_time(Clock.Kind.FOLLOW_UP, tickets, period)


def completed(tickets: Rows, period: Period) -> Rows:
    """完成 = tickets that the owner accepted for the first time in the period."""
    first = TicketEvent.objects.filter(
        ticket=OuterRef("pk"),
        name="pass_acceptance",
        round=1,
        at__gte=period.start,
        at__lt=period.cutoff,
    )
    return counted(tickets).filter(Exists(first))


def first_time_fix(tickets: Rows, period: Period) -> Rows:
    """K09 一次维修合格率 = completed tickets without a way back / completed tickets (FU-02).

    Ways back: pre-inspection or owner's acceptance refused in round 1, a failed
    follow-up, or a repeat ticket of it within 90 days of completion.
    """
    refused = Q(name__in=["fail_inspection", "refuse_acceptance"], round=1) | Q(name="fail_follow_up")
    # Lists made once: asking for each ticket by itself took PostgreSQL seconds at 100,000 tickets.
    back = TicketEvent.objects.filter(refused).values("ticket")
    repeated = counted(Ticket.objects.all()).filter(
        repeat_of__events__name="pass_acceptance",
        repeat_of__events__round=1,
        registered_at__lt=F("repeat_of__events__at") + OBSERVED,
    )
    good = ~Q(pk__in=back) & ~Q(pk__in=repeated.values("repeat_of"))
    return completed(tickets, period).annotate(hit=ExpressionWrapper(good, output_field=BooleanField()))


def satisfaction(tickets: Rows, period: Period) -> Rows:
    """K13 维修满意度 = rated four stars or more / rated; and the mean of `points`.

    The owner's stars of acceptances signed in the period, the last one where a
    ticket has several; a ticket without stars counts on neither side.
    """
    stars = Acceptance.objects.filter(
        ticket=OuterRef("pk"),
        stars__isnull=False,
        signed_at__gte=period.start,
        signed_at__lt=period.cutoff,
    ).order_by("-round")
    rated = counted(tickets).filter(Exists(stars))
    satisfied = ExpressionWrapper(Q(points__gte=SATISFIED), output_field=BooleanField())
    return rated.annotate(points=Subquery(stars.values("stars")[:1])).annotate(hit=satisfied)


def received(tickets: Rows, period: Period) -> Rows:
    """新报修 = registered in the period, repeats of an earlier repair not counted."""
    return _registered(counted(tickets), period).filter(repeat_of__isnull=True)


def repeats(tickets: Rows, period: Period) -> Rows:
    """返修单 = registered in the period as the repeat of an earlier repair."""
    return _registered(counted(tickets), period).filter(repeat_of__isnull=False)


def left_out(tickets: Rows, period: Period) -> Rows:
    """剔除 = registered in the period and since cancelled, merged or transferred."""
    return _registered(tickets, period).filter(status__in=EXCLUDED, past__isnull=True)


def _registered(tickets: Rows, period: Period) -> Rows:
    return tickets.filter(registered_at__gte=period.start, registered_at__lt=period.cutoff)


def closed(tickets: Rows, period: Period) -> Rows:
    """闭环 = closed after a good follow-up in the period."""
    return counted(tickets).filter(closed_at__gte=period.start, closed_at__lt=period.cutoff)


def open_at_end(tickets: Rows, period: Period) -> Rows:
    """未闭环 = registered and not yet closed at the cut-off; a hit when its completion is overdue (K16)."""
    standing = Q(closed_at__isnull=True) | Q(closed_at__gte=period.cutoff)
    found = counted(tickets).filter(standing, registered_at__lt=period.cutoff)
    return found.annotate(hit=Exists(_still_late(period)))


def overdue(tickets: Rows, period: Period) -> Rows:
    """K16 超期未完成 = open at the cut-off with a completion limit that has passed."""
    return open_at_end(tickets, period).filter(Exists(_still_late(period)))


def _still_late(period: Period) -> QuerySet[Clock]:
    """Completion clocks of a ticket that at the cut-off ran on past their limit."""
    running = Q(stopped_at__isnull=True) & (Q(paused_at__isnull=True) | Q(paused_at__gt=F("due_at")))
    return Clock.objects.filter(
        running | Q(stopped_at__gte=period.cutoff),
        ticket=OuterRef("pk"),
        kind=Clock.Kind.COMPLETE,
        due_at__lt=period.cutoff,
    )


def unreached(tickets: Rows, period: Period) -> Rows:
    """回访失败 = three calls of one round in vain, the last of them in the period (FU-01)."""
    vain = (
        FollowUp.objects.filter(result=FollowUp.Result.NO_ANSWER)
        .order_by()
        .values("ticket", "round")
        .annotate(tries=Count("pk"), last=Max("called_at"))
        .filter(tries__gte=TRIES, last__gte=period.start, last__lt=period.cutoff)
    )
    return counted(tickets).filter(pk__in=vain.values("ticket"))
