"""What stands around every request: its line in the log, the policy of its answer, words for a refusal."""

from collections.abc import Callable
from uuid import uuid4

from csp.utils import build_policy
from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware
from structlog.contextvars import bind_contextvars

from core import errors
from core.throttle import client_ip


class RequestLog(RequestMiddleware):
    """django-structlog's, which writes one line for a request: at its end, when there is something to say."""

    def prepare(self, request: HttpRequest) -> None:
        """Note what every line within the request bears; the address as the throttle knows it (T28)."""
        bind_contextvars(request_id=str(uuid4()), ip=client_ip(request))
        self.bind_user_id(request)


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
