"""What happens by itself: ends that have come, tickets that came since, announcements (DI-09)."""

import contextlib
from datetime import datetime

from dispatch.emergency import activation as verbs
from dispatch.emergency import holds
from dispatch.models import Activation
from tickets.models import Ticket

State = Activation.State


def run(*, at: datetime) -> int:
    """Every minute: end what is due, at the minute it was due, and go on with what is left to do.

    Returns how many tickets moved. After a stop of hours everything is made up for.
    """
    open_ones = Activation.objects.exclude(state=State.ENDED).order_by("pk")
    return sum(work(pk, at=at) for pk in open_ones.values_list("pk", flat=True))


def work(pk: int, *, at: datetime) -> int:
    """The next part of one activation's work; any number of workers may do it at once."""
    activation = Activation.objects.select_related("plan", "commander").get(pk=pk)
    if activation.state == State.ACTIVE and activation.ends_at <= at:
        with contextlib.suppress(verbs.AlreadyOver):
            verbs.end(activation=activation, reason="到时自动结束", by=None, at=activation.ends_at)
        activation.refresh_from_db()
    if activation.state == State.ACTIVE and not activation.drill:
        return (
            holds.let_raised_go(activation, at=at)
            + holds.hold_all(activation, at=at)
            + holds.announce_all(activation, at=at)
        )
    moved = holds.let_go_all(activation, at=at)
    verbs.finish(activation, at=at)
    return moved


def hold_new(ticket: Ticket, *, at: datetime) -> bool:
    """Pause a ticket that has just been registered, where an emergency holds its kind; whether it is held."""
    found = Activation.objects.in_force(at).filter(estates=ticket.estate_id, state=State.ACTIVE).first()
    if found is None:
        return False
    return holds.hold_one(found, ticket, at=at)
