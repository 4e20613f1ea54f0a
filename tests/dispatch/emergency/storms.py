"""A storm for tests: a plan with one disaster fault, tickets of every level, and their owners."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.emergency import activation, beat
from dispatch.models import Activation, EmergencyPlan, PlanCheck, PlanRole, PlanSupply
from knowledge.models import FaultCategory
from notices.models import Message
from tests.house import AT, House
from tickets.models import Ticket

NOON = AT + timedelta(hours=3)
MORNING = NOON + timedelta(hours=18)


@dataclass
class Storm:
    """A house with a plan for storms: burst pipes are disasters, dripping taps are not."""

    house: House
    plan: EmergencyPlan
    flood: FaultCategory

    @classmethod
    def build(cls, house: House | None = None) -> "Storm":
        house = house or House.build()
        flood = FaultCategory.objects.create(
            code="WP12",
            area="顶棚",
            component="楼上来水",
            fault="大量漏水",
            default_level=1,
            place="both",
            typical_minutes=60,
        )
        flood.trades.set(house.fault.trades.all())
        plan = EmergencyPlan.objects.create(code="storm", name="台风暴雨", words="请关好门窗。", hours=18)
        plan.faults.add(flood)
        PlanRole.objects.create(plan=plan, name="排水抢险", people=2)
        PlanSupply.objects.create(plan=plan, name="沙袋", unit="个", needed=300)
        PlanCheck.objects.create(plan=plan, phase="before", text="挡水板到位")
        return cls(house, plan, flood)

    def start(
        self, *, at: datetime = NOON, until: datetime = MORNING, drill: bool = False, **changes
    ) -> Activation:
        """The supervisor puts the plan into force for the house's estate."""
        facts = activation.Start(
            plan=self.plan,
            estates=[self.house.estate],
            until=until,
            reason="台风红色预警",
            commander=changes.pop("commander", self.house.people["manager"]),
            drill=drill,
            squad=[self.house.worker],
        )
        return activation.start(facts=facts, by=changes.pop("by", self.house.people["supervisor"]), at=at)

    def ticket(self, level: int = 3, *, at: datetime = AT, status: str = "", **changes) -> Ticket:
        """A ticket of this level that stands at this state."""
        self.house.fault.default_level = level
        self.house.fault.save()
        return (
            self.house.ticket_at(status, at=at, **changes)
            if status
            else self.house.register(at=at, **changes)
        )

    def disaster(self, *, at: datetime = AT, **changes) -> Ticket:
        """A report of the disaster fault."""
        return self.house.register(at=at, fault=self.flood, description="楼上来水，一直往下流", **changes)


def minute(at: datetime) -> int:
    """What the schedule does at this moment."""
    return beat.run(at=at)


def told(template: str) -> list[str]:
    """The phones that a message of this template is for, sorted."""
    return sorted(Message.objects.filter(template=template).values_list("address", flat=True))
