"""Takes a ticket along its way through the services, as people would: for the demo estate and for tests."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from demo import hours, pictures
from demo.kinds import papers
from dispatch import assign, proposals, visits
from dispatch.models import Proposal, Worker
from tickets import (
    acceptance,
    desk_files,
    errands,
    fieldwork,
    followup,
    plans,
    requirements,
    responsibility,
    workflow,
)
from tickets.actors import Actor
from tickets.models import Errand, Evidence, FollowUp, Status, Ticket

WAY = [
    Status.REGISTERED,
    Status.IN_REVIEW,
    Status.DISPATCHED,
    Status.ACCEPTED,
    Status.SCHEDULED,
    Status.SURVEYING,
    Status.OWNER_CONSENT,
    Status.REPAIRING,
    Status.PRE_INSPECTION,
    Status.OWNER_ACCEPTANCE,
    Status.COMPLETED,
    Status.CLOSED,
    Status.ARCHIVED,
]

ON_TIME = timedelta(minutes=2)
REASONS = (
    "熟悉该户情况，上次也是他修的",
    "首选师傅手上的活今天做不完",
    "业主指定要这位师傅上门",
    "正在隔壁楼，十分钟能到",
    "首选师傅下午请了半天假，还没有批",
    "需要两人配合，他们一组",
    "要带高压疏通机，设备在他车上",
)


class NobodyFits(Exception):
    """The machine found no worker for the ticket; it waits for a person's idea."""


@dataclass(frozen=True)
class Cast:
    """The people of a journey."""

    front_desk: User
    dispatcher: User
    worker: Worker
    engineer: User
    manager: User


@dataclass
class Journey:
    """One ticket on its way; `now` moves on with every step by `pace`."""

    ticket: Ticket
    cast: Cast
    now: datetime
    pace: timedelta = timedelta(minutes=10)
    stars: int = 5
    cause: str = "接口密封件老化"
    method: str = "更换密封件并做通水试验"
    # Send the worker of the cast even where the machine would not have thought of them.
    insists: bool = False
    # Agree on visits by day alone.
    daytime: bool = False
    # How long after its window begins a visit does.
    comes: timedelta = ON_TIME
    # Go at once, without a window: water does not wait.
    hurries: bool = False

    def to(self, status: str) -> Ticket:
        """Walk until the ticket stands at `status`, a place on the way ahead; plans under review pass."""
        while self.ticket.status != status:
            self.step()
        return self.ticket

    def stands(self, status: str, *, by: datetime) -> Ticket:
        """As `to`; NobodyFits when whoever goes has no time until this moment."""
        self.to(status)
        if self.now > by:
            raise NobodyFits(self.ticket.number)
        return self.ticket

    def step(self) -> Ticket:
        """Take the one step that leads on from here."""
        take: Callable[[], object] = getattr(self, f"_from_{self.ticket.status}")
        self.now += self.pace
        take()
        self.ticket = Ticket.objects.get(pk=self.ticket.pk)
        return self.ticket

    def waits_beyond(self, now: datetime) -> bool:
        """Whether the next step is a visit that only begins after this moment."""
        return self.ticket.visits.filter(state="booked", window__startswith__gt=now).exists()

    @property
    def worker(self) -> Actor:
        return Actor.staff(self.ticket.handler or self.cast.worker.user)

    @property
    def owner(self) -> Actor:
        return Actor.owner(ticket_id=self.ticket.pk, name=self.ticket.reporter_name)

    def _from_registered(self):
        proposals.ensure(ticket=self.ticket, at=self.now)

    @property
    def staff(self) -> dict[str, User]:
        """Who fills in papers, by role."""
        return {"dispatcher": self.cast.dispatcher, "engineer": self.cast.engineer}

    def _from_in_review(self):
        papers(ticket=self.ticket, step="dispatch", staff=self.staff, at=self.now)
        proposal = self._heard(proposals.ensure(ticket=self.ticket, at=self.now))
        by = Actor.staff(self.cast.dispatcher)
        if requirements.application_missing(self.ticket):
            self._apply(by)
        ranked = [candidate["worker"] for candidate in proposal.candidates]
        wanted = self.cast.worker.pk
        if not ranked and not self.insists:
            raise NobodyFits(self.ticket.number)
        chosen = wanted if self.insists or wanted in ranked else ranked[0]
        self._make_way_for(Worker.objects.select_related("user").get(pk=chosen))
        if ranked[:1] != [chosen]:
            assign.change(proposal=proposal, worker=self.cast.worker, reason=self._why(), by=by, at=self.now)
        else:
            assign.approve(proposal=proposal, by=by, at=self.now)

    def _why(self) -> str:
        """Why somebody else goes than the machine thought; the same for the same ticket."""
        return REASONS[self.ticket.pk % len(REASONS)]

    def _heard(self, proposal: Proposal) -> Proposal:
        """Thought of again after the engineer's word, where only that keeps out who is wanted, or all."""
        waits = [each["worker"] for each in proposal.excluded if proposals.awaits_engineer(each)]
        first = [key for key in waits if key == self.cast.worker.pk]
        if not first and (proposal.candidates or not waits):
            return proposal
        self._make_way_for(Worker.objects.select_related("user").get(pk=(first or waits)[0]))
        return proposals.think_again(ticket=self.ticket, at=self.now)

    def _make_way_for(self, worker: Worker):
        """A contractor waits for the engineer's word and, after a first repair, for the manager's visit."""
        if not requirements.missing_for(self.ticket, worker.user):
            return
        by, trades = Actor.staff(self.cast.engineer), self.ticket.fault.trades
        trade = trades.filter(skills__worker=worker).first() or trades.first()
        facts = {"party": "contractor", "trade": trade, "reason": "查看照片与保修资料，属施工质量缺陷"}
        responsibility.confirm(ticket=self.ticket, by=by, at=self.now, **facts)
        if requirements.awaits_manager(self.ticket):
            errands.finish(
                ticket=self.ticket,
                kind=Errand.Kind.MANAGER,
                note="到户查看，原修补处未处理到位，要求重做",
                photos=pictures.examined(pictures.photo(self.ticket.pk + 7, "经理上门.jpg")),
                by=Actor.staff(self.cast.manager),
                at=self.now,
            )

    def _apply(self, by: Actor):
        desk_files.add(
            ticket=self.ticket,
            files=pictures.examined(pictures.photo(self.ticket.pk, "撬锁申请书.jpg", mended=True)),
            stage=Evidence.Stage.APPLICATION,
            applicant=self.ticket.reporter_name,
            by=by,
            at=self.now,
        )

    def _from_dispatched(self):
        workflow.step(ticket=self.ticket, name="accept", by=self.worker, at=self.now)

    def _from_accepted(self):
        workflow.note(ticket=self.ticket, name="contact", by=self.worker, at=self.now)
        if self.hurries:
            self.now += self.pace
            self._arrive()
            return
        start = _next_free_start(self.ticket.handler.worker, self.now, daytime=self.daytime)
        visits.book(
            ticket=self.ticket, start=start, end=start + timedelta(hours=2), by=self.worker, at=self.now
        )

    def _from_scheduled(self):
        visit = self.ticket.visits.get(state="booked")
        self.now = max(self.now, visit.window.lower + self.comes)
        visits.depart(ticket=self.ticket, by=self.worker, at=self.now - timedelta(minutes=8))
        self._arrive()

    def _arrive(self):
        photos = pictures.examined(pictures.photo(self.ticket.pk, "到场.jpg"))
        visits.arrive(ticket=self.ticket, photos=photos, by=self.worker, at=self.now)

    def _from_surveying(self):
        plan = plans.Plan(
            cause=self.cause,
            method=self.method,
            protection="作业面铺垫布，完工清扫",
            duration_minutes=self.ticket.fault.typical_minutes,
            materials=self.ticket.fault.materials.split("|")[0],
        )
        plans.submit(ticket=self.ticket, plan=plan, by=self.worker, at=self.now)

    def _from_plan_review(self):
        by = Actor.staff(self.cast.manager)
        workflow.step(ticket=self.ticket, name="approve_plan", by=by, at=self.now)

    def _from_owner_consent(self):
        plans.sign(
            ticket=self.ticket,
            signature=pictures.signature(self.ticket.pk),
            signer=self.ticket.reporter_name,
            by=self.owner,
            at=self.now,
        )

    def _from_repairing(self):
        self.now += timedelta(minutes=min(self.ticket.fault.typical_minutes, 240))
        fieldwork.finish(
            ticket=self.ticket,
            photos=pictures.examined(pictures.photo(self.ticket.pk, "完工.jpg", mended=True)),
            work_done=self.method,
            materials=self.ticket.fault.materials.split("|")[0],
            by=self.worker,
            at=self.now,
        )

    def _from_pre_inspection(self):
        papers(ticket=self.ticket, step="pass_inspection", staff=self.staff, at=self.now)
        acceptance.inspect(ticket=self.ticket, good=True, by=Actor.staff(self.cast.engineer), at=self.now)

    def _from_owner_acceptance(self):
        acceptance.accept(
            ticket=self.ticket,
            signature=pictures.signature(self.ticket.pk + 1),
            signer=self.ticket.reporter_name,
            stars=self.stars,
            remark="",
            by=self.owner,
            at=self.now,
        )

    def _from_completed(self):
        self.now += timedelta(hours=12)
        stars = self.stars
        answers = followup.Answers(
            result=FollowUp.Result.SOLVED, speed=stars, attitude=5, quality=stars, cleanness=stars
        )
        followup.record(
            ticket=self.ticket, answers=answers, by=Actor.staff(self.cast.front_desk), at=self.now
        )

    def _from_closed(self):
        self.now += timedelta(days=7)
        workflow.step(ticket=self.ticket, name="archive", by=Actor.system(), at=self.now)


def _next_free_start(worker: Worker, after: datetime, *, daytime: bool) -> datetime:
    """The next half hour from which the worker has two free hours."""
    start = after.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if daytime:
        start = hours.by_day(after)
    while worker.visits.filter(
        state__in=["booked", "done"], window__overlap=(start, start + timedelta(hours=2))
    ).exists():
        start += timedelta(minutes=30)
        if daytime and start.hour > hours.LAST:
            start = hours.by_day(start)
    return start
