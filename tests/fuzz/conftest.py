"""The fuzz asks the pages of the permission matrix: every form that somebody may fill in is there."""

import logging
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from django.db import connection, transaction

from tests.fuzz import drawn, served
from tests.fuzz.asker import Asker
from tests.matrix import scene as scenes


@pytest.fixture(scope="package")
def scene(django_db_setup, django_db_blocker) -> Iterator[scenes.Scene]:
    """Everybody and everything of the matrix, once for all that is asked here; every test takes it."""
    logging.disable()
    with django_db_blocker.unblock(), transaction.atomic():
        built = scenes.build()
        # Every test would check these rows once more.
        connection.check_constraints()
        yield built
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


@pytest.fixture
def undone(scene: scenes.Scene, django_db_blocker) -> Iterator[None]:
    """A test within the transaction of the scene leaves nothing behind, for less than the mark django_db."""
    with django_db_blocker.unblock(), drawn.taken_back():
        yield


@pytest.fixture(scope="package")
def before(scene: scenes.Scene, django_db_blocker) -> served.Kept:
    """The files that the scene holds: whatever else there is came by a test."""
    with django_db_blocker.unblock():
        return served.kept()


@pytest.fixture(scope="package")
def ask(scene: scenes.Scene) -> Callable[[str], Asker]:
    """The Asker of an address; what its form asks for is looked up once."""
    return partial(Asker, scene, {})
