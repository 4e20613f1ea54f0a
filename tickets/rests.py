"""How long clocks may rest after a visit to a closed door (EX-11, SL-04).

Nobody at home rests the clocks until a new window is agreed, but no longer than the policy's
`visits.rest_minutes`: at half of it the worker is reminded to ring again, at the end the clocks run on
whether anybody rang or not. Both are events, so that the clocks can be computed from the history alone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, OuterRef, Subquery

from core.templatetags.fangxiu import dated
from tickets import clocks, visit_rules, workflow
from tickets.actors import Actor
from tickets.models import Status, Ticket, TicketEvent

WATCHER = Actor.system("上门无人跟进")
REMINDED, OVER = "remind_contact", clocks.REST_OVER


@dataclass
class Done:
    """How many workers were reminded, and how many tickets' clocks run on."""

    reminded: int = 0
    over: int = 0


def look(*, at: datetime) -> Done:
    """Every few minutes: remind at half-time, end what has rested long enough; each once."""
    done = Done()
    for ticket in _resting():
        limit = timedelta(minutes=visit_rules.read(ticket.policy.rules).rest_minutes)
        until = ticket.rests_since + limit
        if at >= until:
            # At the moment it was due, however late the watcher comes by: a stop of hours forgives nothing.
            done.over += _note(ticket, OVER, until, f"{dated(until)}前未重新约好时间，时限继续计算")
        elif at >= until - limit / 2 and ticket.last_act != REMINDED:
            since = dated(ticket.rests_since)
            words = f"{since}上门无人，请在{dated(until)}前重新联系业主约好时间，过后时限继续计算"
            done.reminded += _note(ticket, REMINDED, at, words)
    return done


def _resting():
    """Tickets whose last act that matters here is a closed door, or the reminder of it."""
    acts = TicketEvent.objects.filter(ticket=OuterRef("pk"), round=OuterRef("round"))
    matter = acts.filter(name__in=["no_access", REMINDED, *clocks.RESUMES]).order_by("-seq")
    closed = acts.filter(name="no_access").order_by("-seq")
    found = Ticket.objects.filter(status=Status.ACCEPTED).select_related("policy")
    found = found.annotate(
        last_act=Subquery(matter.values("name")[:1]), rests_since=Subquery(closed.values("at")[:1])
    )
    return found.filter(last_act__in=["no_access", REMINDED]).order_by(F("rests_since"), "pk")


def _note(ticket: Ticket, name: str, at: datetime, words: str) -> bool:
    try:
        workflow.note(ticket=ticket, name=name, by=WATCHER, at=at, reason=words)
    except workflow.StepTaken:
        return False  # Somebody was faster: that is what we wanted.
    return True
