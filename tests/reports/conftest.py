import copy

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage

from accounts import presets as roles
from reports.periods import Month
from tests.factories_estates import EstateFactory
from tests.house import House
from tests.snapshots import loaded

NOVEMBER = Month(2026, 11)


@pytest.fixture
def estates(db):
    loaded(roles.load)
    return [EstateFactory(code="A", name="滨江花园"), EstateFactory(code="B", name="东湖嘉苑")]


@pytest.fixture
def supervisor(estates):
    """Works for the first estate alone."""
    return House.person("supervisor", estates[0])


@pytest.fixture
def director(estates):
    """Group-level staff: sees every estate."""
    user = House.person("director")
    user.all_estates = True
    user.save()
    return user


@pytest.fixture
def store(settings):
    """Puts another class of tests.reports.stores in the place of the file store."""

    def use(name):
        changed = copy.deepcopy(django_settings.STORAGES)
        changed["default"]["BACKEND"] = f"tests.reports.stores.{name}"
        settings.STORAGES = changed

    return use


@pytest.fixture
def kept():
    """The names of the workbooks in the store."""

    def names():
        return set(default_storage.listdir("reports")[1]) if default_storage.exists("reports") else set()

    return names


def content_of(run):
    """The bytes of a run's workbook."""
    with default_storage.open(run.file) as file:
        return file.read()
