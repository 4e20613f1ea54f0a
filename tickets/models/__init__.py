"""Tables of the ticket: the row and its machine, history, clocks, and what is kept with it."""

from tickets.models.clock import Clock, PolicySet, PolicyVersion, WorkDay
from tickets.models.history import Holder, TicketEvent
from tickets.models.report import Channel, Port, Report
from tickets.models.ticket import Class, Covered, Kind, Ticket
from tickets.models.work import Acceptance, Evidence, FollowUp, OwnerLink, PhoneReveal, PlanCard
from tickets.states import Desk, Status

__all__ = [
    "Acceptance",
    "Channel",
    "Class",
    "Clock",
    "Covered",
    "Desk",
    "Evidence",
    "FollowUp",
    "Holder",
    "Kind",
    "OwnerLink",
    "PhoneReveal",
    "PlanCard",
    "PolicySet",
    "PolicyVersion",
    "Port",
    "Report",
    "Status",
    "Ticket",
    "TicketEvent",
    "WorkDay",
]
