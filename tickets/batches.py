"""Many tickets through the one door at once: the same step, in a few statements for all of them.

Each ticket passes the checks of `workflow.step` and gets what it gives: event, holder, clocks,
messages. For emergencies, which move thousands; everything else takes its steps one by one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.db import joined
from core.rows import insert_all, update_all
from tickets import clock_store, holding, workflow
from tickets.actors import Actor
from tickets.models import PolicyVersion, Ticket, TicketEvent


@dataclass(frozen=True)
class Take:
    """One ticket's part: `ticket` as `lock_all` gave it, and what `workflow.step` takes for it."""

    ticket: Ticket
    at: datetime
    reason: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


def lock_all(keys: Collection[int]) -> list[Ticket]:
    """These rows, fresh and locked until the transaction ends, in the order in which all lock them."""
    rows = Ticket.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys).order_by("pk")
    found = list(rows.select_related("estate", "fault"))
    # One object for each version: its rules are read and parsed once, not once for each ticket.
    policies = PolicyVersion.objects.in_bulk({ticket.policy_id for ticket in found})
    for ticket in found:
        ticket.policy = policies[ticket.policy_id]
    return found


@joined
def step(*, name: str, takes: Sequence[Take], by: Actor) -> list[Ticket]:
    """Take the step with every ticket, all or none. Raises what `workflow.step` raises for any of them."""
    events, saves = [], dict.fromkeys(("status", "version"))
    for take in takes:
        ticket, came_from = take.ticket, take.ticket.status
        workflow.check(ticket, name, by)
        words = workflow.run(ticket, name, at=take.at, reason=take.reason, values=take.values)
        saves |= dict.fromkeys(words["saves"])
        events.append(
            workflow.event_of(ticket, name, words["label"], came_from, by, take.at, take.reason, take.payload)
        )
    tickets = [take.ticket for take in takes]
    update_all(tickets, list(saves))
    insert_all(events)
    holding.hand_over({take.ticket: take.at for take in takes})
    _after(tickets, events)
    return tickets


def _after(tickets: Sequence[Ticket], events: Sequence[TicketEvent]) -> None:
    with clock_store.together():
        for ticket in tickets:
            clock_store.refresh(ticket)
    for ticket, event in zip(tickets, events, strict=True):
        workflow.tell(ticket, event)
