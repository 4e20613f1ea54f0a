import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def open_folder(tmp_path):
    """A temporary folder other users get through to: root hands its database servers to one."""
    for folder in [tmp_path, *tmp_path.parents]:
        if folder == Path(tempfile.gettempdir()):
            return tmp_path
        folder.chmod(folder.stat().st_mode | 0o011)
    return tmp_path
