"""Background work of the outbox; every function may run twice or in parallel."""

from django.utils.timezone import now

from core.queue import wake
from notices import delivery, queries


def deliver() -> int:
    """Send what is due, and queue the rest for another job; returns how many were tried."""
    tried = delivery.deliver_due()
    if tried:
        sweep()
    return tried


def sweep() -> None:
    """Wake a sender when something is due: retries, and wake-ups that got lost (F5)."""
    if queries.outbox_due(now()).exists():
        wake("notices.tasks.deliver")
