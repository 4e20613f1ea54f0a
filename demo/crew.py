"""The people's side of the demo town: rosters of two weeks, leave, certificates, exams, trainings (DI-08)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils.timezone import localdate

from accounts.models import User
from demo import pictures
from dispatch import certificates, leaves, proposals, roster_book, training, visits
from dispatch.models import Exam, Leave, ShiftKind, TeamReserve, TradeRule, Visit, Worker
from dispatch.rosters import monday_of
from estates.models import Area
from tickets.actors import Actor
from tickets.calendars import SHANGHAI
from tickets.models import Status, Ticket

# Who of our own workers, in the order of `dispatch.demo.OWN`, has which letters in this week and the next.
# Whoever is alone in a trade rests on one working day; who is left out is on duty by the own mark.
WEEKS = {
    0: ("NNNXZZZ", "ZZXNNNN"),
    1: ("ZZXNNNN", "NNNXZZZ"),
    2: ("ZZZXZZM", "ZXZZZZM"),
    3: ("XZZZMMZ", "ZZMMXZZ"),
    4: ("ZMXZZZZ", "XZZZZZM"),
    5: ("ZZZXZZZ", "ZXZZZZZ"),
    6: ("ZXZMZZZ", "ZZZXZZM"),
    7: ("BXZZZBB", "ZZBBXZZ"),
    # At home by the own mark, called in by the roster: the second mason stands in for the one on leave.
    10: ("ZZMZXZZ", "ZZZMZXZ"),
}


@dataclass
class Crew:
    """Adds to a town whose tickets are written already: they were dispatched before anybody was rostered."""

    staff: dict[str, User]
    workers: Sequence[Worker]
    now: datetime

    def add(self) -> None:
        """Everything, through the services."""
        own = [each for each in self.workers if each.employer == Worker.Employer.OWN]
        self._rosters(own)
        self._leaves(own)
        self._learning(own)
        for area in Area.objects.all():
            TeamReserve.objects.create(area=area, reserve=1)
        for ticket in Ticket.objects.filter(status=Status.IN_REVIEW):
            # Who was free by the own mark may be at home by the roster.
            proposals.think_again(ticket=ticket, at=self.now)

    @property
    def today(self) -> date:
        """The day of the demo in Shanghai."""
        return localdate(self.now)

    def _rosters(self, own: Sequence[Worker]) -> None:
        kinds = {kind.letter: kind for kind in ShiftKind.objects.all()}
        monday = monday_of(self.today)
        changes = [
            roster_book.Change(worker.pk, monday + timedelta(days=7 * week + number), 0, kinds[letter])
            for turn, weeks in WEEKS.items()
            for worker in own[turn : turn + 1]
            for week, letters in enumerate(weeks)
            for number, letter in enumerate(letters)
            # The Sunday of next week is still to be planned.
            if (week, number) != (1, 6)
        ]
        roster_book.save(changes=changes, by=self.staff["supervisor"], at=self.now)

    def _leaves(self, own: Sequence[Worker]) -> None:
        ask = self._ask
        away = ask(own[2], 1, 3, Leave.Kind.ANNUAL, "回老家探亲")
        refused = ask(own[4], 2, 2, Leave.Kind.PERSONAL, "搬家")
        ask(own[6], 5, 6, Leave.Kind.PERSONAL, "孩子家长会与体检")
        ask(own[7], 2, 2, Leave.Kind.SICK, "复查牙齿", part="afternoon")
        by = self.staff["supervisor"]
        self._ill(own, by)
        leaves.decide(leave=away, approve=True, answer="已安排人顶班", by=by, at=self.now)
        words = "当天夜班没有人替，请与同事换班后再申请"
        leaves.decide(leave=refused, approve=False, answer=words, by=by, at=self.now)

    def _ill(self, own: Sequence[Worker], by: User) -> None:
        """Somebody fell ill whose visits are agreed already: they wait in the list of clashes."""
        # Not those who are alone in their trade.
        free = [*own[:2], own[3], *own[8:]]
        coming = Visit.objects.filter(
            state=Visit.State.BOOKED, window__startswith__gt=self.now, worker__in=free
        ).select_related("worker__user")
        visit = coming.order_by("window").first() or self._agreed(free)
        if visit is None:
            return
        day = (localdate(visit.window.lower) - self.today).days
        leave = self._ask(visit.worker, day, day, Leave.Kind.SICK, "发烧，医嘱休息")
        leaves.decide(leave=leave, approve=True, answer="", by=by, at=self.now)

    def _agreed(self, free: Sequence[Worker]) -> Visit | None:
        """A visit of the morning after tomorrow, for a task that was taken without one."""
        tickets = Ticket.objects.filter(status=Status.ACCEPTED, handler__in=[each.user_id for each in free])
        if (ticket := tickets.select_related("handler").first()) is None:
            return None
        start = datetime.combine(self.today + timedelta(days=2), time(10), SHANGHAI)
        by = Actor.staff(ticket.handler)
        return visits.book(ticket=ticket, start=start, end=start + visits.SLOT, by=by, at=self.now)

    def _ask(self, worker: Worker, first: int, last: int, kind: str, reason: str, part: str = "all") -> Leave:
        days = [self.today + timedelta(days=number) for number in (first, last)]
        span = leaves.span_of(*days, part)
        return leaves.ask(worker=worker, span=span, kind=kind, reason=reason, at=self.now)

    def _learning(self, own: Sequence[Worker]) -> None:
        by, first = self.staff["supervisor"], training.quarter_of(self.today)[0]
        sessions = [
            ("上门礼仪与文明施工", first + timedelta(days=3), Decimal(2), own[:9]),
            ("漏水勘查与止损", min(first + timedelta(days=20), self.today), Decimal(3), own[3:8]),
            ("低压电气安全规程", first - timedelta(days=30), Decimal(4), own[1:10]),
        ]
        for topic, held_on, hours, people in sessions:
            scores = {each: Decimal(78 + each.pk % 20) for each in people}
            training.record(
                attended=scores,
                by=by,
                topic=topic,
                held_on=min(held_on, self.today),
                hours=hours,
                trainer="陈志远",
            )
        self._newcomer(own[-1])
        self._renewal(own)

    def _newcomer(self, worker: Worker) -> None:
        """Somebody new: theory passed, practice not yet, so this trade is not suggested."""
        worker.hired_on = self.today - timedelta(days=40)
        worker.save(update_fields=["hired_on"])
        skill = worker.skills.select_related("trade").order_by("trade__code").first()
        since = self.today - timedelta(days=180)
        TradeRule.objects.update_or_create(trade=skill.trade, defaults={"exams_from": since})
        results = [(Exam.Part.THEORY, 20, 86, True), (Exam.Part.PRACTICE, 6, 54, False)]
        for part, ago, score, passed in results:
            day = self.today - timedelta(days=ago)
            Exam.objects.create(
                worker=worker,
                trade=skill.trade,
                part=part,
                taken_on=day,
                score=score,
                passed=passed,
                examiner="陈志远",
            )

    def _renewal(self, own: Sequence[Worker]) -> None:
        """A certificate that was renewed, with a picture of it; the one before stays in the history."""
        held = [
            skill
            for each in own
            for skill in each.skills.all()
            if skill.expires_on and skill.expires_on > self.today
        ]
        if not held:
            return
        skill = max(held, key=lambda each: each.expires_on)
        certificates.record(
            skill=skill,
            number=f"{skill.certificate}-2",
            issued_on=self.today - timedelta(days=10),
            expires_on=self.today + timedelta(days=3 * 365),
            scans=pictures.examined(pictures.photo(7, "低压电工证.jpg", mended=True)),
            by=self.staff["supervisor"],
            at=self.now,
        )
