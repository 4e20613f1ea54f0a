"""Workers, trades and tickets ready to be dispatched, for tests of the dispatch floor.

`house()` loads the presets once per test and gives an estate with a reviewer, a
plumber and a fault that asks for one; `registered()` takes a call there.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import factory
from django.utils.timezone import now
from factory.django import DjangoModelFactory

from accounts import presets as roles
from accounts import services as accounts
from accounts.models import User
from dispatch.models import Skill, Worker
from estates.models import Estate, Unit
from knowledge.models import FaultCategory, Trade
from notices import presets as templates
from tests.factories_estates import EstateFactory, HouseholdFactory, UnitFactory
from tests.snapshots import built_once, loaded
from tickets import intake, workflow
from tickets import presets as policies
from tickets.actors import Actor
from tickets.models import Ticket
from warranty.models import Agreement, Contractor

SYSTEM = Actor.system("测试")


class TradeFactory(DjangoModelFactory):
    class Meta:
        model = Trade
        django_get_or_create = ("code",)

    code = "plumber"
    name = factory.LazyAttribute(lambda row: {"plumber": "水电工"}.get(row.code, f"工种{row.code}"))


class FaultFactory(DjangoModelFactory):
    class Meta:
        model = FaultCategory
        skip_postgeneration_save = True

    code = factory.Sequence("TS{}".format)
    area = "卫生间"
    component = "给水管"
    fault = "水管漏水"
    default_level = 2
    coverage = "WS01"
    place = FaultCategory.Place.PRIVATE
    typical_minutes = 60
    materials = "生料带|角阀"

    @factory.post_generation
    def trades(self, create, extracted, **kwargs):
        if create:
            self.trades.set(extracted or [TradeFactory()])


def staff(role: str, *estates: Estate, name: str = "", all_estates: bool = False) -> User:
    """A user with this role who works for these estates."""
    loaded(roles.load)
    number = User.objects.count() + 1
    return accounts.create_staff(
        username=f"{role}-{number}",
        full_name=name or f"测试{number}",
        password="Not-a-secret-2026",
        roles=[role],
        estates=estates,
        phone=f"1370000{number:04}",
        all_estates=all_estates,
    )


def worker(*estates: Estate, name: str = "", trades: tuple = (), role: str = "worker", **fields) -> Worker:
    """A worker of these estates, at home in the first one's area; a plumber unless told otherwise."""
    user = staff(role, *estates, name=name)
    fields.setdefault("area", estates[0].area)
    row = Worker.objects.create(user=user, **fields)
    for trade in trades or (TradeFactory(),):
        Skill.objects.create(worker=row, trade=trade)
    return row


def sign(row: Worker) -> Worker:
    """Give an outside worker a company with an agreement for their estates and trades."""
    firm = Contractor.objects.create(name=f"{row.user.full_name}公司", kind=row.employer)
    for estate in row.user.estates.all():
        agreement = Agreement.objects.create(
            contractor=firm,
            number=f"BX-{firm.pk}-{estate.pk}",
            estate=estate,
            valid_from=date(2020, 1, 1),
            valid_to=date(2040, 1, 1),
        )
        agreement.trades.set(skill.trade for skill in row.skills.all())
    Worker.objects.filter(pk=row.pk).update(contractor=firm)
    return row


@dataclass
class House:
    """An estate with the people and the fault a dispatch needs."""

    estate: Estate
    dispatcher: User
    worker: Worker
    fault: FaultCategory

    @property
    def reviewer(self) -> Actor:
        return Actor.staff(self.dispatcher)

    def unit(self) -> Unit:
        """A further dwelling of the estate, with an owner."""
        return HouseholdFactory(
            unit=UnitFactory(building__estate=self.estate, building__batch__estate=self.estate)
        ).unit


def house() -> House:
    """Presets, an estate, a dispatcher, a plumber, a leaking pipe."""
    return built_once("a house of the dispatch floor", _house)


def _house() -> House:
    policies.load()
    templates.load()
    estate = EstateFactory()
    return House(
        estate=estate,
        dispatcher=staff("dispatcher", estate, name="王建国"),
        worker=worker(estate, name="张大勇"),
        fault=FaultFactory(),
    )


def registered(place: House, *, at: datetime | None = None, **fields) -> Ticket:
    """A ticket that a call from one of the house's dwellings opened."""
    at = at or now()
    unit = fields.pop("unit", None) or place.unit()
    owner = unit.households.first().owner if unit.households.exists() else None
    values = {
        "reporter_name": "张伟",
        "reporter_phone": "13800138000",
        "fault": place.fault,
        "description": "卫生间水管接口漏水，地面积水",
        "wanted": "今天下午在家",
        "owner": owner,
    } | fields
    taken = intake.Intake(estate=place.estate, unit=unit, started_at=at - timedelta(minutes=1), **values)
    return intake.register(intake=taken, by=SYSTEM, at=at)


def accept(ticket: Ticket, *, at: datetime) -> Ticket:
    """The worker who has it takes it."""
    ticket = Ticket.objects.get(pk=ticket.pk)
    return workflow.step(ticket=ticket, name="accept", by=Actor.staff(ticket.handler), at=at)
