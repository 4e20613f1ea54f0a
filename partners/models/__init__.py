"""What passes between us and companies outside: links, letters, objections, lapses and points."""

from partners.models.access import PartnerLink, PartnerVisit
from partners.models.lapse import Lapse, ScoreEntry, ScoreRule
from partners.models.letters import Dispute, Notice, NoticeRead

__all__ = [
    "Dispute",
    "Lapse",
    "Notice",
    "NoticeRead",
    "PartnerLink",
    "PartnerVisit",
    "ScoreEntry",
    "ScoreRule",
]
