"""Who goes, and when: workers, rosters, skills, proposals and visits."""

from dispatch.models.ask import Ask
from dispatch.models.learning import Attendance, Certificate, Exam, TradeRule, Training
from dispatch.models.policy import DispatchRule, Mode, ScoreWeights
from dispatch.models.proposal import Proposal
from dispatch.models.roster import Leave, RosterCell, ShiftKind
from dispatch.models.visit import Visit
from dispatch.models.worker import Skill, TeamReserve, TrackRecord, Worker

__all__ = [
    "Ask",
    "Attendance",
    "Certificate",
    "DispatchRule",
    "Exam",
    "Leave",
    "Mode",
    "Proposal",
    "RosterCell",
    "ScoreWeights",
    "ShiftKind",
    "Skill",
    "TeamReserve",
    "TrackRecord",
    "TradeRule",
    "Training",
    "Visit",
    "Worker",
]
