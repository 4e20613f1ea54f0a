"""Tickets in Django admin: repair managers see and run everything here under the pages' rules (OR-02)."""

from tickets.admin import classes, policies, records, ticket

__all__ = ["classes", "policies", "records", "ticket"]
