"""WeChat's encrypted messages: what its server seals with the EncodingAESKey, and what we seal for it (T24).

A sealed message is AES-256-CBC over 16 random bytes, the length of the message (four
bytes, big-endian), the message and the app id, padded after PKCS#7 to 32 bytes; the
key's first half is the initial vector. `msg_signature` covers it, unlike the plain one.
"""

import base64
import hashlib
import secrets
import struct
from binascii import Error as BadBase64
from collections.abc import Mapping
from datetime import datetime

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from django.conf import settings

# WeChat gives up after three tries of five seconds; clocks may differ a little.
TOLERANCE_SECONDS = 300
_PAD, _HEAD, _LENGTH = 32, 16, 4


class Unsafe(Exception):
    """Not sealed by WeChat for us, not now, or not as it should be."""


def is_on() -> bool:
    """Whether messages have to be sealed: no plain one is taken then."""
    return bool(settings.WECHAT_AES_KEY)


def sign(*, timestamp: str, nonce: str, sealed: str) -> str:
    """The signature over a sealed message."""
    words = sorted([settings.WECHAT_TOKEN, timestamp, nonce, sealed])
    return hashlib.sha1("".join(words).encode()).hexdigest()


def unseal(query: Mapping[str, str], sealed: str, *, at: datetime) -> bytes:
    """The XML inside a sealed message that was signed within five minutes of `at`. Raises Unsafe."""
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    expected = sign(timestamp=timestamp, nonce=nonce, sealed=sealed)
    given = query.get("msg_signature", "")
    if not settings.WECHAT_TOKEN or not secrets.compare_digest(expected.encode(), given.encode()):
        raise Unsafe("signature")
    if not _is_fresh(timestamp, at):
        raise Unsafe("timestamp")
    return _inside(_unpadded(_decrypted(sealed)))


def seal(message: bytes, *, at: datetime) -> dict[str, str]:
    """The elements of a sealed answer by name."""
    inside = secrets.token_bytes(_HEAD) + struct.pack(">I", len(message)) + message
    inside += settings.WECHAT_APP_ID.encode()
    pad = _PAD - len(inside) % _PAD
    encryptor = _cipher().encryptor()
    sealed = base64.b64encode(_run(encryptor, inside + bytes([pad]) * pad)).decode()
    timestamp, nonce = str(int(at.timestamp())), secrets.token_urlsafe(12)
    return {
        "Encrypt": sealed,
        "MsgSignature": sign(timestamp=timestamp, nonce=nonce, sealed=sealed),
        "TimeStamp": timestamp,
        "Nonce": nonce,
    }


def _is_fresh(timestamp: str, at: datetime) -> bool:
    known = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12
    return known and abs(int(timestamp) - at.timestamp()) <= TOLERANCE_SECONDS


def _decrypted(sealed: str) -> bytes:
    try:
        content = base64.b64decode(sealed, validate=True)
    except (BadBase64, ValueError) as error:
        raise Unsafe("base64") from error
    if not content or len(content) % (AES.block_size // 8):
        raise Unsafe("blocks")
    return _run(_cipher().decryptor(), content)


def _unpadded(content: bytes) -> bytes:
    # What was signed is not chosen by an attacker, so an answer to its padding is no oracle.
    pad = content[-1]
    if not 1 <= pad <= _PAD or content[-pad:] != bytes([pad]) * pad:
        raise Unsafe("padding")
    return content[:-pad]


def _inside(content: bytes) -> bytes:
    start = _HEAD + _LENGTH
    if len(content) < start:
        raise Unsafe("length")
    (length,) = struct.unpack(">I", content[_HEAD:start])
    message, app_id = content[start : start + length], content[start + length :]
    # A length beyond the end leaves no app id.
    if not secrets.compare_digest(app_id, settings.WECHAT_APP_ID.encode()):
        raise Unsafe("app id")
    return message


def _cipher() -> Cipher:
    key = base64.b64decode(settings.WECHAT_AES_KEY + "=")
    return Cipher(AES(key), CBC(key[:_HEAD]))


def _run(context: CipherContext, content: bytes) -> bytes:
    return context.update(content) + context.finalize()
