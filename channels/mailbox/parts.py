"""A mail taken apart; what the library stumbles over is forgiven."""

import email
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import Compat32
from typing import Any

from channels.mailbox import text

_DEEPEST = 12
# Lines that may begin a part: the library takes four seconds for two hundred thousand of them.
_MOST_BOUNDARIES = 5_000


class _Policy(Compat32):
    """The older policy: it parses headers when asked, and forgives what people send."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        """A header written without any encoding, as many Chinese programs do, is read all the same."""
        if value.isascii():
            return value
        return text.decoded(value.encode("ascii", "surrogateescape"), None)


class _Part(Message):
    """A part whose parameters contradict each other has none of them."""

    def get_param(self, param: str, failobj: Any = None, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().get_param(param, failobj, *args, **kwargs)
        except (TypeError, ValueError):
            # Some pieces of one name numbered and others not, or numbers that are none.
            return failobj

    def get_boundary(self, failobj: Any = None) -> Any:
        try:
            return super().get_boundary(failobj)
        except ValueError:
            return failobj

    def get_filename(self, failobj: Any = None) -> Any:
        try:
            return super().get_filename(failobj)
        except ValueError:
            # Written in a set of letters that is none, or that cannot leave out what is not in it.
            return failobj


_POLICY = _Policy()


def parsed(raw: bytes) -> tuple[Message, bool]:
    """The mail in its parts, and whether they may be read: one with parts without end is its header alone."""
    if raw.count(b"\n--") <= _MOST_BOUNDARIES:
        try:
            return email.message_from_bytes(raw, _Part, policy=_POLICY), True
        except RecursionError:
            pass
    return BytesHeaderParser(_Part, policy=_POLICY).parsebytes(raw), False


def leaves(mail: Message) -> Iterator[Message]:
    """The parts that hold something; attached mails are leaves, and what lies deeper than anybody looks."""
    waiting = [(mail, 0)]
    while waiting:
        part, depth = waiting.pop(0)
        if is_branch(part) and depth < _DEEPEST:
            waiting[:0] = [(each, depth + 1) for each in part.get_payload()]
        else:
            yield part


def is_branch(part: Message) -> bool:
    """Whether it only holds other parts."""
    return part.get_content_maintype() == "multipart" and part.is_multipart()


def is_text(part: Message) -> bool:
    """Whether it is words of the mail rather than a file."""
    return part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment"


def payload(part: Message) -> bytes:
    """What it holds, decoded."""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
