"""The scene is built once for a module: nothing a test asks leaves a trace."""

import logging
from collections.abc import Iterator

import pytest
from django.db import transaction

from tests.matrix import scene as scenes


@pytest.fixture(scope="module")
def scene(django_db_setup, django_db_blocker) -> Iterator[scenes.Scene]:
    """Everybody and everything of the matrix."""
    logging.disable()
    with django_db_blocker.unblock(), transaction.atomic():
        yield scenes.build()
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)
