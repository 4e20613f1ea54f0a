"""Staff sign in with their user name or their phone number."""

from django.contrib.auth.backends import ModelBackend

from accounts.models import User
from core.phones import normalise


class NameOrPhoneBackend(ModelBackend):
    """Django's backend, which also takes a phone number where a user name is asked for."""

    def authenticate(self, request, username=None, password=None, **kwargs):
        """The user, or None; a phone number is first turned into the user name it belongs to."""
        phone = normalise(username or "")
        if phone:
            match = User.objects.filter(phone=phone).values_list("username", flat=True).first()
            username = match or username
        return super().authenticate(request, username=username, password=password, **kwargs)
