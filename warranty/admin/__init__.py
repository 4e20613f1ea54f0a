"""The warranty floor in the admin."""

from warranty.admin import companies, terms
from warranty.admin.terms import OwnAndDefaultAdmin

__all__ = ["OwnAndDefaultAdmin", "companies", "terms"]
