"""Who goes, and when: workers, rosters, skills, proposals and visits."""

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
from dispatch.models.proposal import Proposal
from dispatch.models.roster import Leave, RosterCell, ShiftKind
from dispatch.models.visit import Visit
from dispatch.models.worker import Skill, TeamReserve, Worker

__all__ = [
    "Activation",
    "AfterAction",
    "Attendance",
    "Certificate",
    "Check",
    "EmergencyPlan",
    "Exam",
    "Held",
    "Leave",
    "Order",
    "Phase",
    "PlanCheck",
    "PlanRole",
    "PlanSupply",
    "Proposal",
    "RosterCell",
    "ShiftKind",
    "Skill",
    "SquadMember",
    "Supply",
    "TeamReserve",
    "TradeRule",
    "Training",
    "Visit",
    "Worker",
]
