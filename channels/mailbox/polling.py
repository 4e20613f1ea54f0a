"""Reading the mailbox: each mail becomes one draft, however often the reader is killed in between (IN-01).

Draft and position are written in one transaction; a mail is marked as read on
the server only afterwards. A mail that arrives twice has one name and stays one draft.
"""

import logging
import time
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.db.models import Q
from django.utils.timezone import now

from channels.mailbox import imap, letters
from channels.models import Mailbox
from core.beats import beat
from core.db import joined
from tickets import incoming

logger = logging.getLogger(__name__)

# A job is killed after 60 seconds; what is left is read a minute later.
_SECONDS = 35.0
LEASE = timedelta(seconds=90)
TRIES = 3


def poll() -> int:
    """Read what is new and return how many mails that were; 0 without a mailbox, or while another reads."""
    if not settings.MAILBOX_HOST:
        return 0
    box = _claim(now())
    if box is None:
        return 0
    try:
        with imap.folder() as folder:
            taken = _take_all(box, folder)
    except imap.Unreachable as error:
        logger.warning("the mailbox could not be read: %s", error)
        beat("mailbox", at=now(), note=str(error))
        return 0
    finally:
        Mailbox.objects.filter(pk=box.pk).update(busy_until=None)
    beat("mailbox", at=now(), note=f"本次收取 {taken} 封")
    return taken


def _claim(at: datetime) -> Mailbox | None:
    """The position in the mailbox, ours for a while; None while another reader has it."""
    name = f"{settings.MAILBOX_USER}@{settings.MAILBOX_HOST}/{settings.MAILBOX_FOLDER}"[:200]
    box, _ = Mailbox.objects.get_or_create(name=name)
    free = Mailbox.objects.filter(Q(busy_until__isnull=True) | Q(busy_until__lt=at), pk=box.pk)
    return Mailbox.objects.get(pk=box.pk) if free.update(busy_until=at + LEASE) else None


def _take_all(box: Mailbox, folder: imap.Folder) -> int:
    if box.uidvalidity != folder.uidvalidity:
        # First sight, or a new numbering: what people have read already is not new.
        box.uidvalidity, box.baseline, box.last_uid = folder.uidvalidity, folder.highest, 0
        box.save(update_fields=["uidvalidity", "baseline", "last_uid"])
    until = time.monotonic() + _SECONDS
    taken = 0
    for uid in folder.waiting(after=box.last_uid, baseline=box.baseline):
        if time.monotonic() > until:
            break
        taken += _take(box, folder, uid)
    return taken


def _take(box: Mailbox, folder: imap.Folder, uid: int) -> int:
    """One mail: 1 when it became a draft, 0 when it was one already or is gone."""
    _count_try(box, uid)
    envelope = folder.envelope(uid)
    letter = _letter(box, folder, uid, envelope) if envelope else None
    at = now()
    arrived = min(envelope.arrived, at) if envelope and envelope.arrived else at
    with joined:
        created = incoming.receive(letter, at=arrived)[1] if letter else False
        box.last_uid = uid
        box.save(update_fields=["last_uid"])
    if envelope:
        folder.mark_seen(uid)
    return int(created)


def _count_try(box: Mailbox, uid: int) -> None:
    box.tries = box.tries + 1 if box.trying_uid == uid else 1
    box.trying_uid = uid
    box.save(update_fields=["trying_uid", "tries"])


def _letter(box: Mailbox, folder: imap.Folder, uid: int, envelope: imap.Envelope) -> incoming.Letter:
    """The mail read, or its header with a remark when the whole is too large or ended the reader before."""
    if envelope.size > settings.MAILBOX_MAX_BYTES:
        megabytes = envelope.size / 2**20
        remark = f"邮件有 {megabytes:.1f} MB，超过上限，正文和附件没有收取，请到邮箱查看。"
    elif box.tries > TRIES:
        remark = "这封邮件无法读取，正文和附件请到邮箱查看。"
    else:
        return letters.read(folder.mail(uid), own=_own_addresses())
    # Where even the header cannot be had, a line with the number still stands at the desk.
    gone = box.tries > 2 * TRIES
    head = f"X-Mail: {box.uidvalidity}/{uid}\n\n".encode() if gone else folder.header(uid)
    return letters.read(head, own=_own_addresses(), remarks=(remark,))


def _own_addresses() -> frozenset[str]:
    written = (settings.MAILBOX_USER, settings.DEFAULT_FROM_EMAIL)
    return frozenset(address.lower() for each in written if "@" in (address := parseaddr(each)[1]))
