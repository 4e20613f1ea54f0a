"""Messages that came in by themselves: kept, registered once, or put aside with a reason (IN-01)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.db.models import Q
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.text import Truncator
from django.utils.timezone import localdate

from accounts.models import User
from accounts.queries import everyone_with, staff_with
from core import phones, store
from core.db import joined
from core.store import FileInfo
from estates.models import Household
from notices import wechat
from notices.outbox import Recipient, post
from tickets import evidence, links, workflow
from tickets.actors import Actor
from tickets.models import Channel, Evidence, Incoming, IncomingFile, Ticket

FILES_PER_MESSAGE = 15
LONGEST_TEXT = 20_000
# How long a message may wait before the desk is told, as with reports from the owner's phone.
PATIENCE = timedelta(minutes=15)
# Front desk, clerks, housekeepers and those above them.
ANSWERS_OWNERS = "tickets.follow_up_ticket"
# The column of an event's reason.
LONGEST_NOTE = 500
_NUMBER = re.compile(r"(?<![A-Z0-9])[A-Z0-9]{2,12}-\d{6}-\d{4,12}(?!\d)", re.ASCII)
_PHONE = re.compile(rf"(?<!\d){phones.MOBILE.pattern}(?!\d)", re.ASCII)
# What a file that is passed on takes along; it is not copied.
FACTS = ("kind", "name", "content_type", "size", "sha256", "original", "preview", "thumbnail")


class Handled(Exception):
    """Somebody has dealt with this message already; carries the row, with who and when."""

    def __init__(self, incoming: Incoming):
        super().__init__(f"来件 {incoming.pk} 已处理")
        self.incoming = incoming


@dataclass(frozen=True)
class Sender:
    """Who wrote, as far as the door knows; empty where it does not."""

    name: str = ""
    phone: str = ""
    address: str = ""
    openid: str = ""


@dataclass(frozen=True)
class Letter:
    """What a door took in. `automatic` names why a machine wrote it: such a letter is kept but put aside.

    `external_id` is at most 80 characters; `remarks` are sentences for the desk,
    such as the names of refused files.
    """

    channel: str
    external_id: str
    sender: Sender
    text: str = ""
    subject: str = ""
    files: Sequence[tuple[File, FileInfo]] = ()
    remarks: Sequence[str] = ()
    reply_to_id: str = ""
    automatic: str = ""


@joined
def receive(letter: Letter, *, at: datetime) -> tuple[Incoming, bool]:
    """Keep a message as a draft, and tell whether it is new: a second delivery changes nothing."""
    phone = letter.sender.phone or phone_in(f"{letter.subject}\n{letter.text}")
    incoming, created = Incoming.objects.get_or_create(
        channel=letter.channel,
        external_id=letter.external_id,
        defaults={
            "estate_id": _estate_of(phone),
            "sender_name": letter.sender.name[:60],
            "sender_phone": phone,
            "sender_address": letter.sender.address[:120],
            "sender_openid": letter.sender.openid[:64],
            "subject": letter.subject[:200],
            "text": letter.text[:LONGEST_TEXT],
            "remarks": "\n".join(letter.remarks),
            "reply_to_id": letter.reply_to_id[:300],
            "received_at": at,
            "state": Incoming.State.DISMISSED if letter.automatic else Incoming.State.NEW,
            "handled_at": at if letter.automatic else None,
            "reason": letter.automatic[:200],
        },
    )
    if created:
        attach(incoming=incoming, files=letter.files, at=at)
        if not letter.automatic and (reason := _taken_above(incoming, at)):
            _finish(incoming, Incoming.State.DISMISSED, None, at, reason=reason)
    return incoming, created


def _taken_above(incoming: Incoming, at: datetime) -> str:
    """Why a floor above has taken what came in, in words; empty where it waits for a person."""
    readers = (import_string(path) for path in settings.INCOMING_READERS)
    return next(filter(None, (reader(incoming, at=at) for reader in readers)), "")


@joined
def attach(*, incoming: Incoming, files: Iterable[tuple[File, FileInfo]], at: datetime) -> int:
    """Keep files with a message; those beyond the limit are named in its remarks. Returns how many were kept.

    Raises RefusedFile when the disk is full. A message that is a ticket already
    passes its files on.
    """
    kept: list[IncomingFile] = []
    there = incoming.files.count()
    for upload, info in files:
        if there + len(kept) >= FILES_PER_MESSAGE:
            remark(incoming, f"「{info.name}」未保留：每条来件最多 {FILES_PER_MESSAGE} 个附件。")
            continue
        kept.append(_keep(incoming, upload, info, at))
    if kept and incoming.ticket:
        _pass_on(incoming, incoming.ticket, kept, Actor.system(), at)
    return len(kept)


def _keep(incoming: Incoming, upload: File, info: FileInfo, at: datetime) -> IncomingFile:
    stored = store.keep(upload, info, at=at)
    return IncomingFile.objects.create(
        incoming=incoming,
        kind=info.kind,
        name=info.name,
        content_type=info.content_type,
        size=info.size,
        **vars(stored),
        added_at=at,
    )


@joined
def add_words(*, incoming: Incoming, words: str) -> None:
    """Further words of the same sender, who has not finished telling."""
    incoming.text = "\n".join(filter(None, [incoming.text, words]))[:LONGEST_TEXT]
    fields = ["text"]
    if not incoming.sender_phone and (phone := phone_in(incoming.text)):
        incoming.sender_phone, incoming.estate_id = phone, _estate_of(phone)
        fields += ["sender_phone", "estate"]
    incoming.save(update_fields=fields)


def remark(incoming: Incoming, sentence: str) -> None:
    """Add a sentence for the desk."""
    incoming.remarks = "\n".join(filter(None, [incoming.remarks, sentence]))
    incoming.save(update_fields=["remarks"])


@joined
def claim(pk: UUID) -> Incoming:
    """Lock a message that still waits, until the transaction ends; raises Handled."""
    incoming = locked(pk)
    if incoming.state != Incoming.State.NEW:
        raise Handled(incoming)
    return incoming


def locked(pk: UUID) -> Incoming:
    """The row, fresh and locked until the transaction ends."""
    rows = Incoming.objects.select_for_update(of=("self",)).select_related("handled_by", "ticket")
    return rows.get(pk=pk)


@joined
def take(*, incoming: Incoming, ticket: Ticket, by: Actor, at: datetime) -> None:
    """The message has become this ticket: its files go along, and its sender is told the number.

    Call `claim` first, in the same transaction, before the ticket is registered.
    """
    # A person has read it, which is what its clock waits for (IN-13).
    if workflow.may(ticket, "acknowledge", by):
        workflow.note(ticket=ticket, name="acknowledge", by=by, at=at)
    _pass_on(incoming, ticket, list(incoming.files.all()), by, at)
    _finish(incoming, Incoming.State.TAKEN, by.user, at, ticket=ticket)
    _answer(incoming, ticket, at)


@joined
def add_to_ticket(*, pk: UUID, ticket: Ticket, by: Actor, at: datetime) -> None:
    """The message tells more about a ticket that there is: its words become a remark, its files evidence.

    Raises Handled when somebody was faster.
    """
    incoming = claim(pk)
    words = "\n".join(filter(None, [incoming.subject, incoming.text]))
    told = f"{incoming.get_channel_display()}来件（{incoming.sender}）：{words}"
    note = told if len(told) <= LONGEST_NOTE else told[: LONGEST_NOTE - 1] + "…"
    payload = {"incoming": str(incoming.pk)}
    workflow.note(ticket=ticket, name="comment", by=by, at=at, reason=note, payload=payload)
    if files := list(incoming.files.all()):
        _pass_on(incoming, ticket, files, by, at)
    _finish(incoming, Incoming.State.TAKEN, by.user, at, ticket=ticket)


def ticket_meant(user: User, incoming: Incoming) -> Ticket | None:
    """The ticket that a message is likely about: one it names, else the sender's last one if it is open."""
    tickets = Ticket.objects.visible_to(user)
    numbers = _NUMBER.findall(f"{incoming.subject}\n{incoming.text[:2000]}".upper())
    if numbers and (named := tickets.filter(number__in=numbers[:5]).order_by("-pk").first()):
        return named
    earlier = Q(pk__in=[])
    if incoming.sender_openid:
        earlier = Q(incoming__sender_openid=incoming.sender_openid)
    elif incoming.sender_address:
        earlier = Q(incoming__sender_address=incoming.sender_address)
    return tickets.open().filter(earlier).order_by("-pk").first()


def _pass_on(incoming: Incoming, ticket: Ticket, files: list[IncomingFile], by: Actor, at: datetime) -> None:
    """Files of a message become evidence of its ticket, with an event that holds their hashes."""
    kept = evidence.adopt(
        ticket=ticket,
        files=[{name: getattr(file, name) for name in FACTS} for file in files],
        stage=Evidence.Stage.REPORT,
        sender=incoming.sender,
        at=at,
    )
    payload = {
        "stage": str(Evidence.Stage.REPORT),
        "incoming": str(incoming.pk),
        "evidence": evidence.as_payload(kept),
    }
    reason = f"来自{incoming.get_channel_display()}来件（{incoming.sender}）"
    workflow.note(ticket=ticket, name="add_evidence", by=by, at=at, reason=reason, payload=payload)


@joined
def dismiss(*, pk: UUID, reason: str, by: Actor, at: datetime) -> Incoming:
    """Put a message aside; raises Handled when somebody was faster."""
    incoming = claim(pk)
    _finish(incoming, Incoming.State.DISMISSED, by.user, at, reason=reason)
    return incoming


@joined
def restore(*, pk: UUID) -> Incoming:
    """Bring back what was put aside; raises Handled when it is a ticket, and does nothing when it waits."""
    incoming = locked(pk)
    if incoming.state == Incoming.State.TAKEN:
        raise Handled(incoming)
    _finish(incoming, Incoming.State.NEW, None, None, reason="")
    return incoming


@joined
def remind_waiting(*, at: datetime) -> int:
    """Tell the desk, once each, of messages that wait for a quarter of an hour; returns how many."""
    waiting = Incoming.objects.filter(
        state=Incoming.State.NEW, received_at__lte=at - PATIENCE, reminded_at__isnull=True
    )
    rows = list(waiting.order_by("received_at").select_for_update(skip_locked=True)[:50])
    for row in rows:
        _remind(row, at)
    return len(rows)


def _remind(incoming: Incoming, at: datetime) -> None:
    if incoming.estate_id:
        desk = staff_with(permission=ANSWERS_OWNERS, estate_id=incoming.estate_id)
    else:
        desk = everyone_with(permission=ANSWERS_OWNERS)
    post(
        template="M03",
        key=f"incoming:{incoming.pk}:waiting",
        recipients=[Recipient.staff(pk) for pk in desk.values_list("pk", flat=True)],
        values={
            "业主": incoming.sender,
            "内容": f"{incoming.get_channel_display()}来件",
            "问题": Truncator(incoming.subject or incoming.text or "没有文字").chars(40, truncate="…"),
        },
        at=at,
        link=reverse("desk_incoming_item", args=[incoming.pk]),
    )
    incoming.reminded_at = at
    incoming.save(update_fields=["reminded_at"])


def phone_in(text: str) -> str:
    """The first mobile number that somebody wrote, or ""."""
    found = _PHONE.search(re.sub(r"(?<=\d)[ \-](?=\d)", "", text))
    return found[0] if found else ""


def _finish(
    incoming: Incoming,
    state: str,
    user: User | None,
    at: datetime | None,
    *,
    ticket: Ticket | None = None,
    reason: str = "",
) -> None:
    incoming.state, incoming.handled_by, incoming.handled_at = state, user, at
    incoming.ticket, incoming.reason = ticket, reason
    if ticket:
        # From now on it is read by whoever may read the ticket, wherever it seemed to come from (T14).
        incoming.estate_id = ticket.estate_id
    incoming.save(update_fields=["state", "handled_by", "handled_at", "ticket", "reason", "estate"])


def _estate_of(phone: str) -> int | None:
    """The estate of whoever has this number, if it is one alone."""
    if not phone:
        return None
    homes = Household.objects.current(on=localdate()).filter(owner__phone=phone)
    found = set(homes.values_list("unit__estate_id", flat=True)[:20])
    return found.pop() if len(found) == 1 else None


def _answer(incoming: Incoming, ticket: Ticket, at: datetime) -> None:
    """Tell the number by the way the message came."""
    template, recipient = "M01", None
    if incoming.channel == Channel.EMAIL and incoming.reply_to_id:
        # "<>" stands for a mail without a name of its own.
        recipient = Recipient.email(incoming.sender_address, answers=incoming.reply_to_id.removeprefix("<>"))
    elif incoming.sender_openid and wechat.is_on():
        template, recipient = "M02", Recipient.wechat(incoming.sender_openid)
    if recipient is None:
        return
    post(
        template=template,
        key=f"incoming:{incoming.pk}",
        recipients=[recipient],
        values={
            "业主": ticket.reporter_name or incoming.sender,
            "单号": ticket.number,
            "问题": incoming.subject or Truncator(ticket.description).chars(20, truncate="…"),
            "项目": ticket.estate.name,
            "链接": links.create(ticket=ticket, at=at),
        },
        at=at,
        ticket_id=ticket.pk,
    )
