"""Roles as they ship, two estates, and people made by the services."""

import pytest

from accounts import presets, services
from estates.models import Area, Estate
from tests.snapshots import loaded

PASSWORD = "rain-in-the-attic-7"


@pytest.fixture
def roles(db):
    """The shipped roles."""
    loaded(presets.load)


@pytest.fixture
def estates(db):
    """Two estates: ours and somebody else's."""
    area = Area.objects.create(code="east", name="东区")
    return [
        Estate.objects.create(code="OURS", name="云杉里", area=area),
        Estate.objects.create(code="THEIRS", name="望江苑", area=area),
    ]


@pytest.fixture
def staff(roles, estates):
    """A maker of staff who work for our estate unless told otherwise."""

    def make(username, *codes, **fields):
        fields.setdefault("estates", [] if fields.get("all_estates") else estates[:1])
        fields.setdefault("full_name", username)
        return services.create_staff(username=username, password=PASSWORD, roles=codes, **fields)

    return make


@pytest.fixture
def sign_in(client):
    """Post the login form: sign_in(name, password) -> response."""

    def post(login, password=PASSWORD, **extra):
        return client.post("/login/", {"login": login, "password": password, **extra})

    return post
