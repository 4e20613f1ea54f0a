"""What ties tickets together, for the demo: incidents with calls, urging owners, followers, cases, care."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from demo import names, pictures
from demo.months import Months
from estates.models import Unit
from knowledge.models import FaultCategory
from tickets import care, cases, desk_files, following, incidents, intake, nudges
from tickets.actors import Actor
from tickets.models import CareTask, Evidence, Status, Ticket
from tickets.states import URGEABLE

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
        self._follow()
        self._leak()
        self._care()
        self._locked_out()

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
        for times, ticket in enumerate(islice(waiting, 3), start=1):
            for number, words in enumerate(URGES[:times]):
                at = self.months.now - timedelta(hours=4) + timedelta(minutes=50 * number)
                nudges.urge(ticket=ticket, by=Actor.staff(self._clerk), at=at, words=words)

    def _follow(self) -> None:
        random, by = self.months.random, Actor.staff(self._clerk)
        public = Ticket.objects.filter(place__isnull=False, status__in=URGEABLE).order_by("-registered_at")
        for number, ticket in enumerate(islice(public, 4)):
            for _ in range(1 + number % 3):
                caller = following.Caller(phone=names.phone(random), name=names.person(random))
                following.follow(ticket=ticket, caller=caller, by=by, at=self.months.now)

    def _leak(self) -> None:
        """Water from 902 into 802 and 702: one cause, three tickets."""
        estate, at, by = (
            self.months.estates[2],
            self.months.now - timedelta(hours=7),
            Actor.staff(self._clerk),
        )
        upstairs, *below = [self._flat(estate, f"{floor}02") for floor in (9, 8, 7)]
        cause = self._report(upstairs, "WP", "卫生间地漏返水，水漫到客厅", at)
        hurt = [
            self._report(unit, "WP", "卧室顶板大片水印，一直滴水", at + timedelta(minutes=9))
            for unit in below
        ]
        facts = cases.Facts(
            title=f"{cause.place_label}漏水，楼下两户受损",
            responsible=self.months.staff["engineer"],
            cause="初步判断为卫生间地漏周边防水失效，待闭水试验确认。",
        )
        sides = [(cause, "cause"), *((ticket, "damage") for ticket in hurt)]
        cases.open_case(facts=facts, tickets=sides, by=by, at=at + timedelta(minutes=20))

    @staticmethod
    def _flat(estate, room: str) -> Unit:
        homes = Unit.objects.filter(estate=estate, room=room, entrance="1单元", households__isnull=False)
        return homes.select_related("building", "estate").order_by("building_id").first()

    def _report(self, unit: Unit, code: str, words: str, at: datetime) -> Ticket:
        owner = unit.households.select_related("owner").first().owner
        faults = FaultCategory.objects.filter(code__startswith=code, place__in=["private", "both"])
        taken = intake.Intake(
            estate=unit.estate,
            started_at=at - timedelta(minutes=3),
            unit=unit,
            owner=owner,
            reporter_name=owner.name,
            reporter_phone=owner.phone,
            fault=faults.order_by("code").last(),
            description=words,
            wanted="尽快",
        )
        return intake.register(intake=taken, by=Actor.staff(self._clerk), at=at)

    def _care(self) -> None:
        """What was due long ago is done; an old neighbour's call of today waits."""
        by = Actor.staff(self.months.staff["housekeeper"])
        late = CareTask.objects.filter(done_at__isnull=True, due_at__lt=self.months.now - timedelta(days=1))
        for task in late.select_related("ticket").order_by("due_at"):
            note = "已电话联系，老人在家安全，约好师傅上门时陪同。"
            care.finish(task=task, note=note, by=by, at=task.due_at - timedelta(minutes=20))
        today = self.months.now - timedelta(hours=3)
        flagged = Unit.objects.filter(
            estate=self.months.estates[0], households__owner__care_flags__kind="elderly_alone"
        )
        for unit in flagged.select_related("building", "estate").order_by("pk")[:2]:
            self._report(unit, "SA01", "厨房龙头一直滴水，老人自己拧不紧", today)

    def _locked_out(self) -> None:
        """A door to be pried open waits for the owner's application; a chat is kept with another ticket."""
        at = self.months.now - timedelta(minutes=35)
        unit = self._flat(self.months.estates[3], "602")
        ticket = self._report(unit, "DW10", "钥匙反锁在家里，要求撬锁进门", at)
        desk_files.add(
            ticket=ticket,
            files=pictures.examined(pictures.photo(ticket.pk, "微信沟通.jpg", mended=True)),
            stage=Evidence.Stage.CHAT,
            by=Actor.staff(self._clerk),
            at=at + timedelta(minutes=4),
        )
