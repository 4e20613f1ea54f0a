"""Staff sign in with their user name or their phone number."""

from django.contrib.auth.backends import ModelBackend

from accounts.models import User
from core.phones import normalise


def username_for(login: str) -> str:
    """The user name behind what was typed: a known phone number is replaced, all else kept."""
    login = login.strip()
    phone = normalise(login)
    match = User.objects.filter(phone=phone).values_list("username", flat=True).first() if phone else None
    return match or login


class NameOrPhoneBackend(ModelBackend):
    """Django's backend, which also takes a phone number where a user name is asked for."""

    def authenticate(self, request, username=None, password=None, **kwargs):
        """The user, or None; a phone number is first turned into the user name it belongs to."""
        name = username_for(username or "")
        return super().authenticate(request, username=name or None, password=password, **kwargs)
