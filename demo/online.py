"""Owners who brought something by phone just now: what the desk has still to confirm (IN-05, IN-13)."""

from dataclasses import dataclass
from datetime import timedelta

from channels import online, owner_report
from channels.owner_report import Told
from demo import pictures
from demo.months import Months
from estates.models import Household, PublicPlace
from knowledge.models import FaultCategory
from tickets import kinds, workflow
from tickets.actors import Actor
from tickets.kinds import Kind
from tickets.levels import Danger

CONFIRMED_AFTER = 15
# Minutes ago, the owner's words, answers to the layman's questions.
SAID = [
    (190, "卫生间地漏往上返水，有味道", ()),
    (58, "厨房水槽下面一直滴水，柜子泡了", ()),
    (11, "楼上漏水，灯已经不敢开了", (Danger.RUNNING_WATER, Danger.POWER_THREAT)),
    (6, "卧室的插座没电，冰箱也停了", ()),
]
# The same for what is no repair: minutes ago, kind, the owner's words, answers to the questions of the kind.
BROUGHT = [
    (34, Kind.CONSULTATION, "阳台封窗要不要先申请，押金多少", {"topic": "fitting"}),
    (19, Kind.PLANNED, "客厅柜机一台、卧室挂机一台，两年没洗了", {"item": "清洗两台空调"}),
    (9, Kind.SUGGESTION, "快递柜旁边晚上太暗，希望加一盏灯", {"topic": "facility"}),
    (
        4,
        Kind.COMPLAINT,
        "二单元门口的地砖翘起来一块，昨天有老人绊了一下",
        {"about": "safety", "demand": "先围起来，尽快修好", "harm": "no"},
    ),
]


@dataclass
class Online:
    """Adds to months that were written already."""

    months: Months

    def add(self) -> None:
        """Some from dwellings, confirmed or not; one from the code of a lift by a stranger."""
        estate = self.months.estates[0]
        rows = Household.objects.filter(unit__estate=estate, owner__phone__startswith="1")
        households = list(
            rows.select_related("owner", "unit__building__batch", "unit__estate").order_by("pk")[
                100 : 100 + len(SAID) + len(BROUGHT)
            ]
        )
        for number, (household, said) in enumerate(zip(households, SAID, strict=False)):
            self._report(household, *said, number=number)
        for household, brought in zip(households[len(SAID) :], BROUGHT, strict=True):
            self._bring(household, *brought)
        self._lift(estate)

    def _report(self, household: Household, minutes: int, words: str, dangers, *, number: int) -> None:
        at = self.months.now - timedelta(minutes=minutes)
        told = self._told(
            household,
            words,
            wanted="尽快",
            fault=owner_report.faults_meant(words, at_home=True)[0],
            dangers=dangers,
            photos=pictures.examined(pictures.photo(40 + number, "手机拍摄.jpg")),
        )
        ticket = owner_report.submit(told, at=at)
        if minutes > CONFIRMED_AFTER:
            desk = Actor.staff(self.months.staff["front_desk"])
            online.acknowledge(ticket=ticket, by=desk, at=at + timedelta(minutes=4))
            owner, later = Actor.owner(ticket_id=ticket.pk, name=told.name), at + timedelta(minutes=9)
            workflow.note(
                ticket=ticket, name="comment", by=owner, at=later, reason="下午三点以后家里都有人。"
            )

    def _bring(self, household: Household, minutes: int, kind: str, words: str, details) -> None:
        door = kinds.of(kind).door
        told = self._told(
            household,
            words,
            wanted="本周末" if kind in kinds.SENT else "",
            fault=FaultCategory.objects.filter(code=door.fault).first() if door.fault else None,
            kind=kind,
            details=details,
        )
        owner_report.submit(told, at=self.months.now - timedelta(minutes=minutes))

    @staticmethod
    def _told(household: Household, words: str, **more) -> Told:
        """What somebody of this household says of their dwelling."""
        owner, unit = household.owner, household.unit
        return Told(
            phone=owner.phone, name=owner.name, estate=unit.estate, unit=unit, description=words, **more
        )

    def _lift(self, estate) -> None:
        lift = PublicPlace.objects.filter(estate=estate, name="1号电梯").select_related("building").first()
        told = Told(
            phone="13911112222",
            name="访客",
            estate=estate,
            place=lift,
            description="电梯关门时响得厉害，抖了一下",
            wanted="尽快",
        )
        owner_report.submit(told, at=self.months.now - timedelta(minutes=3))
