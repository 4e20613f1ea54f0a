"""Who asks: the signed-in user of every request."""

from django.contrib.auth import get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpRequest

from accounts.sessions import at_the_door


class SignedInUser(AuthenticationMiddleware):
    """Django's, with the user of the request as it is instead of a stand-in that reads it when asked.

    Every page asks at once who it is (LoginRequiredMiddleware), and then a thousand times more.
    """

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        with at_the_door(request.session):
            request.user = get_user(request)
