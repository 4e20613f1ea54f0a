"""Where files lie on one machine; several machines name an S3 storage class instead."""

import os
from pathlib import Path

from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class DurableStorage(FileSystemStorage):
    """A folder whose files are on the disk, not only in memory, before a row names them (T19)."""

    def _save(self, name, content):
        name = super()._save(name, content)
        path = Path(self.path(name))
        _sync(path)
        _sync(path.parent)
        return name


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Static files under the hash of their content; each address is worked out once.

    The manifest is read when the server starts and does not change under it.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._addresses: dict[str, str] = {}

    def url(self, name, force=False):
        if force:
            return super().url(name, force)
        if name not in self._addresses:
            self._addresses[name] = super().url(name)
        return self._addresses[name]


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
