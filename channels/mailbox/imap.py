"""A folder on an IMAP server, as little of it as we need; every trouble is one exception."""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings

SECONDS = 15
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
# A header longer than this is no header.
_HEADER_BYTES = 65_536


class Unreachable(Exception):
    """The server cannot be reached, refuses us or answers nonsense; a later try may work."""


@dataclass(frozen=True)
class Envelope:
    """What the server says of a mail before it is fetched: bytes, and when it arrived."""

    size: int
    arrived: datetime | None


@contextmanager
def folder() -> Iterator["Folder"]:
    """The configured folder, opened for reading and marking; raises Unreachable."""
    try:
        connection = _connect()
    except (OSError, imaplib.IMAP4.error) as error:
        raise Unreachable(f"邮箱服务器连接失败：{error}") from error
    try:
        yield _opened(connection)
    except (OSError, imaplib.IMAP4.error) as error:
        raise Unreachable(f"邮箱读取失败：{error}") from error
    finally:
        _close(connection)


def _connect() -> imaplib.IMAP4:
    host, port, security = settings.MAILBOX_HOST, settings.MAILBOX_PORT, settings.MAILBOX_SECURITY
    trusted = ssl.create_default_context(cafile=settings.MAILBOX_CA_FILE or None)
    if security == "tls":
        return imaplib.IMAP4_SSL(host, port, ssl_context=trusted, timeout=SECONDS)
    connection = imaplib.IMAP4(host, port, timeout=SECONDS)
    if security == "starttls":
        try:
            connection.starttls(trusted)
        except (OSError, imaplib.IMAP4.error):
            connection.shutdown()
            raise
    return connection


def _close(connection: imaplib.IMAP4) -> None:
    try:
        connection.logout()
    except (OSError, imaplib.IMAP4.error):
        # The server has gone; our end still has to be closed.
        with suppress(OSError):
            connection.shutdown()


def _opened(connection: imaplib.IMAP4) -> "Folder":
    connection.login(settings.MAILBOX_USER, settings.MAILBOX_PASSWORD)
    if "ID" in connection.capabilities:
        # 163.com and 126.com refuse to open a folder for a program without a name.
        connection.xatom("ID", '("name" "fangxiu" "version" "1")')
    _expect_ok(connection.select(f'"{settings.MAILBOX_FOLDER}"'))
    return Folder(connection)


def _expect_ok(answer: tuple[str, list]) -> list:
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(f"{status} {data}")
    return data


class Folder:
    """An open folder. Numbers are UIDs, which never change as long as `uidvalidity` stays."""

    def __init__(self, connection: imaplib.IMAP4):
        self._connection = connection
        self.uidvalidity = self._told("UIDVALIDITY")
        next_uid = self._told("UIDNEXT")
        self.highest = next_uid - 1 if next_uid else max(self._search("ALL"), default=0)

    def waiting(self, *, after: int, baseline: int) -> list[int]:
        """UIDs beyond `after`, lowest first; of those up to `baseline` only the unread ones."""
        found = set(self._search("UID", f"{max(after, baseline) + 1}:*"))
        if after < baseline:
            found |= set(self._search("UNSEEN", "UID", f"{after + 1}:{baseline}"))
        # "9:*" names the last mail even when that is the eighth.
        return sorted(uid for uid in found if uid > after)

    def envelope(self, uid: int) -> Envelope | None:
        """What is known of a mail; None when somebody has removed it."""
        for line in self._fetch(uid, "(RFC822.SIZE INTERNALDATE)"):
            text = line if isinstance(line, bytes) else b"".join(line)
            if found := _SIZE.search(text):
                local = imaplib.Internaldate2tuple(text)
                arrived = datetime(*local[:6]).astimezone(UTC) if local else None
                return Envelope(int(found[1]), arrived)
        return None

    def mail(self, uid: int) -> bytes:
        """The whole mail; the server does not mark it as read."""
        return self._literal(uid, "(BODY.PEEK[])")

    def header(self, uid: int) -> bytes:
        """The header alone, of a mail that is too large or cannot be read."""
        return self._literal(uid, f"(BODY.PEEK[HEADER]<0.{_HEADER_BYTES}>)")

    def mark_seen(self, uid: int) -> None:
        """Show to people who open the mailbox that this mail is taken care of."""
        _expect_ok(self._connection.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Seen)"))

    def _told(self, name: str) -> int:
        _, data = self._connection.response(name)
        return int(data[0]) if data and data[0] and data[0].isdigit() else 0

    def _search(self, *criteria: str) -> list[int]:
        data = _expect_ok(self._connection.uid("SEARCH", *criteria))
        return [int(word) for line in data if line for word in line.split() if word.isdigit()]

    def _fetch(self, uid: int, what: str) -> list:
        return [line for line in _expect_ok(self._connection.uid("FETCH", str(uid), what)) if line]

    def _literal(self, uid: int, what: str) -> bytes:
        return next((line[1] for line in self._fetch(uid, what) if isinstance(line, tuple)), b"")
