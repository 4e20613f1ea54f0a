"""Tables of the doors, one module for each door."""

from channels.models.login import LoginCode, Tally

__all__ = ["LoginCode", "Tally"]
