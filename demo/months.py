"""Months of tickets in every state, taken along their way through the services."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from operator import itemgetter
from random import Random

from django.db import transaction

from accounts.models import User
from demo import kinds, mends, names, pictures
from demo.journeys import ON_TIME, WAY, Cast, Journey, NobodyFits
from dispatch import visits
from dispatch.models import Worker
from estates.models import Estate, PublicPlace, Unit
from knowledge.models import FaultCategory
from tickets import following, followup, intake, pausing, workflow
from tickets.actors import Actor
from tickets.levels import Danger
from tickets.models import Channel, FollowUp, Port, Status, Ticket

DAYS = 75
# Of the tickets that are old enough, so many have gone all the way.
DONE_SHARE = 0.86
FAILED_FOLLOW_UPS = 0.06
# A call nobody on duty can take is tried again with another fault.
TRIES = 8
# Of thirteen visits one comes after its window, one well before it.
OFF = {5: visits.SLOT + timedelta(minutes=14), 9: -timedelta(minutes=21)}
WANTED = ["尽快", "今天下午", "明天上午", "本周末", "由师傅电话约定"]


@dataclass
class Months:
    """Writes tickets from `DAYS` ago until `now`; every choice comes from the seed."""

    random: Random
    now: datetime
    estates: Sequence[Estate]
    staff: dict[str, User]
    workers: Sequence[Worker]

    def __post_init__(self):
        # Questions and paid services are kinds of their own, not faults (demo.kinds).
        faults = FaultCategory.objects.filter(active=True).exclude(code__startswith="OT")
        self.faults = list(faults.prefetch_related("trades"))
        self.units = {
            estate.pk: list(Unit.objects.filter(estate=estate).select_related("building", "estate"))
            for estate in self.estates
        }
        self.places = {
            estate.pk: list(PublicPlace.objects.filter(estate=estate).select_related("building", "estate"))
            for estate in self.estates
        }

    def write(self, count: int, *, meanwhile: Sequence[tuple[datetime, Callable[[], object]]] = ()) -> int:
        """So many tickets, the oldest first, and a few that stand aside; returns how many.

        What happened `meanwhile` is done when its moment has come, so that it finds the tickets of then.
        """
        ages = sorted((self.random.random() ** 1.6 * DAYS * 24 for _ in range(count)), reverse=True)
        moments = [self.now - timedelta(hours=hours) for hours in ages]
        happens = [*meanwhile, *((at, partial(self._one, at)) for at in moments)]
        for _, act in sorted(happens, key=itemgetter(0)):
            act()
        return count + self._odd_ones() + self._other_kinds()

    def _other_kinds(self) -> int:
        """Complaints, questions, services and an accident."""
        estate = self.estates[0]
        return kinds.write(
            random=self.random, now=self.now, estate=estate, units=self.units[estate.pk], staff=self.staff
        )

    def _one(self, at: datetime) -> Ticket:
        ticket = self.register(at)
        self._receive(ticket, at)
        journey = self.journey(ticket, at)
        age = self.now - at
        if age > timedelta(days=4) or (age > timedelta(days=2) and self.random.random() < DONE_SHARE):
            target = Status.ARCHIVED if age > timedelta(days=20) else Status.CLOSED
        else:
            target = self.random.choice(WAY[:-1])
        self._walk(journey, target)
        return journey.ticket

    def _receive(self, ticket: Ticket, at: datetime) -> None:
        """The repair department confirms what other ports passed on; now and then nobody does in time."""
        passed_on = ticket.report.port in {Port.SERVICE, Port.CALL_CENTRE}
        if passed_on and ticket.pk % 12 and at + timedelta(minutes=3) < self.now:
            by = Actor.staff(self.staff["dispatcher"])
            at += timedelta(minutes=1 + ticket.pk % 3)
            workflow.note(
                ticket=ticket, name="relay_received", by=by, at=at, payload={"port": ticket.report.port}
            )

    def _walk(self, journey: Journey, target: str) -> None:
        """As far as the target, or as far as the time has come, or until nobody can be sent."""
        with suppress(NobodyFits):
            while journey.ticket.status != target and journey.now < self.now - timedelta(hours=8):
                if journey.waits_beyond(self.now):
                    break
                if journey.ticket.status == Status.COMPLETED and journey.ticket.round == 1 and self._fails():
                    self._not_solved(journey)
                else:
                    journey.step()
            if journey.ticket.status == Status.REGISTERED:
                journey.step()

    def _fails(self) -> bool:
        return self.random.random() < FAILED_FOLLOW_UPS

    def _not_solved(self, journey: Journey) -> None:
        journey.now += timedelta(hours=10)
        answers = followup.Answers(
            result=FollowUp.Result.NOT_SOLVED,
            speed=4,
            attitude=4,
            quality=2,
            cleanness=4,
            note="用了两天又出现同样的问题",
        )
        by = Actor.staff(self.staff["front_desk"])
        followup.record(ticket=journey.ticket, answers=answers, by=by, at=journey.now)
        journey.ticket = Ticket.objects.get(pk=journey.ticket.pk)

    def journey(self, ticket: Ticket, at: datetime) -> Journey:
        """The way of this ticket, with the demo's people."""
        cast = Cast(
            front_desk=self.staff["front_desk"],
            dispatcher=self.staff["dispatcher"],
            worker=self._worker_for(ticket),
            engineer=self.staff["engineer"],
            manager=self.staff["manager"],
        )
        stars = self.random.choices([5, 4, 3, 2], [60, 25, 10, 5])[0]
        pace = timedelta(minutes=self.random.choice([4, 8, 8, 15, 40]))
        cause, method = mends.cause_and_method(ticket.fault.code)
        return Journey(
            ticket=ticket,
            cast=cast,
            now=at,
            pace=pace,
            stars=stars,
            cause=cause,
            method=method,
            daytime=True,
            comes=OFF.get(ticket.pk % 13, ON_TIME),
        )

    def _worker_for(self, ticket: Ticket) -> Worker:
        trades = {trade.pk for trade in ticket.fault.trades.all()}
        fit = [
            worker
            for worker in self.workers
            if trades & {skill.trade_id for skill in worker.skills.all()}
            and worker.user.may_see_estate(ticket.estate_id)
        ]
        return self.random.choice(fit or list(self.workers))

    def register(self, at: datetime) -> Ticket:
        """A call of then, taken down by the front desk."""
        by = Actor.staff(self.staff["front_desk"])
        return intake.register(intake=self.call(at), by=by, at=at)

    def call(
        self, at: datetime, *, faults: Sequence[FaultCategory] = (), estates: Sequence[Estate] = ()
    ) -> intake.Intake:
        """What somebody of the town calls about at this time: any fault, or one of these; so with estates."""
        random = self.random
        estate = random.choice(list(estates or self.estates))
        fault = random.choice(faults or self._mendable())
        public = fault.place == FaultCategory.Place.PUBLIC
        unit = None if public else random.choice(self.units[estate.pk])
        place = random.choice(mends.fitting(self.places[estate.pk], fault.code)) if public else None
        household = unit.households.select_related("owner").first() if unit else None
        owner = household.owner if household else None
        return intake.Intake(
            estate=estate,
            started_at=at - timedelta(seconds=random.randint(45, 190)),
            channel=random.choices([Channel.PHONE, Channel.FRONT_DESK, Channel.PATROL], [70, 20, 10])[0],
            port=random.choice(Port.values),
            unit=unit,
            place=place,
            owner=owner,
            reporter_name=owner.name if owner else names.person(random),
            reporter_phone=owner.phone if owner else names.phone(random),
            fault=fault,
            description=names.description(
                random, area=fault.area, component=fault.component, fault=fault.fault
            ),
            wanted=random.choice(WANTED),
            dangers=[random.choice(Danger.values)] if random.random() < 0.03 else [],
        )

    def _mendable(self) -> list[FaultCategory]:
        """Faults that somebody on duty has a valid skill for."""
        skilled = {
            skill.trade_id
            for worker in self.workers
            if worker.on_duty
            for skill in worker.skills.all()
            if skill.expires_on is None or skill.expires_on > self.now.date()
        }
        return [fault for fault in self.faults if skilled & {trade.pk for trade in fault.trades.all()}]

    def faults_of(self, worker: Worker) -> list[FaultCategory]:
        """Faults that this worker knows how to mend."""
        skilled = {skill.trade_id for skill in worker.skills.all()}
        return [fault for fault in self.faults if skilled & {trade.pk for trade in fault.trades.all()}]

    def _odd_ones(self) -> int:
        """One ticket in each state that stands aside from the usual way."""
        recent = self.now - timedelta(hours=5)
        dispatcher, clerk = Actor.staff(self.staff["dispatcher"]), Actor.staff(self.staff["clerk"])
        step = workflow.step
        step(ticket=self.register(recent), name="cancel", by=dispatcher, at=recent, reason="业主来电撤销")
        step(
            ticket=self.register(recent),
            name="transfer",
            by=dispatcher,
            at=recent,
            reason="属自来水公司管段",
        )
        until = (self.now + timedelta(days=9)).date()
        step(
            ticket=self.register(recent),
            name="defer",
            by=dispatcher,
            at=recent,
            reason="等待雨天验证",
            payload={"until": until.isoformat()},
            until=until,
        )
        self._merged(recent, clerk)
        self._one_in_each_state()
        with suppress(NobodyFits):
            self._suspended(recent)
        self._incomplete(recent)
        return 7 + len(WAY[2:-2])

    def _merged(self, at: datetime, clerk: Actor) -> None:
        """Two calls about one spot: the second goes into the first."""
        desk = Actor.staff(self.staff["front_desk"])
        first, second = self.call(at), self.call(at)
        calls = (first, replace(first, started_at=second.started_at, channel=second.channel))
        original, again = [intake.register(intake=call, by=desk, at=at) for call in calls]
        following.merge(ticket=again, into=original, by=clerk, at=at, reason="同一处问题")

    def _one_in_each_state(self) -> None:
        """Work of today and yesterday, so that every queue has something in it."""
        for hours, status in enumerate(WAY[2:-2], start=20):
            at = self.now - timedelta(hours=hours)
            any(self._came_to(status, at) for _ in range(TRIES))

    def _came_to(self, status: str, at: datetime) -> bool:
        """Whether a call of then has come so far; nothing is left of one that nobody could be sent to."""
        with suppress(NobodyFits), transaction.atomic():
            self.journey(self.register(at), at).stands(status, by=self.now)
            return True
        return False

    def _suspended(self, at: datetime) -> None:
        start = at - timedelta(days=1)
        journey = self.journey(self.register(start), start)
        journey.to(Status.SURVEYING)
        pausing.suspend(
            ticket=journey.ticket,
            code="material",
            words="密封件缺货，两天后到货",
            files=pictures.examined(pictures.photo(7, "缺料.jpg")),
            by=journey.worker,
            at=max(at, journey.now),
        )

    def _incomplete(self, at: datetime) -> None:
        taken = intake.Intake(
            estate=self.estates[0],
            started_at=at,
            reporter_phone=names.phone(self.random),
            description="信号不好，只听清说家里漏水",
        )
        intake.register(intake=taken, by=Actor.staff(self.staff["front_desk"]), at=at)
