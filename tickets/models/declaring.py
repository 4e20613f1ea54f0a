"""How a step of the machine is declared: its words, and which kinds of ticket have it."""

from collections.abc import Callable
from typing import Any

from django_fsm import transition as fsm_transition

from tickets import kinds


def words(
    label: str, *, saves: tuple[str, ...] = (), reason: bool = False, tone: str = "primary", needs: str = ""
) -> dict:
    """What a page needs to know of a step: button, fields it writes, whether it asks why.

    `needs` names what must come with it (photo, signature, plan, window…); a step
    that needs something has a form of its own and is not a bare button.
    """
    return {"label": label, "saves": saves, "reason": reason, "tone": tone, "needs": needs}


def transition(**about: Any) -> Callable[[Callable], Callable]:
    """A step of the machine, open to the kinds of ticket that have it (IN-11, `tickets.kinds`)."""

    def declare(method: Callable) -> Callable:
        has_it = [lambda ticket: kinds.may_take(ticket.kind, method.__name__)]
        return fsm_transition(conditions=has_it, **about)(method)

    return declare
