"""What people do in person, for the demo: joint visits, a ruling that overrides, a door that stays closed."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import now

from demo import hours, pictures
from demo.months import Months
from dispatch import proposals, visits
from dispatch.models import Proposal
from tickets import intake, joint, responsibility
from tickets.actors import Actor
from tickets.models import Status, Ticket

CLOSED = 3
# 外墙 and 外窗, where rain comes in.
LEAKS = ("WP03", "WP04")


def add(months: Months) -> None:
    """Everything, through the services; what finds no fitting ticket is left out."""
    _joint_visits(months)
    _ruled(months)
    _closed_door(months)


def _joint_visits(months: Months) -> None:
    """One to come, one that was held and followed by a ruling that differs from the machine's verdict."""
    now, staff = months.now, months.staff
    held = hours.worked_until(now)
    both = {"housekeeper": staff["housekeeper"], "engineer": staff["engineer"]}
    by = Actor.staff(staff["engineer"])
    for number, ticket in enumerate(_leaks(months, held - timedelta(hours=2))):
        when = hours.by_day(now + timedelta(hours=20)) if number == 0 else held - timedelta(minutes=50)
        facts = {"why": "水从楼上还是从外墙来，分不清", "at": held - timedelta(minutes=90)}
        visit = joint.plan(ticket=ticket, starts_at=when, by=by, **facts, **both)
        if number == 0:
            continue
        joint.hold(
            visit=visit,
            protocol="淋水试验二十分钟后窗角渗水，与楼上无关；业主在场认可。",
            party="contractor",
            photos=pictures.examined(pictures.photo(ticket.pk, "踏勘.jpg")),
            by=Actor.staff(staff["housekeeper"]),
            at=held - timedelta(minutes=30),
        )
        responsibility.confirm(
            ticket=ticket,
            party="contractor",
            trade=ticket.fault.trades.first(),
            covered="no" if ticket.covered == "yes" else "yes",
            reason="淋水试验确认窗框打胶不严，按交付资料仍由施工单位负责",
            by=by,
            at=held - timedelta(minutes=20),
        )


def _ruled(months: Months) -> None:
    """One of those that waited for it has the engineer's word: its contractor stands as the proposal now."""
    by, at = Actor.staff(months.staff["engineer"]), now()
    open_ones = Proposal.objects.filter(decision=Proposal.Decision.OPEN, ticket__status=Status.IN_REVIEW)
    for proposal in open_ones.filter(candidates=[]).select_related("ticket__fault").order_by("ticket"):
        waits = [each["worker"] for each in proposal.excluded if proposals.awaits_engineer(each)]
        if not waits:
            continue
        trade = proposal.ticket.fault.trades.filter(skills__worker__in=waits).first()
        facts = {"party": "contractor", "trade": trade, "reason": "查看照片与交付资料，属施工质量缺陷"}
        responsibility.confirm(ticket=proposal.ticket, by=by, at=at, **facts)
        proposals.think_again(ticket=proposal.ticket, at=at)
        return


def _leaks(months: Months, at: datetime) -> list[Ticket]:
    """Two calls about water whose way nobody sees from a desk: a window and an outer wall."""
    by = Actor.staff(months.staff["front_desk"])
    private = [fault for fault in months.faults if fault.code in LEAKS]
    calls = [months.call(at, faults=[fault]) for fault in private]
    return [intake.register(intake=call, by=by, at=at) for call in calls]


def _closed_door(months: Months) -> None:
    """Nobody at home three times: the housekeeper is asked."""
    begins = hours.worked_until(months.now) - timedelta(hours=3)
    # Nobody is at home only where somebody lives.
    homes = Ticket.objects.filter(status=Status.ACCEPTED, handler__worker__employer="own", unit__isnull=False)
    for ticket in homes.order_by("pk"):
        if ticket.events.filter(at__gt=begins).exists():
            continue
        try:
            # A savepoint: what one worker's day refuses must not undo the town.
            with transaction.atomic():
                _try_the_door(ticket, begins)
        except visits.BadWindow:
            # This worker was somewhere else in these hours.
            continue
        return


def _try_the_door(ticket: Ticket, begins) -> None:
    by = Actor.staff(ticket.handler)
    for number in range(CLOSED):
        at = begins + timedelta(minutes=50 * number)
        window = {"start": at + timedelta(minutes=5), "end": at + timedelta(minutes=45)}
        visits.book(ticket=ticket, by=by, at=at, **window)
        visits.no_access(
            ticket=ticket,
            photos=pictures.examined(pictures.photo(ticket.pk + number, "门口.jpg")),
            reason="按门铃无人应，电话未接，已贴留言条",
            called="业主电话、敲门和门铃",
            by=by,
            at=at + timedelta(minutes=20),
        )
