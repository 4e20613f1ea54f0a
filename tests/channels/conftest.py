"""What tests of the doors share."""

import pytest
from django.conf import settings as conf
from django.core.cache import cache

from tests.house import House
from tickets import links


@pytest.fixture
def house():
    """A house with everybody in it."""
    cache.clear()
    return House.build()


@pytest.fixture
def signed_in(client):
    """A function that lets the client's session act for a phone, as after the code of an SMS."""

    def sign_in(phone: str = "13800138000"):
        session = client.session
        session[links.PHONE_KEY] = phone
        session["form_key_scope"] = f"phone:{phone}"
        session.save()
        client.cookies[conf.SESSION_COOKIE_NAME] = session.session_key
        return client

    return sign_in
