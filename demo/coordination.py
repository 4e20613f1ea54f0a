"""What other departments owe the demo town: drawings, a quote, the water works; last week's decisions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from coordination import pauses, requests, watch, weekly
from coordination.models import Counterpart, Request
from coordination.requests import Asking, Contact
from demo import hours, pictures
from demo.months import Months
from estates.models import Estate
from tickets.actors import Actor
from tickets.models import Ticket
from tickets.states import PAUSABLE, URGEABLE

DRAWINGS = Contact("云栖置业", "钱工", "13911120001", "drawings@example.com")
QUOTES = Contact("恒通阀门", "沈经理", "13911120002", "quotes@example.com")
WATER = Contact("城东供水所", "调度室", "", "")


@dataclass
class Coordination:
    """Adds to months that were written already."""

    months: Months

    def add(self) -> None:
        """Last week's list with a decision that was kept and one that was not, and this week's."""
        estate, now = self.months.estates[0], self.months.now
        ago = [hours.days_ago(now, days, 10) for days in (10, 7, 6, 5)]
        quote = self._ask(estate, "supplier", QUOTES, ago[0], asked="2号楼减压阀同型号报价与货期")
        water = self._ask(estate, "water", WATER, ago[0], asked="排查小区东门表前管水压不足")
        self._decide(estate, ago[1], quote, water)
        self._answer(water, ago[2], "表前阀门未全开，已调整，水压恢复")
        requests.end(request=water, done=True, words="现场复测正常", by=self._by, at=ago[3])
        self._of_tickets(estate)
        watch.look(now=now)
        weekly.make(estate=estate, on=now.date(), at=now)

    @property
    def _by(self) -> Actor:
        return Actor.staff(self.months.staff["engineer"])

    def _ask(self, estate: Estate, code: str, contact: Contact, at: datetime, **facts) -> Request:
        counterpart = Counterpart.objects.get(code=code)
        facts.setdefault("asked", counterpart.asks)
        owner = self.months.staff["engineer"]
        asking = Asking(estate=estate, counterpart=counterpart, owner=owner, contact=contact, **facts)
        return requests.ask(asking=asking, by=self._by, at=at)

    def _answer(self, row: Request, at: datetime, words: str) -> None:
        files = pictures.examined(pictures.photo(row.pk, "回函.jpg"))
        requests.answer(request=row, words=words, files=files, by=self._by, at=at)

    def _decide(self, estate: Estate, at: datetime, *rows: Request) -> None:
        made, _ = weekly.make(estate=estate, on=at.date(), at=at)
        by, until = Actor.staff(self.months.staff["manager"]), (at + timedelta(days=3)).date()
        assert made is not None
        said = [
            ("三天内给出报价，否则另找两家", "成本部 周经理"),
            ("供水所派人会同工程师排查", "物业 孙经理"),
        ]
        for row, (words, decider) in zip(rows, said, strict=True):
            decision = weekly.Decision(words, decider, until)
            weekly.decide(item=made.items.get(request=row), decision=decision, by=by, at=at)
        attendees = "房修 赵明辉、成本部 周经理、物业 孙经理、项目部 郑工"
        weekly.close(weekly=made, attendees=attendees, minutes="下周一同一时间继续。", by=by, at=at)

    def _of_tickets(self, estate: Estate) -> None:
        """One ticket waits for drawings and stands still; another has its design since yesterday."""
        at = self.months.now - timedelta(hours=3)
        if aside := self._quiet(estate, at, PAUSABLE):
            pause = pauses.may_pause(aside, self._by)
            self._ask(estate, "developer", DRAWINGS, at, ticket=aside, pause=pause)
        if other := self._quiet(estate, at, URGEABLE, other=aside):
            row = self._ask(estate, "design", DRAWINGS, at, ticket=other)
            self._answer(row, at + timedelta(hours=2), "节点大样见附图，地漏四周加铺一道防水")

    @staticmethod
    def _quiet(estate: Estate, at: datetime, states, *, other: Ticket | None = None) -> Ticket | None:
        """A ticket in one of these states to which nothing has happened since."""
        rows = Ticket.objects.filter(estate=estate, status__in=states).exclude(events__at__gt=at)
        rows = rows.select_related("policy").order_by("registered_at")
        return rows.exclude(pk=other.pk if other else None).first()
