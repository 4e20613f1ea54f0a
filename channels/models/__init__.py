"""Tables of the doors, one module for each door."""

from channels.models.device import Alarm, AlarmKind, Device, Nonce, Storm
from channels.models.history import ImportJob, PastTicket
from channels.models.login import Captcha, LoginCode, Tally
from channels.models.mailbox import Mailbox
from channels.models.relay import RelayDuty
from channels.models.wechat import WeChatMessage

__all__ = [
    "Alarm",
    "AlarmKind",
    "Captcha",
    "Device",
    "ImportJob",
    "LoginCode",
    "Mailbox",
    "Nonce",
    "PastTicket",
    "RelayDuty",
    "Storm",
    "Tally",
    "WeChatMessage",
]
