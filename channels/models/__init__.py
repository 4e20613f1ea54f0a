"""Tables of the doors, one module for each door."""

from channels.models.device import Alarm, AlarmKind, Device, Nonce, Storm
from channels.models.login import LoginCode, Tally

__all__ = ["Alarm", "AlarmKind", "Device", "LoginCode", "Nonce", "Storm", "Tally"]
