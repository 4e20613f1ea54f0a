"""What the watcher says, and to whom: warnings, breaches, the rungs above, the owner (SL-05)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from django.urls import reverse

from accounts.queries import staff_in_role, staff_with
from core import phones
from core.templatetags.fangxiu import dated
from notices.outbox import Letter, Recipient
from tickets.clocks import BREACH, Rule, parse_rules
from tickets.delays import ANSWERS
from tickets.models import Clock, PolicyVersion, Ticket, TicketEvent
from tickets.naming import about
from tickets.owner_words import PROMISED
from tickets.states import Status

if TYPE_CHECKING:
    from tickets.watch import Found

# From the bottom up: where a rung has nobody, the next one is told.
LADDER = ("supervisor", "manager", "director")
# Where the work stands, in words for the owner: facts of the ticket, no excuses.
STANDS = {
    Status.REGISTERED: "还在为您安排师傅",
    Status.IN_REVIEW: "还在为您安排师傅",
    Status.DISPATCHED: "已安排师傅，尚未与您约定时间",
    Status.ACCEPTED: "师傅已接单，尚未与您约定时间",
    Status.SCHEDULED: "师傅还没有到达",
    Status.SURVEYING: "师傅已到场，正在检查",
    Status.PLAN_REVIEW: "维修方案还在审核",
    Status.OWNER_CONSENT: "维修方案正等您确认",
    Status.REPAIRING: "师傅正在维修，还没有做完",
    Status.PRE_INSPECTION: "已经修完，工程师正在检查",
}
LABELS = dict(Clock.Kind.choices)


class People:
    """Who is to be told, and the rules of a policy; asked once per pass, however many clocks."""

    def __init__(self):
        self.rules = cache(self._rules)
        self.of_role = cache(self._of_role)
        self.answering = cache(self._answering)

    def _rules(self, policy_id: int) -> dict[str, Rule]:
        rules = PolicyVersion.objects.values_list("rules", flat=True).get(pk=policy_id)
        return {rule.key: rule for rule in parse_rules(rules)}

    def _of_role(self, code: str, estate_id: int) -> tuple[int, ...]:
        """The people of a rung, or of the first rung above that has any."""
        above = LADDER[LADDER.index(code) :] if code in LADDER else (code,)
        for each in above:
            if found := tuple(staff_in_role(code=each, estate_id=estate_id).values_list("pk", flat=True)):
                return found
        return ()

    def _answering(self, permission: str, estate_id: int) -> tuple[int, ...]:
        """Who works at a desk; its superiors hear of it in their turn, or where they are alone there."""
        found = staff_with(permission=f"tickets.{permission}", estate_id=estate_id)
        below = found.exclude(groups__role__code__in=LADDER).values_list("pk", flat=True)
        return tuple(below) or tuple(found.values_list("pk", flat=True))


def letters(found: Sequence["Found"], people: People, *, now: datetime) -> Iterator[Letter]:
    """What these clocks have to say."""
    tickets = _tickets(found)
    agreed = _agreed(tickets.values())
    for each in found:
        ticket = tickets[each.ticket_id]
        rule = people.rules(ticket.policy_id).get(each.rule)
        if rule is not None:
            stands = _stands(ticket, agreed.get(ticket.pk, {}), now)
            yield from _Voice(each, ticket, rule, people, stands).letters()


def _tickets(found: Iterable["Found"]) -> dict[int, Ticket]:
    rows = Ticket.objects.select_related("estate", "fault", "handler", "report")
    return rows.in_bulk({each.ticket_id for each in found})


def _agreed(tickets: Iterable[Ticket]) -> dict[int, dict[str, str]]:
    """The window agreed last for each of these that waits for one, as its event keeps it."""
    waiting = [ticket.pk for ticket in tickets if ticket.status == Status.SCHEDULED]
    if not waiting:
        return {}
    events = TicketEvent.objects.filter(ticket__in=waiting, name__in=["schedule", "reschedule"])
    newest = events.order_by("ticket_id", "-seq").distinct("ticket_id")
    return dict(newest.values_list("ticket_id", "payload"))


def _stands(ticket: Ticket, agreed: Mapping[str, str], now: datetime) -> str:
    """Where the work stands; a window that the owner agreed to is named, for it may end after the limit."""
    if not agreed.get("until"):
        return STANDS.get(ticket.status, "正在处理")
    if datetime.fromisoformat(agreed["until"]) > now:
        return f"已与您约好{agreed['window']}上门"
    return f"约好{agreed['window']}上门的师傅还没有到达"


class _Voice:
    """One clock and its ticket, about to speak; `stands` are the words for the owner."""

    def __init__(self, found: "Found", ticket: Ticket, rule: Rule, people: People, stands: str):
        self.found, self.ticket, self.rule, self.people = found, ticket, rule, people
        self.stands = stands
        self.points = rule.points[found.told : found.passed]
        self.label = LABELS.get(found.kind, rule.label)

    def letters(self) -> Iterator[Letter]:
        if BREACH not in self.points and self.points and self.points[-1] < BREACH:
            yield self._letter("W04", self.points[-1], self._responsible(), f"{self.label}{self._used()}。")
            return
        told: set[int] = set()
        if BREACH in self.points:
            told.update(self._responsible())
            yield self._letter("W05", BREACH, sorted(told), f"{self.label}时限已过。")
            yield from self._to_owner()
        # The highest rung first: who stands on two of them is told once.
        for at, role in reversed(self.rule.escalate):
            if at in self.points:
                above = set(self.people.of_role(role, self.ticket.estate_id)) - told
                told |= above
                words = "时限已过" if at == BREACH else f"已用到时限的{at / 100:g}倍"
                yield self._letter("W31", at, sorted(above), f"{self.label}{words}")

    def _used(self) -> str:
        return f"时限已用{self.points[-1]}%"

    def _responsible(self) -> list[int]:
        """Who can still make it good: the handler, or the desk that the clock belongs to."""
        ticket, permission = self.ticket, ANSWERS.get(self.found.kind)
        if permission or not ticket.handler_id:
            return list(self.people.answering(permission or "dispatch_ticket", ticket.estate_id))
        return [ticket.handler_id]

    def _letter(self, template: str, percent: int, users: Sequence[int], words: str) -> Letter:
        return Letter(
            template=template,
            key=self._key(percent),
            recipients=[Recipient.staff(pk) for pk in users],
            values=self._values() | {"原因": words, "内容": words},
            ticket_id=self.ticket.pk,
            link=reverse("ticket", args=[self.ticket.number]),
        )

    def _key(self, percent: int) -> str:
        # With the limit in it: a limit that moved is another one.
        return f"clock:{self.found.pk}:{self.found.due_at:%Y%m%d%H%M%S}:{percent}"

    def _to_owner(self) -> Iterator[Letter]:
        """An apology with what is known, once for each limit that the owner was promised."""
        ticket = self.ticket
        if self.found.kind in PROMISED and phones.MOBILE.fullmatch(ticket.reporter_phone):
            yield Letter(
                template="N31",
                key=self._key(BREACH),
                recipients=[Recipient.phone(ticket.reporter_phone)],
                values=self._values()
                | {
                    "内容": PROMISED[self.found.kind],
                    "原因": self.stands,
                    "电话": ticket.estate.hotline,
                },
                ticket_id=ticket.pk,
            )

    def _values(self) -> dict[str, object]:
        ticket = self.ticket
        return about(ticket) | {
            "工程师": ticket.handler.full_name if ticket.handler else "尚未派单",
            "承诺时限": f"{dated(self.found.due_at)}前",
            "截止": dated(self.found.due_at),
        }
