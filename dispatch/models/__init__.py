"""Who goes, and when: workers, rosters, skills, proposals and visits."""

from dispatch.models.learning import Attendance, Certificate, Exam, TradeRule, Training
from dispatch.models.proposal import Proposal
from dispatch.models.roster import Leave, RosterCell, ShiftKind
from dispatch.models.visit import Visit
from dispatch.models.worker import Skill, TeamReserve, Worker

__all__ = [
    "Attendance",
    "Certificate",
    "Exam",
    "Leave",
    "Proposal",
    "RosterCell",
    "ShiftKind",
    "Skill",
    "TeamReserve",
    "TradeRule",
    "Training",
    "Visit",
    "Worker",
]
