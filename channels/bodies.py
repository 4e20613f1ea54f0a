"""What machines post, read no further than they may send."""

from django.http import HttpRequest


def body_within(request: HttpRequest, limit: int) -> bytes | None:
    """What was sent, or None when it is more than `limit` bytes; a length that lies is not believed."""
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if not declared.isdecimal() or int(declared) > limit:
        return None
    body = request.read(limit + 1)
    return None if len(body) > limit else body
