"""Trades and certificates for the demo's workers, some of them expired or about to be."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.utils.timezone import localdate

from accounts.models import User
from core.db import joined
from dispatch.models import Skill, Worker
from estates.models import Area
from knowledge.models import Trade
from warranty.models import Contractor

# One set of trades to a worker of our own teams, handed out in turn.
OWN = [
    ("plumber", "drain-cleaner", "bare-electrician", "handyman"),
    ("electrician", "electrician-main", "low-voltage", "bare-electrician"),
    ("mason", "painter", "stone-worker", "floor-layer"),
    ("window-fitter", "glazier", "locksmith", "welder"),
    ("waterproofer", "grouter", "plumber"),
    ("carpenter", "cabinet-carpenter", "paperhanger", "floor-layer"),
    ("hvac-fitter", "equipment-fitter", "plumber"),
    ("electrician", "low-voltage", "handyman"),
]
CONTRACTOR = (
    "waterproofer",
    "waterproofer-height",
    "window-fitter",
    "window-fitter-height",
    "facade-height",
    "insulation-height",
    "structural-engineer",
    "strengthening",
    "mason",
)
THIRD_PARTY = (
    "lift-service",
    "fire-service",
    "maker-service",
    "gas-company",
    "water-company",
    "gardener",
    "equipment-fitter",
    "service-desk",
    "electrician-main",
    "facade-height",
    "insulation-height",
    "window-fitter-height",
    "waterproofer-height",
    "structural-engineer",
    "strengthening",
)
OWN_TEAM = Worker.Employer.OWN
COMPANIES = {
    Worker.Employer.CONTRACTOR: "宏基建筑安装有限公司",
    Worker.Employer.THIRD_PARTY: "安捷设备维保有限公司",
}
# Days until a certificate ends, in turn: good, expired, to be renewed.
CERTIFICATE_DAYS = (500, 210, -12, 20)
# This one of our own workers is at home, so that the page shows what that looks like.
OFF_DUTY = 10


@joined
def create_demo_workers(
    users: Sequence[User], areas: Sequence[Area], *, today: date | None = None
) -> list[Worker]:
    """A worker with skills for each of these users, by role; those who are workers already stay.

    Needs the presets of knowledge. Contractors and third parties get the trades that our own
    teams lack, so that every fault finds somebody.
    """
    today = today or localdate()
    trades = Trade.objects.in_bulk(field_name="code")
    known = {row.user_id: row for row in Worker.objects.filter(user__in=users)}
    # Our own people are counted apart, so that their trades come round evenly.
    people = sorted(((_employer(user), user) for user in users), key=lambda pair: pair[0] != OWN_TEAM)
    return [
        known.get(user.pk) or _create(user, employer, number, areas, trades, today)
        for number, (employer, user) in enumerate(people)
    ]


def _create(
    user: User,
    employer: Worker.Employer,
    number: int,
    areas: Sequence[Area],
    trades: dict[str, Trade],
    today: date,
) -> Worker:
    own = employer == OWN_TEAM
    worker = Worker.objects.create(
        user=user,
        area=areas[number % len(areas)],
        employer=employer,
        contractor=_company(employer),
        grade=3 - number % 3,
        capacity=6 if own else 20,
        on_duty=not own or number != OFF_DUTY,
    )
    outside = {Worker.Employer.CONTRACTOR: CONTRACTOR, Worker.Employer.THIRD_PARTY: THIRD_PARTY}
    wanted = outside.get(employer) or OWN[number % len(OWN)]
    Skill.objects.bulk_create(
        _skill(worker, trades[code], number if own else 0, today) for code in wanted if code in trades
    )
    return worker


def _company(employer: Worker.Employer) -> Contractor | None:
    name = COMPANIES.get(employer)
    return Contractor.objects.get_or_create(name=name, defaults={"kind": employer})[0] if name else None


def _employer(user: User) -> Worker.Employer:
    codes = set(user.groups.values_list("role__code", flat=True))
    for code in (Worker.Employer.CONTRACTOR, Worker.Employer.THIRD_PARTY):
        if code.value in codes:
            return code
    return OWN_TEAM


def _skill(worker: Worker, trade: Trade, number: int, today: date) -> Skill:
    if not trade.needs_certificate:
        return Skill(worker=worker, trade=trade)
    days = CERTIFICATE_DAYS[number // 3 % len(CERTIFICATE_DAYS)]
    expires_on = today + timedelta(days=days)
    return Skill(
        worker=worker,
        trade=trade,
        certificate=f"T33{worker.user_id:06}{trade.pk:03}",
        issued_on=expires_on - timedelta(days=3 * 365),
        expires_on=expires_on,
    )
