"""Evidence as it is shown: never an original picture, never without asking whose it is (T12, T14)."""

from pathlib import PurePosixPath
from typing import IO, Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from core import ranges
from tickets import links
from tickets.models import Evidence, Ticket

_EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/amr": ".amr",
    "audio/wav": ".wav",
    "application/pdf": ".pdf",
}
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, max-age=3600",
    "Accept-Ranges": "bytes",
}
_PICTURES = {Evidence.Kind.PHOTO, Evidence.Kind.SIGNATURE}


@login_not_required
@require_safe
def evidence(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """What may be shown of a piece of evidence, to staff of the ticket or the owner it belongs to."""
    return show_file(request, _readable_or_404(request, pk))


@login_not_required
@require_safe
def evidence_thumb(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The small picture for lists; 404 for what has none."""
    return show_small(request, _readable_or_404(request, pk))


def _readable_or_404(request: HttpRequest, pk: UUID) -> Evidence:
    mine = Evidence.objects.filter(ticket__in=Ticket.objects.visible_to(request.user)).open_to(request.user)
    readable = Q(pk__in=mine.filter(pk=pk).values("pk")) | links.readable(request)
    return get_object_or_404(Evidence.objects.filter(readable), pk=pk)


def show_file(request: HttpRequest, row: Any) -> HttpResponseBase:
    """What may be shown of a row that keeps a file of `core.store`: of a picture never the original."""
    if row.kind in _PICTURES:
        return _send(request, row, row.preview, "image/jpeg")
    # Recordings have a copy without the place; PDFs and plain sound are served as they came.
    return _send(request, row, row.preview or row.original, row.content_type)


def show_small(request: HttpRequest, row: Any) -> HttpResponseBase:
    """Its small picture; 404 for what has none."""
    return _send(request, row, row.thumbnail, "image/webp")


def _send(request: HttpRequest, row: Any, name: str, content_type: str) -> HttpResponseBase:
    """A stored file under the name it came with, whole or the part that is asked for; 404 without one."""
    if not name or not default_storage.exists(name):
        raise Http404
    response = _accelerated(name) if settings.X_ACCEL_PREFIX else _part(request, name)
    response["Content-Type"] = content_type
    filename = PurePosixPath(row.name).stem + _EXTENSIONS[content_type]
    # Only pictures are made anew: opened by itself, anything else is saved. Players of a page do not mind.
    as_attachment = row.kind not in _PICTURES
    response["Content-Disposition"] = content_disposition_header(as_attachment, filename)
    for header, value in _HEADERS.items():
        response[header] = value
    return response


def _accelerated(name: str) -> HttpResponse:
    """nginx sends the file, ranges included."""
    return HttpResponse(headers={"X-Accel-Redirect": settings.X_ACCEL_PREFIX + quote(name)})


def _part(request: HttpRequest, name: str) -> HttpResponseBase:
    """The whole file, or the bytes a player asks for when somebody moves through a video."""
    size = default_storage.size(name)
    asked = ranges.asked(request, size)
    start, end = asked or (0, size)
    if start >= size:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    response = FileResponse(_Part(default_storage.open(name), start, end), status=206 if asked else 200)
    response["Content-Length"] = end - start
    if asked:
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


class _Part:
    """Some bytes of an open file, as a file of its own; closing it closes the file."""

    def __init__(self, file: IO[bytes], start: int, end: int):
        self._file = file
        self._left = end - start
        file.seek(start)

    def read(self, size: int) -> bytes:
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data

    def close(self) -> None:
        self._file.close()
