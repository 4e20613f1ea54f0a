"""Keeps requirements/*.lock true to requirements/*.in: `python -m config.locks check|stamp`.

A lock's first line holds a digest of what was asked for when it was made, so
the check needs no network.
"""

import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FOLDER = Path(__file__).resolve().parent.parent / "requirements"
NAMES = ["base", "plan", "dev"]
_PIN = re.compile(r"^(?P<name>[\w.-]+)(?:\[[\w,-]+\])?==(?P<version>\S+)")


def problems(folder: Path = FOLDER) -> Iterator[str]:
    """Yield what is wrong with the lock files, one sentence each."""
    for name in NAMES:
        text = (folder / f"{name}.lock").read_text()
        if text.splitlines()[0] != _stamp(folder, name):
            yield f"{name}.lock was not made from the present {name}.in: run `make lock`"
        if "://" in text:
            yield f"{name}.lock names an address; a lock must install from any index"
        pins = _pins(folder, name)
        yield from _unhashed(name, text)
        for requirement in _asked(folder, name):
            pinned = pins.get(canonicalize_name(requirement.name))
            if pinned is None or not requirement.specifier.contains(pinned, prereleases=True):
                yield f"{name}.lock does not satisfy {requirement}"
    for package, version in _pins(folder, "base").items():
        for name in NAMES[1:]:
            if _pins(folder, name).get(package) != version:
                yield f"{name}.lock and base.lock differ in {package}"


def stamp(folder: Path = FOLDER) -> None:
    """Write the digest line into every lock file."""
    for name in NAMES:
        path = folder / f"{name}.lock"
        lines = [line for line in path.read_text().splitlines(keepends=True) if not line.startswith("#")]
        path.write_text(f"{_stamp(folder, name)}\n{''.join(lines)}")


def _stamp(folder: Path, name: str) -> str:
    inputs = "".join((folder / f"{source}.in").read_text() for source in _sources(name))
    return f"# made by `make lock` from inputs with sha256 {hashlib.sha256(inputs.encode()).hexdigest()}"


def _sources(name: str) -> list[str]:
    return ["base"] if name == "base" else ["base", name]


def _asked(folder: Path, name: str) -> list[Requirement]:
    lines = [line for source in _sources(name) for line in (folder / f"{source}.in").read_text().splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]


def _pins(folder: Path, name: str) -> dict[str, str]:
    found = filter(None, map(_PIN.match, (folder / f"{name}.lock").read_text().splitlines()))
    return {canonicalize_name(match["name"]): match["version"] for match in found}


def _unhashed(name: str, text: str) -> Iterator[str]:
    for block in re.split(r"\n(?=\w)", text):
        if _PIN.match(block) and "--hash=sha256:" not in block:
            yield f"{name}.lock has no hash for {block.splitlines()[0]}"


if __name__ == "__main__":
    if sys.argv[1:] == ["stamp"]:
        stamp()
    elif found := list(problems()):
        sys.exit("\n".join(found))
