"""Makes the virtual environment and installs a lock file into it: `python bootstrap.py base|dev`.

Runs on a bare Python before anything is installed, so it uses the standard
library alone. Nothing is done while the lock file is the one installed last.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
SUPPORTED = ((3, 11), (3, 13))
NO_VENV = (
    "this Python can make no virtual environment with pip. Debian and Ubuntu keep that part in a package "
    "of its own: apt-get install python3-venv"
)


def main(name: str) -> None:
    """Install requirements/<name>.lock, the lock of the tests including that of the product."""
    low, high = SUPPORTED
    if not low <= sys.version_info[:2] <= high:
        sys.exit(f"Python {low[0]}.{low[1]} to {high[0]}.{high[1]} is needed, as in `make PYTHON=python3.12`")
    if PYTHON.exists() and any(_is_installed(lock) for lock in {name, "dev"}):
        return
    _make_venv()
    print(f"Installing {name}.lock (once, a minute or so) ...", flush=True)
    lock = ROOT / "requirements" / f"{name}.lock"
    install = ["install", "--quiet", "--no-input", "--require-hashes", "--requirement", str(lock)]
    if subprocess.run([*_pip(), *install], check=False).returncode:
        sys.exit("the packages could not be installed; pip's messages stand above")
    for other in VENV.glob(".installed-*"):
        other.unlink()
    _stamp(name).write_text(_fingerprint(name))


def _is_installed(name: str) -> bool:
    return _stamp(name).exists() and _stamp(name).read_text() == _fingerprint(name)


def _make_venv() -> None:
    made_by = VENV / ".made-by"
    if PYTHON.exists() and (not made_by.exists() or made_by.read_text() == _interpreter()):
        return
    if VENV.exists():
        shutil.rmtree(VENV)
    print(f"Making .venv with Python {sys.version.split()[0]} ...", flush=True)
    without_pip = [] if _has("ensurepip") else ["--without-pip"]
    if without_pip and not _has("pip"):
        sys.exit(NO_VENV)
    if subprocess.run([sys.executable, "-m", "venv", *without_pip, str(VENV)], check=False).returncode:
        sys.exit(NO_VENV)
    made_by.write_text(_interpreter())


def _pip() -> list[str]:
    quiet = ["--disable-pip-version-check"]
    if (VENV / "bin" / "pip").exists():
        return [str(PYTHON), "-m", "pip", *quiet]
    return [sys.executable, "-m", "pip", *quiet, "--python", str(PYTHON)]


def _has(module: str) -> bool:
    # Debian leaves an ensurepip behind that only says which package is missing.
    probe = [sys.executable, "-c", f"import {module}"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def _interpreter() -> str:
    return f"{sys.version_info[0]}.{sys.version_info[1]} {sys.base_prefix}"


def _fingerprint(name: str) -> str:
    digest = hashlib.sha256((ROOT / "requirements" / f"{name}.lock").read_bytes()).hexdigest()
    return f"{digest} {_interpreter()}"


def _stamp(name: str) -> Path:
    return VENV / f".installed-{name}"


if __name__ == "__main__":
    main(sys.argv[1])
