"""A storm that is over: the repairs it made, the ones that waited for its end, its record (DI-09)."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from demo import hours
from demo.emergency import bring, start
from demo.journeys import Journey, NobodyFits
from demo.months import Months
from dispatch import assign
from dispatch.emergency import activation as verbs
from dispatch.emergency import holds, record
from dispatch.models import Activation, AfterAction, EmergencyPlan, Worker
from knowledge.models import FaultCategory
from tickets import intake, workflow
from tickets.actors import Actor
from tickets.models import Status, Ticket

DAYS_AGO, BEGINS, ENDS = 20, 7, (20, 30)
# Until when it was to last, told to the owners.
LASTS = 15
WORDS = {
    "course": "前一日22时收到台风橙色预警，清晨7时启动预案。上午9时至下午4时雨势最大，"
    "1号地库入口水位最高15厘米，4台潜污泵连续运转，未进水。傍晚雨停，逐栋排查后于20时30分解除。",
    "good": "挡水板、沙袋提前2小时到位；独居老人逐户电话，无人受困；师傅平均半小时内到场。",
    "poor": "沙袋实际只到位280个；3号楼门厅雨水口没有提前清淤，积水约30分钟；两处渗漏当日未能修完。",
    "measures": "增购沙袋至350个；雨水口清淤列入月度巡检，由工程师复核；未完两处次日优先处理。",
}
ORDERS = [
    (1, "1号车库入口加挡水板，派两人值守"),
    (3, "潜污泵每小时报一次水位"),
    (11, "雨停后各楼栋拍照排查漏点"),
]
# Minutes after the start at which something of the storm is reported, and how far it is at the end.
REPORTED = [
    (65, Status.COMPLETED),
    (110, Status.COMPLETED),
    (150, Status.COMPLETED),
    (205, Status.COMPLETED),
    (290, Status.COMPLETED),
    (600, Status.REPAIRING),
    (690, Status.SURVEYING),
]
# Hours before the start at which something small was reported, and how far it was by then.
WAITING = [
    (20, Status.SCHEDULED),
    (19, Status.ACCEPTED),
    (18, Status.DISPATCHED),
    (17, Status.DISPATCHED),
    (16, Status.IN_REVIEW),
    (15, Status.IN_REVIEW),
]
EXCEPTION = "业主家有新生儿，卫生间无法使用"
PACE = timedelta(minutes=5)
# A call that nobody of our own can take is tried again with another fault.
TRIES = 12


@dataclass
class Storm:
    """Written in the first estate when its day has come; every choice comes from a seed of its own."""

    months: Months
    begin: datetime = field(init=False)
    end: datetime = field(init=False)

    def __post_init__(self):
        self.months = replace(self.months, random=Random(9))
        self.begin = hours.days_ago(self.months.now, DAYS_AGO, BEGINS)
        self.end = hours.days_ago(self.months.now, DAYS_AGO, *ENDS)
        own = Worker.objects.filter(employer="own", on_duty=True).select_related("user")
        self.own = {worker: self.months.faults_of(worker) for worker in own.prefetch_related("skills")}

    def add(self) -> Activation:
        """From the first small repair that has to wait to the approved record."""
        plan = EmergencyPlan.objects.get(code="storm")
        disasters = set(plan.faults.values_list("pk", flat=True))
        small = [each for each in self._mendable() if each.pk not in disasters and each.default_level > 2]
        waiting = self._calls([(self.begin - timedelta(hours=ago), to) for ago, to in WAITING], small)
        activation = start(self.months, "storm", self.begin, LASTS, "台风橙色预警，白天有大到暴雨")
        holds.hold_all(activation, at=self.begin + timedelta(minutes=2))
        bring(self.months, activation, self.begin + timedelta(minutes=25), checks=11)
        self._lead(activation, waiting)
        wet = [each for each in self._mendable() if each.pk in disasters]
        reported = self._calls([(self.begin + timedelta(minutes=after), to) for after, to in REPORTED], wet)
        self._end(activation)
        self._go_on([*reported, *waiting])
        return activation

    def _mendable(self) -> list[FaultCategory]:
        known = {fault for faults in self.own.values() for fault in faults}
        return [each for each in self.months.faults if each in known]

    def _calls(self, wanted: list[tuple[datetime, str]], faults: list[FaultCategory]) -> list[Journey]:
        """One ticket for each moment, as far on its way as it shall be; fewer when nobody can go."""
        found = (self._called(at, to, faults) for at, to in wanted)
        return [journey for journey in found if journey is not None]

    def _called(self, at: datetime, to: str, faults: list[FaultCategory]) -> Journey | None:
        for _ in range(TRIES):
            with suppress(assign.NotEligible, workflow.NotReady, NobodyFits), transaction.atomic():
                return self._call(at, to, faults)
        return None

    def _call(self, at: datetime, to: str, faults: list[FaultCategory]) -> Journey:
        call = self.months.call(at, faults=faults, estates=self.months.estates[:1])
        by = Actor.staff(self.months.staff["front_desk"])
        journey = self.months.journey(intake.register(intake=call, by=by, at=at), at)
        able = [worker for worker, faults in self.own.items() if journey.ticket.fault in faults]
        cast = replace(journey.cast, worker=self.months.random.choice(able))
        urgent = at >= self.begin
        journey = replace(journey, cast=cast, pace=PACE, insists=True, hurries=urgent)
        journey.stands(to, by=self.end if urgent else self.begin)
        return journey

    def _lead(self, activation: Activation, waiting: list[Journey]) -> None:
        """Orders are given, and one of the small repairs cannot wait."""
        manager = self.months.staff["manager"]
        for after, words in ORDERS:
            verbs.order(
                activation=activation, words=words, by=manager, at=self.begin + timedelta(hours=after)
            )
        by, at = Actor.staff(self.months.staff["dispatcher"]), self.begin + timedelta(hours=4)
        for journey in waiting[-1:]:
            holds.let_one_go(activation=activation, ticket=journey.ticket, reason=EXCEPTION, by=by, at=at)

    def _end(self, activation: Activation) -> None:
        manager, supervisor = self.months.staff["manager"], self.months.staff["supervisor"]
        activation = verbs.end(activation=activation, reason="雨停，逐栋排查完毕", by=manager, at=self.end)
        holds.let_go_all(activation, at=self.end)
        verbs.finish(activation, at=self.end)
        row = AfterAction.objects.get(activation=activation)
        at = self.end + timedelta(hours=14)
        record.write(row=row, words=WORDS, submit=True, by=supervisor, at=at)
        record.decide(row=row, approved=True, answer="按措施落实", by=manager, at=at + timedelta(hours=6))

    def _go_on(self, journeys: list[Journey]) -> None:
        """What the storm left open is done in the days after it."""
        for number, journey in enumerate(journeys):
            journey.ticket = Ticket.objects.get(pk=journey.ticket.pk)
            morning = self.end + timedelta(hours=12, minutes=20 * number)
            journey.now = max(journey.now, morning)
            journey.to(Status.ARCHIVED)
