"""Which rule hands out a ticket of this level now, and what the rule lets go without a reviewer (DI-04)."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.utils.timezone import now

from dispatch.models import Ask, DispatchRule, Mode, Proposal
from tickets.actors import Actor
from tickets.models import Ticket


@dataclass(frozen=True)
class Rule:
    """How a ticket reaches a worker; minutes count from the moment it was sent.

    `review_after`: it may be sent first and reviewed after. `next_by_machine`: when nobody answers, the
    machine sends the next candidate itself. Without a row in admin the defaults hold: a person decides.
    """

    mode: str = Mode.ASSIGN.value
    remind_minutes: int = 15
    next_minutes: int = 30
    review_after: bool = False
    next_by_machine: bool = False

    @property
    def in_pool(self) -> bool:
        """Whether workers take such a ticket themselves."""
        return self.mode in (Mode.GRAB, Mode.PICK)

    @property
    def first_by_machine(self) -> bool:
        """Whether such a ticket may go before a reviewer has looked at it."""
        return self.mode == Mode.AUTO or self.review_after


def rule_for(*, estate_id: int, level: int, at: datetime) -> Rule:
    """The rule of a level at this moment: the estate's, else the general one, else a person (DI-04)."""
    rows = DispatchRule.objects.filter(level=level, since__lte=at)
    row = (
        rows.filter(estate=estate_id).order_by("-since").first()
        or rows.filter(estate=None).order_by("-since").first()
    )
    if row is None:
        return Rule()
    return Rule(row.mode, row.remind_minutes, row.next_minutes, row.review_after, row.next_by_machine)


def rule_of(ticket: Ticket, *, at: datetime) -> Rule:
    """The rule of this ticket."""
    return rule_for(estate_id=ticket.estate_id, level=ticket.level, at=at)


def allows(ticket: Ticket, actor: Actor) -> bool:
    """Whether the rule lets this actor dispatch without a reviewer (DI-03, DI-04); asked by the machine.

    The system, only where the rule of the level says so; a worker, only what is offered to take.
    """
    if actor.kind == "system":
        return _machine_may(ticket)
    if actor.kind != "staff" or not actor.has_perm("tickets.work_ticket"):
        return False
    if not actor.user.may_see_estate(ticket.estate_id):
        return False
    return Proposal.objects.filter(
        ticket=ticket, decision=Proposal.Decision.OPEN, offered_at__isnull=False, round=F("ticket__round")
    ).exists()


def _machine_may(ticket: Ticket) -> bool:
    rule = rule_of(ticket, at=now())
    if rule.first_by_machine:
        return True
    unanswered = Ask.objects.filter(ticket=ticket, round=ticket.round, outcome=Ask.Outcome.NO_ANSWER)
    return rule.next_by_machine and unanswered.exists()
