"""What WeChat's server sends to ours, and how it is answered: signatures and small XML."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.conf import settings

MOST_BYTES = 64 * 1024
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
    return {child.tag: (child.text or "").replace("\0", "")[:_LONGEST_VALUE] for child in root}


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
    return tostring(root, encoding="utf-8")
