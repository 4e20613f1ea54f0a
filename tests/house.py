"""A small house for tests: one estate, one dwelling, a person for each role, and tickets at any stage."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from accounts import presets as roles
from accounts.models import User
from accounts.services import assign_role
from demo.journeys import Cast, Journey
from dispatch.models import Skill, Worker
from estates.models import Household
from knowledge.models import FaultCategory, Trade
from notices import presets as templates
from tests.factories_estates import HouseholdFactory, OwnerFactory
from tests.snapshots import built_once, built_upon
from tickets import intake
from tickets.actors import Actor
from tickets.models import Status, Ticket
from tickets.presets import load_policies

AT = datetime(2026, 5, 8, 1, 0, tzinfo=UTC)
ROLES = [
    "front_desk",
    "clerk",
    "dispatcher",
    "engineer",
    "supervisor",
    "manager",
    "housekeeper",
    "director",
    "auditor",
]
# Those who appear in the pictures of README.md have names.
NAMES = {
    "front_desk": "沈静怡",
    "clerk": "何晓舟",
    "dispatcher": "刘洋帆",
    "engineer": "陈立言",
    "supervisor": "顾明远",
    "manager": "赵文博",
    "housekeeper": "孙丽华",
    "worker": "马永康",
}


@dataclass
class House:
    """The people and the dwelling of a test."""

    household: Household
    fault: FaultCategory
    people: dict[str, User]
    worker: Worker

    @classmethod
    def build(cls, *only: str) -> "House":
        """With all roles, or only those named (a worker is always there)."""
        return built_once(("house", *only), lambda: cls._build(*only))

    @classmethod
    def _build(cls, *only: str) -> "House":
        roles.load()
        templates.load()
        load_policies()
        household = HouseholdFactory(owner=OwnerFactory(name="张伟", phone="13800138000"))
        people = {code: cls.person(code, household.unit.estate) for code in only or ROLES}
        fault = cls._fault()
        return cls(household, fault, people, cls.new_worker("worker", household, fault))

    @staticmethod
    def person(code: str, *estates, username: str = "") -> User:
        """A user with a role, in the scope of these estates."""
        user = User.objects.create_user(
            username or code, password="correct-horse", full_name=NAMES.get(code, code)
        )
        user.estates.set(estates)
        assign_role(user=user, code=code)
        return User.objects.get(pk=user.pk)

    @classmethod
    def new_worker(cls, username: str, household: Household, fault: FaultCategory) -> Worker:
        """A worker who can mend this fault in this estate."""
        estate = household.unit.estate
        user = cls.person("worker", estate, username=username)
        worker = Worker.objects.create(user=user, area=estate.area, capacity=50)
        for trade in fault.trades.all():
            Skill.objects.create(worker=worker, trade=trade)
        return worker

    @staticmethod
    def _fault() -> FaultCategory:
        trade = Trade.objects.create(code="plumber", name="水电工")
        fault = FaultCategory.objects.create(
            code="WS01",
            area="厨房",
            component="水龙头",
            fault="龙头漏水",
            synonyms="漏水 滴水",
            default_level=2,
            coverage="MEP",
            place="private",
            typical_minutes=30,
            materials="阀芯|生料带",
        )
        fault.trades.add(trade)
        return fault

    @property
    def estate(self):
        return self.household.unit.estate

    def actor(self, code: str) -> Actor:
        """That role's person as an actor."""
        return Actor.staff(self.worker.user if code == "worker" else self.people[code])

    @staticmethod
    def journey_owner(ticket: Ticket) -> Actor:
        """The owner of a ticket, proven."""
        return Actor.owner(ticket_id=ticket.pk, name="张伟")

    @staticmethod
    def system() -> Actor:
        """A schedule."""
        return Actor.system()

    def cast(self) -> Cast:
        """The people of a journey."""
        return Cast(
            front_desk=self.people["front_desk"],
            dispatcher=self.people["dispatcher"],
            worker=self.worker,
            engineer=self.people["engineer"],
            manager=self.people["manager"],
        )

    def intake(self, **changes) -> intake.Intake:
        """What a complete call leaves behind."""
        facts = {
            "estate": self.estate,
            "started_at": AT - timedelta(minutes=2),
            "unit": self.household.unit,
            "owner": self.household.owner,
            "reporter_name": "张伟",
            "reporter_phone": "13800138000",
            "fault": self.fault,
            "description": "厨房龙头关不紧，一直滴水",
            "wanted": "尽快",
        }
        return intake.Intake(**facts | changes)

    def register(self, *, at: datetime = AT, **changes) -> Ticket:
        """A ticket taken by the front desk."""
        return intake.register(intake=self.intake(**changes), by=self.actor("front_desk"), at=at)

    def journey(self, *, at: datetime = AT, **changes) -> Journey:
        """A new ticket about to go its way."""
        return Journey(ticket=self.register(at=at, **changes), cast=self.cast(), now=at)

    def ticket_at(self, status: str, **changes) -> Ticket:
        """A ticket that stands at this state of the usual way."""
        if changes:
            return self._ticket_at(status, **changes)
        return built_upon(("ticket", status), lambda: self._ticket_at(status))

    def _ticket_at(self, status: str, **changes) -> Ticket:
        if status == Status.INCOMPLETE:
            return self.register(reporter_phone="", **changes)
        return self.journey(**changes).to(status)
