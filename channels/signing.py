"""Whether a request truly comes from a device, now, and for the first time (T40).

The signature covers timestamp, nonce and body, so none of them can be
exchanged; docs/sensors.md says it for those who build devices.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import datetime

from django.db import connection

from channels.models import Device

TOLERANCE_SECONDS = 300
_TIMESTAMP = re.compile(r"[0-9]{10}")
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")
# What an unknown device is checked against, so that it costs as long as a known one.
_NOBODY = secrets.token_urlsafe(32)


class Forged(Exception):
    """A request that no device of ours has signed; `code` and `message` go into the answer."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code, self.message = code, message


class Replayed(Exception):
    """This device has used this nonce before."""


def sign(*, secret: str, timestamp: str, nonce: str, body: bytes) -> str:
    """The signature a device sends: HMAC-SHA256 in hex over `timestamp`, `nonce` and body, a line each."""
    words = f"{timestamp}\n{nonce}\n".encode() + body
    return hmac.new(secret.encode(), words, hashlib.sha256).hexdigest()


def sender(headers: Mapping[str, str], body: bytes, *, at: datetime) -> tuple[Device, str]:
    """The device that signed this body, and its nonce. Raises Forged.

    Nothing is written: `spend` makes the nonce used.
    """
    code, timestamp, nonce, signature = (
        headers.get(f"X-{name}", "") for name in ("Device", "Timestamp", "Nonce", "Signature")
    )
    if not (_TIMESTAMP.fullmatch(timestamp) and _NONCE.fullmatch(nonce) and _SIGNATURE.fullmatch(signature)):
        raise Forged(
            "unsigned",
            "缺少签名，或格式不对：请按文档带上 X-Device、X-Timestamp、X-Nonce（16 至 64 位）、X-Signature。",
        )
    device = Device.objects.filter(code=code, active=True).first() if len(code) <= 40 else None
    known = device.secrets() if device else []
    good = [
        hmac.compare_digest(sign(secret=each, timestamp=timestamp, nonce=nonce, body=body), signature)
        for each in known or [_NOBODY]
    ]
    if device is None or not known or not any(good):
        raise Forged("bad_signature", "签名不符：请核对设备编号与密钥，设备须已登记并启用。")
    if abs(int(timestamp) - at.timestamp()) > TOLERANCE_SECONDS:
        raise Forged("stale", "时间戳与服务器相差超过 5 分钟：请校准设备时钟后重新签名。")
    return device, nonce


def spend(device: Device, nonce: str, *, at: datetime) -> None:
    """Mark a nonce as used, in the transaction of what it brought. Raises Replayed.

    Of two requests with one nonce the second waits here for the first to commit.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO channels_nonce (device_id, word, at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [device.pk, nonce, at],
        )
        if not cursor.rowcount:
            raise Replayed
