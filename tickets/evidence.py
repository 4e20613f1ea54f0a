"""Evidence of a ticket: photos, recordings and signatures, kept with their hashes (IN-12).

Nothing here writes an event: the step that evidence belongs to does, with
`as_payload` in it, so that the hash chain of the events covers the files.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.core.files.base import File
from django.db.models import Model, Sum

from core import store
from core.db import joined
from core.filefields import Signature
from core.store import FileInfo, RefusedFile
from tickets.actors import Actor
from tickets.models import Evidence, Ticket

FILES_PER_TICKET = 30
VIDEOS_AT_ONCE = 1
OWNER_BYTES_PER_DAY = 300 * 2**20


@joined
def add(
    *,
    ticket: Ticket,
    files: Sequence[tuple[File, FileInfo]],
    stage: str,
    by: Actor,
    at: datetime,
    owner_may_see: bool = True,
) -> list[Evidence]:
    """Keep files, as `PhotosField` or `store.examined` gives them, with the ticket.

    Raises RefusedFile when the ticket has too many, when more than one video
    comes at once, when an owner's phone has used up its day, or the disk is full.
    """
    if not files:
        return []
    _refuse_over_quota(ticket, [info for _, info in files], by, at)
    return [
        _create(upload, info, ticket=ticket, stage=stage, by=by, at=at, owner_may_see=owner_may_see)
        for upload, info in files
    ]


@joined
def adopt(
    *, ticket: Ticket, files: Sequence[Mapping[str, Any]], stage: str, sender: str, at: datetime
) -> list[Evidence]:
    """Files that a message brought become evidence of its ticket, as they are kept already (IN-01).

    Each is a mapping of the columns that say what the file is and where it lies.
    """
    return [
        Evidence.objects.create(
            ticket=ticket, stage=stage, added_by_name=sender[:60], added_at=at, **dict(facts)
        )
        for facts in files
    ]


@joined
def add_signature(
    *, ticket: Ticket, signature: Signature, signer: str, stage: str, by: Actor, at: datetime
) -> Evidence:
    """Keep a signature: the picture as a file, the strokes in the row (EX-02, EX-09)."""
    upload = signature.file()
    return _create(
        upload,
        store.examine(upload, kinds=store.PHOTO),
        ticket=ticket,
        stage=stage,
        by=by,
        at=at,
        kind=Evidence.Kind.SIGNATURE,
        strokes=signature.strokes,
        signer=signer,
    )


def as_payload(kept: Iterable[Evidence]) -> list[dict[str, Any]]:
    """What an event says of evidence: id, kind and hash; of a signature also signer and strokes' hash."""
    return [_payload(row) for row in kept]


def purge_orphans(*, older_than: datetime) -> int:
    """Remove files that no row names, written before that time; returns how many originals went.

    They stay behind when a process dies between file and row.
    """
    removed = 0
    for month in store.months():
        originals = store.originals(month)
        named: set[str] = set()
        for model in _models_with_files():
            named |= set(model.objects.filter(original__in=originals).values_list("original", flat=True))
        removed += sum(store.discard(name, older_than=older_than) for name in originals if name not in named)
    return removed


def _models_with_files() -> list[type[Model]]:
    """Every table of the house, of floors above too, that names files as `core.store` keeps them."""
    columns = {"original", "preview", "thumbnail"}
    return [
        model for model in apps.get_models() if columns <= {field.name for field in model._meta.get_fields()}
    ]


def _create(upload: File, info: FileInfo, *, by: Actor, at: datetime, **fields: Any) -> Evidence:
    stored = store.keep(upload, info, at=at)
    return Evidence.objects.create(
        **{"kind": info.kind} | fields,
        name=info.name,
        content_type=info.content_type,
        size=info.size,
        **vars(stored),
        added_by=by.user,
        added_by_name=by.name,
        added_at=at,
    )


def _refuse_over_quota(ticket: Ticket, infos: list[FileInfo], by: Actor, at: datetime) -> None:
    if sum(info.kind == "video" for info in infos) > VIDEOS_AT_ONCE:
        raise RefusedFile("一次只能上传一段视频，请分几次添加。")
    # Two requests at once would each see room for their own files.
    Ticket.objects.select_for_update().only("pk").get(pk=ticket.pk)
    room = FILES_PER_TICKET - ticket.evidence.exclude(kind=Evidence.Kind.SIGNATURE).count()
    if len(infos) > room:
        raise RefusedFile(f"每张工单最多 {FILES_PER_TICKET} 个文件，还可以添加 {max(room, 0)} 个。")
    if by.kind == "owner" and _sent_today(ticket, at) + sum(i.size for i in infos) > OWNER_BYTES_PER_DAY:
        raise RefusedFile("今天上传的文件已达上限（300 MB），请明天再传，或联系客服。")


def _sent_today(ticket: Ticket, at: datetime) -> int:
    """Bytes that came from the phone of this ticket's reporter within a day (T20)."""
    sent = Evidence.objects.filter(
        ticket__reporter_phone=ticket.reporter_phone, added_by=None, added_at__gt=at - timedelta(days=1)
    )
    return sent.aggregate(total=Sum("size"))["total"] or 0


def _payload(row: Evidence) -> dict[str, Any]:
    payload = {"id": str(row.pk), "kind": row.kind, "sha256": row.sha256}
    if row.strokes is None:
        return payload
    return payload | {"signer": row.signer, "strokes_sha256": strokes_sha256(row.strokes)}


def strokes_sha256(strokes: Any) -> str:
    """The hash of a signature's strokes, the same before and after the database kept them."""
    text = json.dumps(strokes, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
