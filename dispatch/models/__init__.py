"""Who goes, and when: workers, rosters, skills, proposals and visits."""

from dispatch.models.ask import Ask
from dispatch.models.emergency import (
    Activation,
    AfterAction,
    Check,
    EmergencyPlan,
    Held,
    Order,
    Phase,
    PlanCheck,
    PlanRole,
    PlanSupply,
    SquadMember,
    Supply,
)
from dispatch.models.learning import Attendance, Certificate, Exam, TradeRule, Training
from dispatch.models.policy import DispatchRule, Mode, ScoreWeights
from dispatch.models.proposal import Proposal
from dispatch.models.roster import Leave, RosterCell, ShiftKind
from dispatch.models.visit import Visit
from dispatch.models.worker import Skill, TeamReserve, TrackRecord, Worker

__all__ = [
    "Activation",
    "AfterAction",
    "Ask",
    "Attendance",
    "Certificate",
    "Check",
    "DispatchRule",
    "EmergencyPlan",
    "Exam",
    "Held",
    "Leave",
    "Mode",
    "Order",
    "Phase",
    "PlanCheck",
    "PlanRole",
    "PlanSupply",
    "Proposal",
    "RosterCell",
    "ScoreWeights",
    "ShiftKind",
    "Skill",
    "SquadMember",
    "Supply",
    "TeamReserve",
    "TrackRecord",
    "TradeRule",
    "Training",
    "Visit",
    "Worker",
]
