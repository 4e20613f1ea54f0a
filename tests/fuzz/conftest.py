"""The fuzz asks the pages of the permission matrix: every form that somebody may fill in is there."""

from tests.matrix.conftest import scene

__all__ = ["scene"]
