"""Writing messages: in the transaction of the fact that causes them, sent later (OR-03)."""

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.db import joined
from core.queue import wake
from core.rows import build, insert_all
from notices import wording
from notices.models import Channel, Message, Template

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recipient:
    """Whom a message goes to, and on which channel."""

    channel: Channel
    user_id: int | None = None
    address: str = ""
    answers: str = ""
    fallback: str = ""

    @classmethod
    def staff(cls, user_id: int) -> "Recipient":
        """Somebody who signs in: reads it in the inbox."""
        return cls(Channel.APP, user_id=user_id)

    @classmethod
    def phone(cls, number: str) -> "Recipient":
        """A mobile number: gets an SMS."""
        return cls(Channel.SMS, address=number)

    @classmethod
    def email(cls, address: str, *, answers: str = "") -> "Recipient":
        """A mail address; `answers` is the Message-ID of the mail that this one answers."""
        return cls(Channel.EMAIL, address=address, answers=answers)

    @classmethod
    def wechat(cls, openid: str, *, fallback: str = "") -> "Recipient":
        """A user of the service account; `fallback` is the mobile number for what WeChat cannot carry."""
        return cls(Channel.WECHAT, address=openid, fallback=fallback)

    def for_words(self, words: Template) -> "Recipient":
        """This recipient, or their phone where WeChat has no template for these words."""
        if self.channel == Channel.WECHAT and self.fallback and not words.wechat_template:
            return Recipient.phone(self.fallback)
        return self

    def extra(self, words: Template, values: Mapping[str, object]) -> dict[str, object] | None:
        """What only this way out needs besides the words."""
        if self.answers:
            return {"answers": self.answers}
        if self.channel != Channel.WECHAT or not words.wechat_template:
            return None
        return {
            "template": words.wechat_template,
            "fields": wording.fill_fields(words, values),
            "url": str(values.get("链接", "")),
            "fallback": self.fallback,
        }

    @property
    def name(self) -> str:
        """What tells this recipient from others within a key; no personal data."""
        if self.user_id:
            return f"u{self.user_id}"
        return hashlib.sha256(self.address.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Letter:
    """One message to some recipients, as `post` takes it."""

    template: str
    key: str
    recipients: Sequence[Recipient]
    values: Mapping[str, object]
    ticket_id: int | None = None
    link: str = ""
    # Not before this moment: the pace of many at once, or the night.
    send_at: datetime | None = None


# So many rows go into one statement: far below the driver's limit of values.
CHUNK = 1000


@joined
def post_many(letters: Iterable[Letter], *, at: datetime) -> int:
    """What `post` does, for hundreds of causes in a few statements; answers how many rows were offered.

    For sweeps: a cause that was told already is left out by its key, as there.
    """
    rows: list[Message] = []
    for letter in letters:
        words = wording.find(letter.template)
        if words is None:
            logger.error("there is no message template %s (load_presets)", letter.template)
        if words is None or not words.active:
            continue
        title, body = wording.fill(words, letter.values)
        rows += [
            _row(
                recipient,
                key=f"{letter.key}:{letter.template}:{recipient.name}:{recipient.channel.value}",
                template=letter.template,
                title=title,
                body=body,
                ticket_id=letter.ticket_id,
                link=letter.link,
                at=at,
                send_at=letter.send_at,
            )
            for recipient in letter.recipients
            if _has_address(recipient, letter.template)
        ]
    for start in range(0, len(rows), CHUNK):
        insert_all(rows[start : start + CHUNK], ignore_conflicts=True)
    if any(row.state == Message.State.NEW for row in rows):
        wake("notices.tasks.deliver")
    return len(rows)


@joined
def post(
    *,
    template: str,
    key: str,
    recipients: Iterable[Recipient],
    values: Mapping[str, object],
    at: datetime,
    ticket_id: int | None = None,
    link: str = "",
) -> int:
    """Write one message per recipient, and answer how many are in the outbox under this key.

    `key` names the cause ("ticket:12:4"); the same cause, template, recipient
    and channel give one message however often this is called. `link` is the
    page that opens from the inbox, a path of ours. In-app messages arrive with
    the transaction; for others one wake-up is queued. A template that is
    switched off or unknown sends nothing: a message never stops a ticket.
    """
    words = wording.find(template)
    if words is None:
        logger.error("there is no message template %s (load_presets)", template)
    if words is None or not words.active:
        return 0
    title, body = wording.fill(words, values)
    rows = [
        _row(
            recipient,
            key=f"{key}:{template}:{recipient.name}:{recipient.channel.value}",
            template=template,
            title=title,
            body=body,
            ticket_id=ticket_id,
            link=link,
            extra=recipient.extra(words, values),
            at=at,
        )
        for recipient in (each.for_words(words) for each in recipients)
        if _has_address(recipient, template)
    ]
    insert_all(rows, ignore_conflicts=True)
    if any(row.state == Message.State.NEW for row in rows):
        wake("notices.tasks.deliver")
    return len(rows)


def _has_address(recipient: Recipient, template: str) -> bool:
    if recipient.user_id or recipient.address:
        return True
    logger.warning("message %s has a recipient without an address", template)
    return False


def _row(
    recipient: Recipient, *, at: datetime, link: str, send_at: datetime | None = None, **fields
) -> Message:
    """The row of one recipient; what is read in the inbox has arrived with this very insert."""
    in_app = recipient.channel == Channel.APP
    return build(
        Message,
        channel=recipient.channel,
        user_id=recipient.user_id,
        address=recipient.address,
        state=Message.State.SENT if in_app else Message.State.NEW,
        created_at=at,
        next_try_at=max(at, send_at or at),
        sent_at=at if in_app else None,
        link=str(link) if in_app else "",
        **fields,
    )
