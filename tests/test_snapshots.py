"""What is built once is put back as it was, and nobody goes on watching."""

import pytest
from django.db import connection

from tests import snapshots
from tests.house import House

pytestmark = pytest.mark.django_db


def test_only_the_trail_watches_on_after_one_thing_was_built_within_another(monkeypatch):
    monkeypatch.setattr(snapshots, "_kept", {})

    snapshots.built_once("another thing", lambda: House.build("manager"))

    assert connection.execute_wrappers == [snapshots._trail]
