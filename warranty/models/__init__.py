"""What is covered until when, and who answers for it."""

from warranty.models.agreement import Agreement, CompletionLimit
from warranty.models.contractor import AuthorisationLetter, Contact, Contractor, Craftsman
from warranty.models.coverage import CoverageTerm, OwnAndDefault, Season

__all__ = [
    "Agreement",
    "AuthorisationLetter",
    "CompletionLimit",
    "Contact",
    "Contractor",
    "CoverageTerm",
    "Craftsman",
    "OwnAndDefault",
    "Season",
]
