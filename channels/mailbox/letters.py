"""A mail as it came over the wire, read into what the desk needs; nothing a sender writes may raise."""

import hashlib
import re
from email.message import Message
from email.utils import getaddresses

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from channels.mailbox import attachments, parts, text
from tickets.incoming import Letter, Sender
from tickets.models import Channel

_MOST_TEXTS = 60
# Letters, digits and signs of ASCII: no control character goes into a table or an answer.
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,290}>")
_DAEMONS = re.compile(r"^(mailer-daemon|postmaster|noreply-dmarc)", re.IGNORECASE)
_IS_ADDRESS = EmailValidator()


def read(raw: bytes, *, own: frozenset[str], remarks: tuple[str, ...] = ()) -> Letter:
    """The letter in a mail. `own` are our addresses in small letters; `remarks` are said before its own."""
    mail, may_be_read = parts.parsed(raw)
    name, address = _sender(mail)
    automatic = _automatic(mail, address, own)
    leaves = list(parts.leaves(mail)) if may_be_read else []
    files, refused = attachments.of(part for part in leaves if not parts.is_text(part))
    if not may_be_read:
        refused = ["邮件由太多部分组成，正文和附件没有收取，请到邮箱查看。"]
    return Letter(
        channel=Channel.EMAIL,
        external_id=_external_id(mail, address, raw),
        sender=Sender(name=name, address=address),
        subject=text.header_words(mail["Subject"]),
        text=_words([part for part in leaves if parts.is_text(part)][:_MOST_TEXTS]),
        files=files,
        remarks=(*remarks, *refused),
        reply_to_id="" if automatic or not address or _is_mass(mail) else _message_id(mail),
        automatic=automatic,
    )


def _sender(mail: Message) -> tuple[str, str]:
    """Name and address to answer to; "" for an address that is none."""
    name, address = _address(mail, "From")
    _, answer_to = _address(mail, "Reply-To")
    return name or address, answer_to or address


def _address(mail: Message, header: str) -> tuple[str, str]:
    value = mail.get(header)
    if value is None:
        return "", ""
    for name, address in _addresses(str(value)):
        if len(address) <= 120 and _is_address(address):
            return text.header_words(name), address
    return text.header_words(value)[:60], ""


def _addresses(value: str) -> list[tuple[str, str]]:
    try:
        return getaddresses([value])
    except RecursionError:
        # Brackets within brackets without end.
        return []


def _is_address(address: str) -> bool:
    try:
        _IS_ADDRESS(address)
    except ValidationError:
        return False
    return True


def _message_id(mail: Message) -> str:
    """The mail's own name, or a blank where it has none: an answer is sent all the same."""
    found = _MESSAGE_ID.search(str(mail.get("Message-ID", "")))
    return found[0] if found else "<>"


def _external_id(mail: Message, address: str, raw: bytes) -> str:
    # With the address, so that nobody makes us drop a stranger's mail by using its name first.
    name = _message_id(mail)
    known = f"{name}\n{address}".encode() if name != "<>" else raw
    return hashlib.sha256(known).hexdigest()


def _automatic(mail: Message, address: str, own: frozenset[str]) -> str:
    """Why this was written by a machine, or "" (RFC 3834): such a mail is never answered."""
    if address.lower() in own:
        return "本系统邮箱发出的邮件，系统略过"
    report = mail.get_content_type() in {"multipart/report", "message/delivery-status"}
    if report or _DAEMONS.match(address) or str(mail.get("Return-Path", "")).strip() == "<>":
        return "退信或投递报告，系统略过"
    said = _first_word(mail, "Auto-Submitted")
    if said not in {"", "no"} or _first_word(mail, "Precedence") == "auto_reply" or "X-Autoreply" in mail:
        return "自动回复或系统邮件，系统略过"
    return ""


def _is_mass(mail: Message) -> bool:
    """Whether an answer would go to a list, or was asked not to be sent."""
    if _first_word(mail, "Precedence") in {"bulk", "list", "junk"} or "List-Id" in mail:
        return True
    return bool(mail.get("X-Auto-Response-Suppress"))


def _first_word(mail: Message, header: str) -> str:
    return re.split(r"[;\s]", str(mail.get(header, "")).strip().lower())[0]


def _words(said: list[Message]) -> str:
    """The plain text, or the words of the HTML where there is no other."""
    plain = [_decoded(part) for part in said if part.get_content_subtype() != "html"]
    if words := text.clean("\n\n".join(plain)):
        return words
    html = [_decoded(part) for part in said if part.get_content_subtype() == "html"]
    return text.clean("\n\n".join(text.from_html(each) for each in html))


def _decoded(part: Message) -> str:
    charset = part.get_param("charset")
    return text.decoded(parts.payload(part), charset if isinstance(charset, str) else None)
