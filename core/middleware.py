"""What stands around every request: its line in the log, and the policy its answer carries."""

from collections.abc import Callable

import structlog
from csp.utils import build_policy
from django.contrib.auth import get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware

from core import errors
from core.throttle import client_ip


class RequestLog(RequestMiddleware):
    """django-structlog's line, with the visitor's address as the throttle knows it (T28)."""

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """Note the address that a trusted proxy vouches for; any visitor may send a header."""
        structlog.contextvars.bind_contextvars(ip=client_ip(request))


class SignedInUser(AuthenticationMiddleware):
    """Django's, with the user of the request as it is instead of a stand-in that reads it when asked.

    Every page asks at once who it is (LoginRequiredMiddleware), and then a thousand times more.
    """

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = get_user(request)


class ContentPolicy:
    """The Content-Security-Policy header of settings.py, the same on every page: nothing inline anywhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response, self.policy = get_response, build_policy()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        return response


class SpokenRefusal:
    """A page instead of an empty 405: the address of a form that was opened again, or after signing in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.content and request.accepts("text/html"):
            return errors.not_allowed(request, allow=response.headers.get("Allow", ""))
        return response
