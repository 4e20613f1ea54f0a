"""The thread of a request: events that are written once, with their files."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.files.base import File

from coordination.models import Request, RequestEvent, RequestFile
from core import store
from core.store import FileInfo, RefusedFile
from tickets.actors import Actor

FILES_PER_REQUEST = 60
Name = RequestEvent.Name


class Moved(Exception):
    """The request is past this act; carries it and its last event, for a page that says who and when."""

    def __init__(self, request: Request):
        super().__init__(f"{request.number} 已不在这一步")
        self.request = request
        self.last = request.events.order_by("-pk").first()


def lock(request: Request, *states: str) -> Request:
    """The row, fresh and locked until the transaction ends. Raises Moved when it is in none of the states."""
    rows = Request.objects.select_for_update(of=("self",), no_key=True)
    request = rows.select_related("counterpart", "ticket", "estate", "owner").get(pk=request.pk)
    if states and request.state not in states:
        raise Moved(request)
    return request


def record(
    *,
    request: Request,
    name: str,
    by: Actor,
    at: datetime,
    words: str = "",
    facts: Sequence[tuple[str, str]] = (),
    files: Sequence[tuple[File, FileInfo]] = (),
) -> RequestEvent:
    """Append to the thread; `files` as PhotosField gives them. Raises RefusedFile."""
    event = RequestEvent.objects.create(
        request=request,
        name=name,
        at=at,
        actor=by.user,
        actor_name=by.name,
        words=words.strip(),
        facts=[[label, value] for label, value in facts if value],
    )
    if files:
        _refuse_over_quota(request, len(files))
        for upload, info in files:
            _keep(event, upload, info, at)
    return event


def adopt(*, event: RequestEvent, files: Sequence[Mapping[str, Any]], at: datetime) -> int:
    """Keep files that are stored already with a line of the thread, as many as there is room for."""
    kept = files[: max(room_in(event.request), 0)]
    RequestFile.objects.bulk_create(RequestFile(event=event, added_at=at, **each) for each in kept)
    return len(kept)


def room_in(request: Request) -> int:
    """How many more files the request may have."""
    return FILES_PER_REQUEST - RequestFile.objects.filter(event__request=request).count()


def _refuse_over_quota(request: Request, number: int) -> None:
    room = room_in(request)
    if number > room:
        raise RefusedFile(f"每张协作单最多 {FILES_PER_REQUEST} 个文件，还可以添加 {max(room, 0)} 个。")


def _keep(event: RequestEvent, upload: File, info: FileInfo, at: datetime) -> RequestFile:
    stored: dict[str, Any] = vars(store.keep(upload, info, at=at))
    return RequestFile.objects.create(
        event=event,
        kind=info.kind,
        name=info.name,
        content_type=info.content_type,
        size=info.size,
        added_at=at,
        **stored,
    )
