"""The scene is built once and put back for a module: nothing a test asks leaves a trace."""

import logging
from collections.abc import Iterator

import pytest
from django.db import transaction

from tests.matrix import scene as scenes
from tests.snapshots import built_once


@pytest.fixture(scope="module")
def scene(django_db_setup, django_db_blocker) -> Iterator[scenes.Scene]:
    """Everybody and everything of the matrix."""
    logging.disable()
    with django_db_blocker.unblock(), transaction.atomic():
        yield built_once("scene", scenes.build)
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)
