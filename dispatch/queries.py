"""Reads for the reviewer's screens."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, F, OuterRef, Prefetch, Q, QuerySet, Subquery, When
from django.utils.timezone import localdate, now

from accounts.models import User
from dispatch import facts
from dispatch.emergency import reach
from dispatch.models import Proposal, Skill, Visit, Worker
from dispatch.rosters import Duty, duty_of
from estates.models import CareFlag, Hint
from estates.queries import care_flags, hints_for
from tickets import kinds, pages, precedence, requirements
from tickets.calendars import SHANGHAI
from tickets.models import Clock, Evidence, Status, Ticket

WAITING = (Status.REGISTERED, Status.IN_REVIEW)
SENT = (Status.DISPATCHED, Status.ACCEPTED, Status.SCHEDULED)
ON_SITE = (Status.SURVEYING, Status.REPAIRING)
# Fewer characters than this rarely say what is broken and where.
CLEAR_LENGTH = 8
REPEAT_DAYS = 90
WARN_DAYS = 30


def waiting(user: User) -> QuerySet[Ticket]:
    """Tickets to be reviewed: emergencies, then the nearest limit; with `due`, `due_kind`, `open_proposals`.

    What came back after it had been sent once has no limit for dispatch any more: its next one counts.
    """
    proposals = Proposal.objects.filter(decision=Proposal.Decision.OPEN)
    found = (
        Ticket.objects.visible_to(user)
        .filter(status__in=WAITING, kind__in=kinds.SENT)
        .select_related("estate", "fault")
        .prefetch_related(Prefetch("proposals", proposals, to_attr="open_proposals"))
        .annotate(due=_next_limit("due_at"), due_kind=_next_limit("kind"))
    )
    # What an emergency puts first stands before every deadline (DI-09).
    ranked = found.annotate(queue_rank=reach.rank(precedence.in_force(now())))
    return ranked.order_by("queue_rank", F("due").asc(nulls_last=True), "level", "registered_at", "pk")


def sent(user: User) -> QuerySet[Ticket]:
    """Dispatched tickets on which work has not begun, those without an answer first."""
    visits = Visit.objects.filter(state=Visit.State.BOOKED)
    return (
        Ticket.objects.visible_to(user)
        .filter(status__in=SENT)
        .select_related("estate", "fault", "handler")
        .prefetch_related(Prefetch("visits", visits, to_attr="booked"))
        .annotate(due=clock_of("arrive", "due_at"))
        .order_by(F("due").asc(nulls_last=True), "level", "dispatched_at", "pk")
    )


def after(user: User) -> QuerySet[Ticket]:
    """Tickets that the machine sent first and that wait for a person's look, the oldest first (DI-03)."""
    proposals = Proposal.objects.filter(after=Proposal.After.WAITING).select_related("worker__user")
    return (
        Ticket.objects.visible_to(user)
        # Where the machine went on to the next, one ticket has two of them.
        .filter(pk__in=proposals.order_by().values("ticket"))
        .select_related("estate", "fault", "handler")
        .prefetch_related(Prefetch("proposals", proposals, to_attr="sent_first"))
        .annotate(due=clock_of("arrive", "due_at"))
        .order_by("level", "dispatched_at", "pk")
    )


def clock_of(kind: str, column: str, *, ticket: str = "pk") -> Subquery:
    """A column of the running clock of this kind, for a queryset whose `ticket` names the ticket."""
    clocks = Clock.objects.filter(
        ticket=OuterRef(ticket), round=OuterRef("round"), kind=kind, stopped_at__isnull=True
    )
    return Subquery(clocks.values(column)[:1])


def _next_limit(column: str) -> Subquery:
    """A column of the ticket's limit for dispatch while that runs, else of the one that comes first."""
    clocks = Clock.objects.filter(
        ticket=OuterRef("pk"), round=OuterRef("round"), stopped_at__isnull=True, due_at__isnull=False
    )
    first = Case(When(kind=Clock.Kind.DISPATCH, then=0), default=1)
    return Subquery(clocks.order_by(first, "due_at").values(column)[:1])


def thought_of(ticket: Ticket) -> dict[str, Any]:
    """What the event of the ticket's latest proposal keeps: ladder, rungs, advice, counts (DI-02)."""
    proposed = ticket.events.filter(name__in=["submit_review", "propose"]).order_by("-seq").first()
    return proposed.payload if proposed else {}


def ladder_of(ticket: Ticket) -> str:
    """How the ladder was walked for the ticket's latest proposal, in one sentence (DI-02)."""
    return thought_of(ticket).get("ladder", "")


@dataclass(frozen=True)
class Check:
    """One thing a dispatch needs to know: whether it is there, and what is wrong in words."""

    label: str
    ok: bool
    words: str


@dataclass(frozen=True)
class Brief:
    """What the reviewer reads before deciding on a ticket (DI-03)."""

    checks: list[Check]
    flags: list[tuple[str, str]]
    care: list[CareFlag]
    hints: list[Hint]
    photos: list[dict[str, Any]]
    earlier: list[Ticket]
    materials: list[str]

    @property
    def missing(self) -> list[str]:
        """The labels of what is not clear."""
        return [check.label for check in self.checks if not check.ok]


def brief(ticket: Ticket, user: User, *, at: datetime) -> Brief:
    """Completeness, flags, care, hints, photos and history of a ticket under review."""
    report = Evidence.objects.filter(ticket=ticket, stage=Evidence.Stage.REPORT)
    photos = pages.evidence_items(report)
    earlier = _earlier(ticket, user)
    return Brief(
        checks=completeness(ticket, photos=len(photos)),
        flags=_flags(ticket, earlier, at),
        care=care_flags(ticket.owner) if ticket.owner else [],
        hints=hints_for(
            user, unit=ticket.unit, building=ticket.building, place=ticket.place, estate=ticket.estate
        ),
        photos=photos,
        earlier=earlier[:6],
        materials=[each for each in (ticket.fault.materials if ticket.fault else "").split("|") if each],
    )


def completeness(ticket: Ticket, *, photos: int) -> list[Check]:
    """Whether place, fault, words, wish, caller and photos are clear, each named (DI-03)."""
    words = ticket.description.strip()
    if len(words) >= CLEAR_LENGTH:
        described = Check("故障描述", True, "清楚")
    else:
        described = Check("故障描述", False, f"过短，只有 {len(words)} 个字" if words else "未填写")
    return [
        _given("报修位置", ticket.unit_id or ticket.place_id, "已定位到房屋或公共部位", "未定位"),
        _given("故障分类", ticket.fault_id, str(ticket.fault or ""), "未选择"),
        described,
        _given("期望时间", ticket.wanted, ticket.wish, "未询问业主方便的时间"),
        _given("报修人电话", ticket.reporter_phone, "可联系", "未留电话"),
        _given("现场照片", photos, f"{photos} 张", "没有照片，可请业主补拍"),
        *(
            Check(each.label, False, f"派单前必填：{each.page}")
            for each in requirements.missing(ticket, "dispatch")
        ),
    ]


def _given(label: str, value: Any, words: str, missing: str) -> Check:
    return Check(label, bool(value), words if value else missing)


def _earlier(ticket: Ticket, user: User) -> list[Ticket]:
    if not ticket.unit_id and not ticket.place_id:
        return []
    here = Q(unit=ticket.unit_id) if ticket.unit_id else Q(place=ticket.place_id)
    found = Ticket.objects.visible_to(user).filter(here).exclude(pk=ticket.pk)
    return list(found.select_related("fault", "handler").order_by("-registered_at")[:30])


def _flags(ticket: Ticket, earlier: Sequence[Ticket], at: datetime) -> list[tuple[str, str]]:
    """(label, words) of what makes this ticket more than an ordinary one."""
    flags = []
    first = precedence.in_force(at)
    if words := precedence.words_for(first, estate_id=ticket.estate_id, fault_id=ticket.fault_id):
        flags.append(("应急", f"{words}，插队处理"))
    if ticket.repeat_of:
        flags.append(("二次返修", f"原单 {ticket.repeat_of.number}，不得直接派施工单位"))
    if ticket.rework:
        flags.append(("回访整改", f"第 {ticket.round} 轮，上一轮回访未解决"))
    since = at - timedelta(days=REPEAT_DAYS)
    same = [each for each in earlier if each.fault_id == ticket.fault_id and each.registered_at >= since]
    if same and ticket.fault_id:
        flags.append(("同类故障", f"{REPEAT_DAYS} 天内本处同一故障已有 {len(same)} 单"))
    return flags


@dataclass(frozen=True)
class Certificate:
    """A worker's trade as the page shows it: words and tone say how long it still holds."""

    trade: str
    words: str
    tone: str


@dataclass
class Post:
    """Where a worker is, on what, until when; tickets outside the reader's scope stay unnamed."""

    worker: Worker
    load: int
    duty: Duty
    here: Ticket | None = None
    next_visit: Visit | None = None
    certificates: list[Certificate] = field(default_factory=list)

    @property
    def tone(self) -> str:
        """Colour of the load."""
        if self.load >= self.worker.capacity:
            return "danger"
        return "warn" if self.load * 3 >= self.worker.capacity * 2 else "ok"


def posts(workers: Iterable[Worker], user: User, *, at: datetime) -> list[Post]:
    """The workers with load, place, next visit and certificates, in the order given (DI-03)."""
    people = list(workers)
    loads, duties = facts.loads_of(people), duty_of(people, at=at)
    today = localdate(at, SHANGHAI)
    users = {each.user_id for each in people}
    seen = Ticket.objects.visible_to(user)
    on_site = seen.filter(handler__in=users, status__in=ON_SITE).select_related("estate")
    here = {ticket.handler_id: ticket for ticket in on_site}
    nearest: dict[int, Visit] = {}
    for visit in _to_come(people, at).filter(ticket__in=seen):
        nearest.setdefault(visit.worker_id, visit)
    return [
        Post(
            worker=each,
            load=loads.get(each.user_id, 0),
            duty=duties[each.pk],
            here=here.get(each.user_id),
            next_visit=nearest.get(each.pk),
            certificates=[certificate(skill, today=today) for skill in each.skills.all()],
        )
        for each in people
    ]


def _to_come(workers: Sequence[Worker], at: datetime) -> QuerySet[Visit]:
    return (
        Visit.objects.filter(
            worker__in=[each.pk for each in workers], state=Visit.State.BOOKED, window__endswith__gt=at
        )
        .select_related("ticket__estate")
        .order_by("window")
    )


def certificate(skill: Skill, *, today: date) -> Certificate:
    """How a skill stands today: valid, to be renewed within 30 days, expired or missing (DI-08)."""
    name = skill.trade.name
    if skill.expires_on is None:
        if skill.trade.needs_certificate and not skill.certificate:
            return Certificate(name, "未登记证书", "danger")
        return Certificate(name, "", "neutral")
    left = (skill.expires_on - today).days
    if left < 0:
        return Certificate(name, f"已过期 {-left} 天", "danger")
    if left <= WARN_DAYS:
        return Certificate(name, f"还剩 {left} 天" if left else "今天到期", "warn")
    return Certificate(name, f"至 {skill.expires_on:%Y-%m-%d}", "ok")
