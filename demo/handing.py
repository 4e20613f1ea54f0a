"""How tickets reach workers in the demo: one estate grabs, one picks, urgent ones go first (DI-03, DI-04)."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

from demo.months import Months
from dispatch import ahead, assign, handing, records
from dispatch.models import DispatchRule, Mode
from tickets import intake, workflow
from tickets.actors import Actor
from tickets.models import Ticket

# By estate, in order: how its level-3 tickets are handed out, and what is called about in which words.
MODES = [
    (Mode.GRAB, [("EL04", "客厅插座没电，其他房间正常"), ("WS05", "厨房水槽下水慢")]),
    (Mode.PICK, [("DW03", "卧室门关不上"), ("EL06", "阳台灯不亮")]),
]
URGENT = [("WS01", "厨房水管爆裂，水流到楼下"), ("EL02", "配电箱冒烟，已断电")]


def add(months: Months) -> None:
    """Rules of two estates with tickets that wait in the pool, two sent first, and the figures of lately."""
    since = months.now - timedelta(days=60)
    for estate, (mode, said) in zip(months.estates[1:], MODES, strict=False):
        DispatchRule.objects.create(estate=estate, level=3, mode=mode, since=since)
        for ticket in _calls(months, estate, said):
            _hand_out(months, ticket)
    by = Actor.staff(months.staff["front_desk"])
    for number, ticket in enumerate(_calls(months, months.estates[0], URGENT)):
        at = months.now - timedelta(minutes=9 - number)
        with suppress(assign.NotEligible, workflow.NotReady):
            ahead.send_first(ticket=ticket, by=by, at=at)
    records.count(at=months.now)


def _calls(months: Months, estate, said: list[tuple[str, str]]) -> Iterator[Ticket]:
    by = Actor.staff(months.staff["front_desk"])
    faults = {fault.code: fault for fault in months.faults}
    for number, (code, words) in enumerate(said):
        at = months.now - timedelta(minutes=25 - 5 * number)
        unit = months.units[estate.pk][11 + 3 * number]
        household = unit.households.select_related("owner").first()
        yield intake.register(
            intake=intake.Intake(
                estate=estate,
                started_at=at - timedelta(minutes=2),
                unit=unit,
                owner=household.owner if household else None,
                reporter_name=household.owner.name if household else "租客",
                reporter_phone=household.owner.phone if household else "13900000099",
                fault=faults[code],
                description=words,
                wanted="今天下午",
            ),
            by=by,
            at=at,
        )


def _hand_out(months: Months, ticket: Ticket) -> None:
    at = months.now - timedelta(minutes=4)
    proposal = handing.hand_out(ticket=ticket, at=at)
    if proposal.candidates and not proposal.offered_at:
        by = Actor.staff(months.staff["dispatcher"])
        with suppress(assign.NotEligible, workflow.NotReady):
            handing.approve(proposal=proposal, by=by, at=at)
