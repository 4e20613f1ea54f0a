"""Whoever was sent a ticket is asked for an answer: reminded, then the next one is asked (DI-04).

One row for each asking says when to look; the watcher reads it by one index, and several workers share
the rows by SKIP LOCKED. Running twice does a thing once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.db import joined
from core.templatetags.fangxiu import minutes
from dispatch import ahead, letters, modes, proposals, queries
from dispatch.models import Ask
from tickets import requirements, workflow
from tickets.actors import Actor
from tickets.models import Status, Ticket

WATCHER = Actor.system("接单提醒")
# A job is killed after a minute; what is left waits for the next one.
MOST = 300


@dataclass
class Looked:
    """What a pass did, by number of askings."""

    reminded: int = 0
    moved_on: int = 0
    answered: int = 0


def look(*, now: datetime, most: int = MOST) -> Looked:
    """Remind or move on wherever an answer is overdue by now; each asking in a transaction of its own."""
    done = Looked()
    for _ in range(most):
        if not _one(now, done):
            break
    return done


@joined
def _one(now: datetime, done: Looked) -> bool:
    """The asking that waits longest and that nobody else looks at; False when there is none."""
    due = Ask.objects.select_for_update(skip_locked=True, of=("self",)).filter(look_at__lte=now)
    ask = due.select_related("worker__user").order_by("look_at").first()
    if ask is None:
        return False
    ticket = workflow.lock(ask.ticket)
    if not _still_waits(ask, ticket):
        _end(ask, Ask.Outcome.ANSWERED)
        done.answered += 1
    elif now >= ask.next_at:
        _move_on(ask, ticket, now)
        done.moved_on += 1
    else:
        _remind(ask, ticket, now)
        done.reminded += 1
    return True


def _still_waits(ask: Ask, ticket: Ticket) -> bool:
    if ticket.status != Status.DISPATCHED or ticket.handler_id != ask.worker.user_id:
        return False
    return not Ask.objects.filter(ticket=ticket, seq__gt=ask.seq).exists()


def _end(ask: Ask, outcome: str) -> None:
    ask.outcome, ask.look_at = outcome, None
    ask.save(update_fields=["outcome", "look_at"])


def _remind(ask: Ask, ticket: Ticket, now: datetime) -> None:
    waited = now - ask.asked_at
    payload = {"worker": ask.worker.user.full_name, "minutes": int(waited / timedelta(minutes=1))}
    workflow.note(ticket=ticket, name="remind_worker", by=WATCHER, at=now, payload=payload)
    # A house that wrote its own words before 时长 was there counts the minutes.
    spans = {"时长": minutes(waited), "数量": payload["minutes"]}
    letters.tell("DP1", ticket, [ask.worker.user_id], at=now, key=f"ask:{ask.pk}", **spans)
    ask.reminded_at, ask.look_at = now, ask.next_at
    ask.save(update_fields=["reminded_at", "look_at"])


def _move_on(ask: Ask, ticket: Ticket, now: datetime) -> None:
    """Take it back and ask the next: by a proposal for the reviewer, or at once where the level allows it."""
    _end(ask, Ask.Outcome.NO_ANSWER)
    who = {"worker": ask.worker.user.full_name, "worker_id": ask.worker_id}
    reason = f"{ask.worker.user.full_name} {minutes(now - ask.asked_at)}未应答"
    ticket = workflow.step(ticket=ticket, name="take_back", by=WATCHER, at=now, reason=reason, payload=who)
    key = f"ask:{ask.pk}"
    letters.tell("DP2", ticket, [ask.worker.user_id], at=now, key=key, 原因=reason)
    proposal = proposals.ensure(ticket=ticket, at=now)
    if not proposal.candidates:
        words = queries.ladder_of(ticket)
        letters.tell_dispatchers("DP4", ticket, at=now, key=key, 原因=reason, 内容=words)
    elif _machine_may_go_on(ticket, now):
        ahead.send(proposal=proposal, at=now)
    else:
        name = proposal.candidates[0]["name"]
        letters.tell_dispatchers("DP3", ticket, at=now, key=key, 原因=reason, 工程师=name)


def _machine_may_go_on(ticket: Ticket, now: datetime) -> bool:
    # A level that changed meanwhile may ask for papers first: they are a person's to fill in.
    return modes.rule_of(ticket, at=now).next_by_machine and not requirements.missing(ticket, "dispatch")
