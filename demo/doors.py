"""Machines that call, a round that found something, and what other ports passed on, minutes ago."""

from dataclasses import dataclass
from datetime import timedelta

from channels import devices, patrol, relay, sensors
from channels.models import AlarmKind, Device
from demo import pictures
from demo.months import Months
from estates.models import Equipment, PublicPlace
from knowledge.models import FaultCategory
from tickets import intake
from tickets.actors import Actor
from tickets.models import Channel, Port


@dataclass
class Doors:
    """Adds to the first estate of the months."""

    months: Months

    def add(self) -> None:
        """Two machines with an alarm that came again, one finding, two relayed reports."""
        self.estate = self.months.estates[0]
        self.places: list[PublicPlace] = self.months.places[self.estate.pk]
        self._machines()
        self._round()
        self._ports()

    def _machines(self) -> None:
        words = [
            ("LEAK-01", "地下车库", "水浸探头", AlarmKind.LEAK, "集水井潜污泵"),
            ("LIFT-01", "1号电梯", "监测终端", AlarmKind.ELEVATOR, "1号客梯"),
        ]
        for code, where, name, kind, watched in words:
            place = next(place for place in self.places if place.name == where)
            device = Device.objects.create(
                code=f"{self.estate.code}-{code}",
                name=f"{place.name}{name}",
                estate=self.estate,
                place=place,
                equipment=Equipment.objects.filter(place=place, name=watched).first(),
                fault=self._fault("积水泵" if kind == AlarmKind.LEAK else "电梯"),
            )
            devices.renew_secret(device=device, by=self.months.staff["manager"], at=self.months.now)
            for minutes in (25, 14, 3):
                at = self.months.now - timedelta(minutes=minutes)
                reading = sensors.Reading(kind, "on", "水位 3 cm" if kind == AlarmKind.LEAK else "", at)
                sensors.take(device=device, nonce=f"demo-{code}-{minutes}", reading=reading, at=at)

    def _fault(self, word: str) -> FaultCategory:
        public = [each for each in self.months.faults if each.place != "private" and "困人" not in str(each)]
        return next((fault for fault in public if word in str(fault)), public[0])

    def _round(self) -> None:
        at, worker = self.months.now - timedelta(minutes=40), self.months.workers[0].user
        found = intake.Intake(
            estate=self.estate,
            started_at=at,
            channel=Channel.PATROL,
            port=Port.REPAIR,
            place=self.places[-1],
            reporter_name=worker.full_name,
            fault=self._fault("灯"),
            description="巡检发现灯不亮，晚上看不清台阶",
            wanted="尽快",
        )
        photos = pictures.examined(pictures.photo(7))
        patrol.report(found=found, photos=photos, by=Actor.staff(worker), at=at)

    def _ports(self) -> None:
        units, staff = self.months.units[self.estate.pk], self.months.staff
        said = [
            (Port.PROPERTY, "housekeeper", "卫生间地漏返水，气味很大", 12),
            (Port.CALL_CENTRE, "front_desk", "业主打集团热线，入户门锁打不开", 4),
        ]
        for number, (port, who, words, minutes) in enumerate(said):
            at = self.months.now - timedelta(minutes=minutes)
            taken = intake.Intake(
                estate=self.estate,
                started_at=at,
                port=port,
                unit=units[number * 7],
                reporter_phone=f"1390000000{number}",
                description=words,
                wanted="由师傅电话约定",
            )
            relay.take(taken=taken, by=Actor.staff(staff[who]), at=at)
