"""The part of a file that a player asks for: without it some phones play nothing."""

import re

from django.http import HttpRequest, HttpResponse

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)


def asked(request: HttpRequest, size: int) -> tuple[int, int] | None:
    """First byte and end of what is asked for, a first byte of `size` when there is no such; None for all."""
    found = _RANGE.fullmatch(request.headers.get("Range", ""))
    # If-Range names a version of the file; we tell none, so the whole is right.
    if found is None or "If-Range" in request.headers:
        return None
    first, last = found.groups()
    if not first:
        return (max(size - int(last), 0), size) if last else None
    if last and int(last) < int(first):
        return None
    return min(int(first), size), min(int(last) + 1, size) if last else size


def answer(request: HttpRequest, content: bytes, *, content_type: str) -> HttpResponse:
    """A small file that lies in memory, or the part of it that is asked for."""
    size = len(content)
    part = asked(request, size)
    start, end = part or (0, size)
    if start >= size:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    headers = {"Accept-Ranges": "bytes"}
    if part:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    body = content[start:end]
    return HttpResponse(body, content_type=content_type, status=206 if part else 200, headers=headers)
