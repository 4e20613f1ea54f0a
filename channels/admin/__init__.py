"""The doors in Django admin, one module for each door."""

from channels.admin import device, relay

__all__ = ["device", "relay"]
