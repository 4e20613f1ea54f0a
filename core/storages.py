"""Where files lie on one machine; several machines name an S3 storage class instead."""

import os
from pathlib import Path

from django.core.files.storage import FileSystemStorage


class DurableStorage(FileSystemStorage):
    """A folder whose files are on the disk, not only in memory, before a row names them (T19)."""

    def _save(self, name, content):
        name = super()._save(name, content)
        path = Path(self.path(name))
        _sync(path)
        _sync(path.parent)
        return name


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
