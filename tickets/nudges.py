"""催单: an owner who asks again is counted and heard, and never gets a second ticket (IN-20)."""

from datetime import datetime, timedelta

from core.db import joined
from core.templatetags.fangxiu import when
from tickets import workflow
from tickets.actors import Actor
from tickets.models import Ticket

# An owner's phone may ask once in so long; the desk writes down every call.
OWNER_PAUSE = timedelta(hours=1)


class TooSoon(Exception):
    """The owner urged a moment ago; the message says so kindly and from when it is possible again."""

    def __init__(self, last: datetime, next_at: datetime):
        super().__init__(
            f"{when(last)}已经为您催过，师傅和主管都收到了。如果还没有回音，{when(next_at)}以后可以再催，"
            "急事请直接拨打服务热线。"
        )
        self.next_at = next_at


@joined
def urge(*, ticket: Ticket, by: Actor, at: datetime, words: str = "") -> Ticket:
    """Record that the owner presses, and tell the worker and the supervisors (IN-20).

    `words` is what the owner said. Raises TooSoon for an owner who urged within the hour,
    workflow.StepTaken when there is nothing left to hurry, workflow.StepForbidden.
    """
    ticket = workflow.lock(ticket)
    if by.kind == "owner" and (next_at := owner_may_urge_at(ticket, at=at)):
        raise TooSoon(next_at - OWNER_PAUSE, next_at)
    times = ticket.urged + 1
    return workflow.note(
        ticket=ticket, name="urge", by=by, at=at, reason=words, payload={"times": times}, urged=times
    )


def owner_may_urge_at(ticket: Ticket, *, at: datetime) -> datetime | None:
    """From when the owner may urge again; None when they may now."""
    if not ticket.urged:
        return None
    mine = ticket.events.filter(name="urge", actor_kind="owner", at__gt=at - OWNER_PAUSE)
    last = mine.order_by("-seq").values_list("at", flat=True).first()
    return last + OWNER_PAUSE if last else None
