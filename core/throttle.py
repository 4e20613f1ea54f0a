"""Counting in the shared cache: how often one address did something lately."""

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """The visitor's address: the peer, or what the last trusted proxy saw (T28)."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    trusted = settings.TRUSTED_PROXIES
    if trusted and len(hops) >= trusted:
        return hops[-trusted]
    return request.META.get("REMOTE_ADDR", "")


def too_many(request: HttpRequest, what: str, *, limit: int, seconds: int) -> bool:
    """Count one more of `what` from this address; True once there were more than `limit` in the window."""
    key = f"throttle:{what}:{client_ip(request)}"
    cache.add(key, 0, timeout=seconds)
    try:
        return cache.incr(key) > limit
    except ValueError:
        # The window ended between the two calls: this is the first of the next one.
        cache.set(key, 1, timeout=seconds)
        return False
