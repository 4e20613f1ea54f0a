"""Tables of the ticket: the row and its machine, history, clocks, and what is kept with it."""

from tickets.models.care import CareTask
from tickets.models.case import Case, CaseTicket
from tickets.models.clock import Clock, PolicySet, PolicyVersion, WorkDay
from tickets.models.details import KindDetails
from tickets.models.errand import Errand
from tickets.models.follower import Follower
from tickets.models.history import Holder, TicketEvent
from tickets.models.incident import Incident, IncidentCall
from tickets.models.incoming import Incoming, IncomingFile
from tickets.models.report import Channel, Port, Report
from tickets.models.responsibility import JointVisit, Party, Ruling
from tickets.models.severity import ClassCase, ClassRule, LevelRule, Statement
from tickets.models.ticket import Class, Covered, Kind, Ticket
from tickets.models.words import TicketWords
from tickets.models.work import (
    Acceptance,
    Evidence,
    FollowUp,
    OwnerLink,
    PhoneReveal,
    PlanCard,
    RecordingConsent,
)
from tickets.states import Desk, Status

__all__ = [
    "Acceptance",
    "CareTask",
    "Case",
    "CaseTicket",
    "Channel",
    "Class",
    "ClassCase",
    "ClassRule",
    "Clock",
    "Covered",
    "Desk",
    "Errand",
    "Evidence",
    "FollowUp",
    "Follower",
    "Holder",
    "Incident",
    "IncidentCall",
    "Incoming",
    "IncomingFile",
    "JointVisit",
    "Kind",
    "KindDetails",
    "LevelRule",
    "OwnerLink",
    "Party",
    "PhoneReveal",
    "PlanCard",
    "PolicySet",
    "PolicyVersion",
    "Port",
    "RecordingConsent",
    "Report",
    "Ruling",
    "Statement",
    "Status",
    "Ticket",
    "TicketEvent",
    "TicketWords",
    "WorkDay",
]
