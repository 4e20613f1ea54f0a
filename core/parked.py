"""Uploads that wait for a person's word: kept between the preview of an import and its confirmation."""

import contextlib
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage

FOLDER = "parked"
KEPT_FOR = timedelta(days=1)


def park(upload: Any, *, at: datetime) -> str:
    """Keep an upload under a new key, and forget those that nobody confirmed within a day."""
    _forget(before=at - KEPT_FOR)
    key = uuid.uuid4().hex
    upload.seek(0)
    default_storage.save(f"{FOLDER}/{key}", File(upload))
    return key


def fetch(key: str) -> bytes:
    """What was kept under this key. Raises FileNotFoundError when it is gone or never was."""
    with default_storage.open(f"{FOLDER}/{uuid.UUID(key).hex}", "rb") as file:
        return file.read()


def drop(key: str) -> None:
    """Forget what was kept; gone already is no error."""
    with contextlib.suppress(FileNotFoundError):
        default_storage.delete(f"{FOLDER}/{uuid.UUID(key).hex}")


def _forget(*, before: datetime) -> None:
    with contextlib.suppress(FileNotFoundError):
        for name in default_storage.listdir(FOLDER)[1]:
            if default_storage.get_modified_time(f"{FOLDER}/{name}") < before:
                default_storage.delete(f"{FOLDER}/{name}")
