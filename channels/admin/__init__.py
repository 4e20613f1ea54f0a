"""The doors in Django admin, one module for each door."""

from channels.admin import device

__all__ = ["device"]
