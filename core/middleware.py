"""The one line that the log has of every request."""

import structlog
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

from core.throttle import client_ip


class RequestLog(RequestMiddleware):
    """django-structlog's line, with the visitor's address as the throttle knows it (T28)."""

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """Note the address that a trusted proxy vouches for; any visitor may send a header."""
        structlog.contextvars.bind_contextvars(ip=client_ip(request))
