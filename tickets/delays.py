"""Why a limit was missed: who owes the reason, and writing it down (SL-05)."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q, QuerySet

from accounts.models import User
from core.db import joined
from tickets import rules, workflow
from tickets.actors import Actor
from tickets.models import Clock, Ticket

# The desk that answers for a clock; where none is named it is the handler.
ANSWERS = {
    "acknowledge": "follow_up_ticket",
    "register": "follow_up_ticket",
    "relay": "follow_up_ticket",
    "reply": "follow_up_ticket",
    "dispatch": "dispatch_ticket",
    "inspect": "inspect_ticket",
    "follow_up": "follow_up_ticket",
}
# Who has not said it within a month will not remember either; reports name those that were never explained.
DAYS_LISTED = 30


class Cause(models.TextChoices):
    """The kinds of reasons, so that reports can count them."""

    HANDS = "hands", "人手不足"
    BUSY = "busy", "前一单未做完"
    MATERIAL = "material", "等待材料"
    OWNER = "owner", "业主改时间或不在家"
    HARD = "hard", "故障复杂"
    OTHERS = "others", "等待其他部门或单位"
    WAY = "way", "路途或天气"
    FORGOTTEN = "forgotten", "已办理但忘记点击"
    OTHER = "other", "其他"


def owed_by(user: User, *, now: datetime) -> QuerySet[Clock]:
    """The missed limits that this user has to explain, the newest first, with their tickets.

    A handler owes their own; a desk owes those that its clock belongs to and those of
    tickets that never got a handler.
    """
    mine = ~Q(kind__in=ANSWERS) & Q(ticket__handler=user)
    for kind, permission in ANSWERS.items():
        if user.has_perm(f"tickets.{permission}"):
            mine |= Q(kind=kind)
    if user.has_perm("tickets.dispatch_ticket"):
        mine |= ~Q(kind__in=ANSWERS) & Q(ticket__handler=None)
    visible = Ticket.objects.visible_to(user).values("pk")
    return (
        Clock.objects.filter(breached_at__gte=now - timedelta(days=DAYS_LISTED), explained_at__isnull=True)
        .filter(mine, ticket__in=visible)
        .select_related("ticket__estate", "ticket__fault")
        .order_by("-breached_at", "pk")
    )


def may_explain(ticket: Ticket, by: Actor) -> bool:
    """The handler, or anybody of the estate's desks."""
    return rules.is_handler(ticket, by) or rules.works_on_tickets(ticket, by)


@joined
def explain(*, clock: Clock, cause: str, words: str, tell_owner: bool, by: Actor, at: datetime) -> Ticket:
    """Write down why this limit was missed; `tell_owner` sends the words to the reporter.

    Raises workflow.StepTaken when somebody has explained it already, StepForbidden when
    the actor may not.
    """
    ticket = workflow.lock(clock.ticket)
    fresh = Clock.objects.get(pk=clock.pk)
    if fresh.explained_at or not fresh.breached_at:
        raise workflow.StepTaken(ticket)
    ticket = workflow.note(
        ticket=ticket,
        name="explain_delay",
        by=by,
        at=at,
        reason=words,
        payload={
            "clock": fresh.kind,
            "clock_round": fresh.round,
            "due": fresh.due_at.isoformat() if fresh.due_at else "",
            "cause": cause,
            "tell_owner": tell_owner,
        },
    )
    Clock.objects.filter(pk=fresh.pk).update(explained_at=at)
    return ticket
