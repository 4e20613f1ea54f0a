"""Emergencies for the demo: a drill that waits for approval, and a storm going on (DI-09)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from demo import hours
from demo.months import Months
from dispatch.emergency import activation as verbs
from dispatch.emergency import equipment, holds, record
from dispatch.models import Activation, AfterAction, EmergencyPlan, SquadMember, Worker

DRILL = {
    "course": "14时以广播通知“1号地库进水”，小组集合、架设抽水泵、铺设沙袋墙，15时20分模拟排空。",
    "good": "抽水泵从库房到出水用时18分钟，比上季度少6分钟。",
    "poor": "一名队员没有接到电话，未到岗；警戒带找不到存放处。",
    "measures": "小组成员登记第二联系电话；物资柜贴清单与照片，每月核对。",
}
NOW = "先处置地库与配电房，户内渗漏先止水再登记"


@dataclass
class Emergencies:
    """Adds to months that were written already."""

    months: Months

    def add(self) -> None:
        """A drill that is over, and a storm that goes on in the last estate."""
        self._drill()
        self._now()

    def _drill(self) -> None:
        begin = hours.days_ago(self.months.now, 50, 14)
        activation = start(self.months, "flood", begin, 3, "季度防汛演练", drill=True)
        bring(self.months, activation, begin + timedelta(minutes=25))
        at, manager = begin + timedelta(hours=2), self.months.staff["manager"]
        verbs.end(activation=activation, reason="演练科目完成", by=manager, at=at)
        row, by = AfterAction.objects.get(activation=activation), self.months.staff["supervisor"]
        record.write(row=row, words=DRILL, submit=True, by=by, at=at + timedelta(hours=1))

    def _now(self) -> None:
        begin, manager = self.months.now - timedelta(minutes=50), self.months.staff["manager"]
        activation = start(self.months, "storm", begin, 16, "暴雨红色预警，低洼处已有积水", place=-1)
        holds.hold_all(activation, at=begin + timedelta(minutes=1))
        bring(self.months, activation, begin + timedelta(minutes=25))
        verbs.order(activation=activation, words=NOW, by=manager, at=begin + timedelta(minutes=40))


def start(
    months: Months, code: str, at: datetime, lasts: int, reason: str, *, drill: bool = False, place: int = 0
) -> Activation:
    """Put the plan of this code into force in one estate for so many hours, with a squad of our own."""
    estate = months.estates[place]
    squad = Worker.objects.filter(user__estates=estate, employer="own").select_related("user")
    facts = verbs.Start(
        plan=EmergencyPlan.objects.get(code=code),
        estates=[estate],
        until=at + timedelta(hours=lasts),
        reason=reason,
        commander=months.staff["manager"],
        drill=drill,
        squad=list(squad.order_by("pk")[:4]),
    )
    return verbs.start(facts=facts, by=months.staff["supervisor"], at=at)


def bring(months: Months, activation: Activation, at: datetime, *, checks: int = 5) -> None:
    """The squad comes, most supplies are there, some of them are used, so many checks are made."""
    manager = months.staff["manager"]
    for number, member in enumerate(activation.squad.select_related("activation")):
        member.presence = SquadMember.Presence.ABSENT if number == 3 else SquadMember.Presence.PRESENT
        equipment.keep_member(member=member, by=manager, at=at)
    for number, supply in enumerate(activation.supplies.select_related("activation")):
        supply.on_site = supply.needed - supply.needed // 15 if number == 0 else supply.needed
        supply.used = supply.on_site // 3
        equipment.keep_supply(supply=supply, by=manager, at=at + timedelta(minutes=number))
    for check in activation.checks.all()[:checks]:
        equipment.tick(check=check, done=True, by=manager, at=at)
