"""Emergencies for the demo: a drill, a storm with its record, and one going on (DI-09)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from demo.months import Months
from dispatch.emergency import activation as verbs
from dispatch.emergency import equipment, holds, record
from dispatch.models import Activation, EmergencyPlan, SquadMember, Worker

WORDS = {
    "course": "前一日16时收到台风橙色预警，启动预案。夜间2时至5时雨势最大，1号地库入口水位最高15厘米，"
    "4台潜污泵连续运转，未进水。清晨5时30分雨停，逐栋排查后解除。",
    "good": "挡水板、沙袋提前4小时到位；独居老人逐户电话，无人受困。",
    "poor": "沙袋实际只到位280个；3号楼门厅雨水口没有提前清淤，积水约30分钟。",
    "measures": "增购沙袋至350个；雨水口清淤列入月度巡检，由工程师复核。",
}
ORDERS = ["1号车库入口加挡水板，派两人值守", "潜污泵每小时报一次水位", "雨停后各楼栋拍照排查漏点"]
NOW = "先处置地库与配电房，户内渗漏先止水再登记"


@dataclass
class Emergencies:
    """Adds to months that were written already."""

    months: Months

    def add(self) -> None:
        """A drill and a storm that are over, and one that goes on in the last estate."""
        self._drill()
        self._storm()
        self._now()

    def _drill(self) -> None:
        begin = self.months.now - timedelta(days=50)
        activation = self._start("flood", begin, 3, "季度防汛演练", drill=True)
        self._bring(activation, begin + timedelta(minutes=25))
        at, manager = begin + timedelta(hours=2), self.months.staff["manager"]
        verbs.end(activation=activation, reason="演练科目完成", by=manager, at=at)

    def _storm(self) -> None:
        begin = self.months.now - timedelta(days=20)
        activation = self._start("storm", begin, 14, "台风橙色预警，夜间有大到暴雨")
        manager, supervisor = self.months.staff["manager"], self.months.staff["supervisor"]
        for number, words in enumerate(ORDERS, start=1):
            at = begin + timedelta(hours=3 * number)
            verbs.order(activation=activation, words=words, by=manager, at=at)
        self._bring(activation, begin + timedelta(hours=2))
        at = begin + timedelta(hours=13, minutes=30)
        verbs.end(activation=activation, reason="雨停，逐栋排查完毕", by=manager, at=at)
        row = Activation.objects.get(pk=activation.pk).record
        record.write(row=row, words=WORDS, submit=True, by=supervisor, at=at + timedelta(hours=20))
        record.decide(row=row, approved=True, answer="按措施落实", by=manager, at=at + timedelta(hours=26))

    def _now(self) -> None:
        begin, manager = self.months.now - timedelta(minutes=50), self.months.staff["manager"]
        activation = self._start("storm", begin, 16, "暴雨红色预警，低洼处已有积水", place=-1)
        holds.hold_all(activation, at=begin + timedelta(minutes=1))
        self._bring(activation, begin + timedelta(minutes=25))
        verbs.order(activation=activation, words=NOW, by=manager, at=begin + timedelta(minutes=40))

    def _start(
        self, code: str, at: datetime, hours: int, reason: str, *, drill: bool = False, place: int = 0
    ) -> Activation:
        estate = self.months.estates[place]
        squad = Worker.objects.filter(user__estates=estate, employer="own").select_related("user")
        facts = verbs.Start(
            plan=EmergencyPlan.objects.get(code=code),
            estates=[estate],
            until=at + timedelta(hours=hours),
            reason=reason,
            commander=self.months.staff["manager"],
            drill=drill,
            squad=list(squad.order_by("pk")[:4]),
        )
        return verbs.start(facts=facts, by=self.months.staff["supervisor"], at=at)

    def _bring(self, activation: Activation, at: datetime) -> None:
        """The squad comes, most supplies are there, some of them are used."""
        manager = self.months.staff["manager"]
        for number, member in enumerate(activation.squad.select_related("activation")):
            member.presence = SquadMember.Presence.ABSENT if number == 3 else SquadMember.Presence.PRESENT
            equipment.keep_member(member=member, by=manager, at=at)
        for number, supply in enumerate(activation.supplies.select_related("activation")):
            supply.on_site = supply.needed - supply.needed // 15 if number == 0 else supply.needed
            supply.used = supply.on_site // 3
            equipment.keep_supply(supply=supply, by=manager, at=at + timedelta(minutes=number))
        for check in activation.checks.all()[:5]:
            equipment.tick(check=check, done=True, by=manager, at=at)
