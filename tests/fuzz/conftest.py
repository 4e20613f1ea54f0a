"""The fuzz asks the pages of the permission matrix: every form that somebody may fill in is there."""

import logging
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from django.db import transaction

from tests.fuzz.asker import Asker
from tests.matrix import scene as scenes


@pytest.fixture(scope="package")
def scene(django_db_setup, django_db_blocker) -> Iterator[scenes.Scene]:
    """Everybody and everything of the matrix, once for all that is asked here; every test takes it."""
    logging.disable()
    with django_db_blocker.unblock(), transaction.atomic():
        yield scenes.build()
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="package")
def ask(scene: scenes.Scene) -> Callable[[str], Asker]:
    """The Asker of an address; what its form asks for is looked up once."""
    return partial(Asker, scene, {})
