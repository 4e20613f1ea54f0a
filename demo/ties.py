"""What ties tickets together, for the demo: incidents with calls, urging owners, followers, cases, care."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from demo.months import Months
from estates.models import Unit
from knowledge.models import FaultCategory
from tickets import incidents, nudges
from tickets.actors import Actor
from tickets.models import Status, Ticket

SAID = [
    "厨房没水，孩子等着吃饭",
    "卫生间没水",
    "热水器打不着，应该也是没水",
    "老人在家，问几点来水",
    "高层水压小，出来一点点",
]
URGES = ["说好今天来，一直没接到电话", "第二次问了，家里有老人", "师傅来看过，没说什么时候修"]


@dataclass
class Ties:
    """Adds to months that were written already."""

    months: Months

    def add(self) -> None:
        """Everything, through the services."""
        self._water_is_off()
        self._power_was_off()
        self._urge()

    @property
    def _clerk(self):
        return self.months.staff["front_desk"]

    def _water_is_off(self) -> None:
        now, estate = self.months.now, self.months.estates[0]
        start = now - timedelta(hours=1, minutes=40)
        facts = incidents.Facts(
            estate=estate,
            title="东侧供水主管爆裂，5–8栋停水",
            words="5到8栋供水主管爆裂，抢修队已在现场，预计三小时内恢复。请先关好水龙头，需要用水可到小区大门"
            "临时取水点领取。",
            started_at=start,
            expected_end=now + timedelta(hours=2),
            buildings=list(estate.buildings.order_by("pk")[4:8]),
        )
        incident = incidents.enter(facts=facts, by=self._clerk, at=start + timedelta(minutes=5))
        self._calls(incident, SAID, facts.buildings)

    def _power_was_off(self) -> None:
        estate = self.months.estates[1]
        start = self.months.now - timedelta(days=2, hours=3)
        facts = incidents.Facts(
            estate=estate,
            title="配电房检修后全区停电",
            words="配电房设备故障，供电公司正在处理，预计一小时内恢复。请拔掉贵重电器插头，电梯内有人请按求助铃。",
            started_at=start,
            faults=list(FaultCategory.objects.filter(code__startswith="EL")[:2]),
        )
        incident = incidents.enter(facts=facts, by=self._clerk, at=start)
        self._calls(incident, ["全屋没电", "电梯也停了"], list(estate.buildings.order_by("pk")[:2]))
        words = "供电已恢复。冰箱、空调等请间隔几分钟再开。"
        incidents.end(incident=incident, words=words, by=self._clerk, at=start + timedelta(minutes=50))

    def _calls(self, incident, said, buildings) -> None:
        units = Unit.objects.filter(building__in=buildings, households__isnull=False).distinct()
        chosen = self.months.random.sample(list(units.select_related("building")), len(said))
        for minutes, (unit, words) in enumerate(zip(chosen, said, strict=True), start=8):
            owner = unit.households.select_related("owner").first().owner
            caller = incidents.Caller(name=owner.name, phone=owner.phone, unit=unit, note=words)
            at = incident.started_at + timedelta(minutes=minutes)
            incidents.attach(incident=incident, caller=caller, by=self._clerk, at=at)

    def _urge(self) -> None:
        waiting = Ticket.objects.filter(
            status__in=[Status.DISPATCHED, Status.ACCEPTED, Status.SURVEYING, Status.SUSPENDED]
        ).order_by("registered_at")
        at = self.months.now - timedelta(hours=2)
        for times, ticket in enumerate(islice(waiting, 3), start=1):
            for words in URGES[:times]:
                nudges.urge(ticket=ticket, by=Actor.staff(self._clerk), at=at, words=words)
