"""What WeChat's server sends to ours, and how it is answered: signatures and small XML, sealed or plain."""

import hashlib
import logging
import secrets
from collections.abc import Mapping
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.conf import settings

from channels.wechat import safe

logger = logging.getLogger(__name__)

MOST_BYTES = 64 * 1024
SEALED = "Encrypt"
_LONGEST_VALUE = 5000


class BadXml(Exception):
    """It is not the small flat XML that WeChat sends."""


def is_signed(query: Mapping[str, str]) -> bool:
    """Whether these parameters were signed with our token; without a token nothing is."""
    if not settings.WECHAT_TOKEN:
        return False
    words = sorted([settings.WECHAT_TOKEN, query.get("timestamp", ""), query.get("nonce", "")])
    expected = hashlib.sha1("".join(words).encode()).hexdigest()
    return secrets.compare_digest(expected.encode(), query.get("signature", "").encode())


def read(body: bytes) -> dict[str, str]:
    """The elements of a message by name; no entities, no document type, nothing nested."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise BadXml(str(error)) from error
    # A sealed message is as long as it is; what is inside is cut when it is read.
    most = {SEALED: MOST_BYTES}
    return {
        child.tag: (child.text or "").replace("\0", "")[: most.get(child.tag, _LONGEST_VALUE)]
        for child in root
    }


def opened(query: Mapping[str, str], body: bytes, *, at: datetime) -> dict[str, str]:
    """The message in a body, unsealed where the house has a key: then nothing else is believed.

    Raises BadXml, and `safe.Unsafe` for what was not sealed by WeChat for us just now.
    """
    message = read(body)
    if safe.is_on():
        return read(safe.unseal(query, message.get(SEALED, ""), at=at))
    if SEALED in message and "FromUserName" not in message:
        logger.error("WeChat sends encrypted messages, but WECHAT_AES_KEY is not set")
        raise safe.Unsafe("no key")
    return message


def answer(message: Mapping[str, str], words: str, *, at: datetime) -> bytes:
    """The words to show at once to whoever sent this message."""
    root = Element("xml")
    values = {
        "ToUserName": message.get("FromUserName", ""),
        "FromUserName": message.get("ToUserName", ""),
        "CreateTime": str(int(at.timestamp())),
        "MsgType": "text",
        "Content": words,
    }
    for name, value in values.items():
        SubElement(root, name).text = value
    return _sealed(tostring(root, encoding="utf-8"), at) if safe.is_on() else tostring(root, encoding="utf-8")


def _sealed(message: bytes, at: datetime) -> bytes:
    root = Element("xml")
    for name, value in safe.seal(message, at=at).items():
        SubElement(root, name).text = value
    return tostring(root, encoding="utf-8")
