"""Background work of plans: fetch the time, call one service; each may run twice."""

from django.utils.timezone import now

from planning import placements, runs
from tickets.models import Ticket


def make_plan(plan_id):
    """In the long queue: one day's plan."""
    return runs.make(plan_id=plan_id, now=now)


def place(plan_id):
    """In the long queue: send and book what was confirmed."""
    return placements.place(plan_id=plan_id, at=now())


def book_window(ticket_id):
    """After a worker accepted: the window that was confirmed with the plan."""
    return placements.book_accepted(ticket=Ticket.objects.get(pk=ticket_id), at=now())


def sweep():
    """Every five minutes: plans and confirmations whose job was lost."""
    return runs.sweep(at=now()) + placements.sweep(at=now())
