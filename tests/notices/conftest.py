import pytest
from django.core.cache import cache

from accounts.models import User
from notices import presets, wording
from tests.notices import senders
from tests.snapshots import loaded


@pytest.fixture(autouse=True)
def fresh(settings):
    """Nothing kept from another test, and an SMS sender that keeps what it sends."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    settings.SMS_SENDER = "tests.notices.senders.KeepingSms"
    senders.KeepingSms.sent = []
    wording.forget()


@pytest.fixture
def templates(db):
    loaded(presets.load)


@pytest.fixture
def worker(db):
    return User.objects.create_user("worker", full_name="李师傅")


@pytest.fixture
def colleague(db):
    return User.objects.create_user("colleague", full_name="赵师傅")
