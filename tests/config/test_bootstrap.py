import shutil
import subprocess
import sys

import pytest

from config.processes import ROOT

pytestmark = pytest.mark.row("OR-08")


@pytest.fixture
def checkout(tmp_path):
    """A checkout whose locks ask for nothing, so that no index is needed."""
    (tmp_path / "config").mkdir()
    shutil.copy(ROOT / "config" / "bootstrap.py", tmp_path / "config")
    (tmp_path / "requirements").mkdir()
    for name in ("base", "dev"):
        (tmp_path / "requirements" / f"{name}.lock").write_text("# nothing\n")
    return tmp_path


@pytest.mark.slow
def test_an_environment_is_made_once_and_installed_again_when_its_lock_changes(checkout):
    """And that of the tests, over it, serves the product as well."""
    first = _bootstrap(checkout, "base")
    second = _bootstrap(checkout, "base")
    (checkout / "requirements" / "base.lock").write_text("# nothing else\n")
    third = _bootstrap(checkout, "base")
    tests = _bootstrap(checkout, "dev")
    both = _bootstrap(checkout, "base")

    version = sys.version.split()[0]
    installing = "Installing base.lock (once, a minute or so) ..."
    assert first == [f"Making .venv with Python {version} ...", installing]
    assert second == []
    assert third == [installing]
    assert (tests, both) == (["Installing dev.lock (once, a minute or so) ..."], [])


def _bootstrap(checkout, name) -> list[str]:
    done = subprocess.run(
        # As `make` does it, with the interpreter behind the tests' own environment.
        [getattr(sys, "_base_executable", sys.executable), "-I", "config/bootstrap.py", name],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()
