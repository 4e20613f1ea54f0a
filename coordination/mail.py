"""What counterparts answer by mail: written into the thread of the request that its subject names (DI-11).

The mailbox is read by `channels`; `tickets.incoming` asks here about each new message, once for each
Message-ID, in the transaction that keeps it. Whether a mail is the answer, a person says.
"""

import re
from datetime import datetime

from coordination import letters
from coordination.models import Request
from coordination.thread import Name, adopt, lock, record
from notices.outbox import post_many
from tickets import incoming as messages
from tickets.actors import Actor
from tickets.models import Channel, Incoming

MAILBOX = Actor.system("邮箱")
LONGEST = 5_000
_NUMBER = re.compile(r"(?<![A-Z0-9])XZ(\d{6,12})(?!\d)", re.ASCII | re.IGNORECASE)


def take(incoming: Incoming, *, at: datetime) -> str:
    """Attach a mail to the request it answers and say so; "" for anything that a person must look at.

    A stranger who names a number gets a draft like everybody, with a remark for the desk.
    """
    request = _meant(incoming)
    if request is None:
        return ""
    if not _is_known(incoming.sender_address, request):
        messages.remark(
            incoming, f"提到协作单{request.number}，但发件地址没有登记在这个协作对象名下，请核对。"
        )
        return ""
    _write_down(lock(request), incoming, at)
    incoming.estate_id = request.estate_id
    incoming.save(update_fields=["estate"])
    return f"已记入协作单{request.number}"


def _meant(incoming: Incoming) -> Request | None:
    found = _NUMBER.search(incoming.subject) if incoming.channel == Channel.EMAIL else None
    return Request.objects.filter(pk=int(found[1])).first() if found else None


def _is_known(address: str, request: Request) -> bool:
    """Whether this counterpart was ever written to at this address for this estate."""
    written = Request.objects.filter(counterpart=request.counterpart_id, estate=request.estate_id)
    return bool(address) and written.filter(contact_email__iexact=address).exists()


def _write_down(request: Request, incoming: Incoming, at: datetime) -> None:
    files = [{name: getattr(each, name) for name in messages.FACTS} for each in incoming.files.all()]
    words = (incoming.text or incoming.subject)[:LONGEST]
    facts = [
        ("发件人", str(incoming.sender)),
        ("邮箱", incoming.sender_address),
        ("主题", incoming.subject),
        ("附件", f"{len(files)}个" if files else ""),
        ("说明", incoming.remarks),
    ]
    event = record(request=request, name=Name.MAILED, by=MAILBOX, at=at, words=words, facts=facts)
    adopt(event=event, files=files, at=at)
    told = letters.to_staff("X06", request, [request.owner_id], cause=f"mailed:{event.pk}", words=words[:200])
    post_many([told], at=at)
