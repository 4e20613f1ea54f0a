"""Backup and restore: `python -m config.backup save [FOLDER]`, `... load FOLDER`.

A backup is a folder with `database.dump` (pg_dump's custom format), `files.tar`
(the evidence) and `manifest.json` with the SHA-256 of both. The database comes
first: a file without its row is swept away later, a row without its file never
occurs.
"""

import hashlib
import json
import os
import subprocess
import sys
import tarfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from config import embedded

USAGE = "usage: python -m config.backup save [FOLDER] | load FOLDER"


def save(target: Path, url: str, files: Path) -> Path:
    """Write a backup of the database at `url` and the folder `files` into the new folder `target`."""
    target.mkdir(parents=True, mode=0o700)
    dump, archive = target / "database.dump", target / "files.tar"
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}", f"--dbname={url}")
    with tarfile.open(archive, "w") as tar:
        if files.exists():
            tar.add(files, arcname="files")
    manifest = {
        "made_at": datetime.now(UTC).isoformat(),
        "sha256": {p.name: _digest(p) for p in (dump, archive)},
    }
    (target / "manifest.json").write_text(json.dumps(manifest, indent=2))
    return target


def load(source: Path, url: str, files: Path) -> None:
    """Replace the database at `url` by the backup and add its files to `files`.

    Refused with SystemExit before anything is touched when a part is missing or damaged.
    """
    manifest = json.loads((source / "manifest.json").read_text())
    for name, digest in manifest["sha256"].items():
        if _digest(source / name) != digest:
            sys.exit(f"{source / name} is damaged: nothing was restored")
    _run(
        "pg_restore", "--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction",
        f"--dbname={url}", str(source / "database.dump"),
    )  # fmt: skip
    files.parent.mkdir(parents=True, exist_ok=True)
    # Debian 12's Python 3.11.2 does not know the filter yet; the sums have proved the archive ours.
    options: dict = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    with tarfile.open(source / "files.tar") as tar:
        tar.extractall(files.parent, **options)


def _run(program: str, *arguments: str) -> None:
    # The wheel's programs are newer than any server in use; pg_dump must never be older.
    done = subprocess.run([str(embedded.programs() / program), *arguments], check=False)
    if done.returncode:
        sys.exit(f"{program} failed; its messages stand above")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> None:
    """The command line, on DATABASE_URL or else the embedded server."""
    match sys.argv[1:]:
        case ["save", *folder] if len(folder) < 2:
            action = "save"
        case ["load", *folder] if len(folder) == 1:
            action = "load"
        case _:
            sys.exit(USAGE)
    data = Path(os.environ.get("FANGXIU_DATA_DIR", embedded.CHECKOUT / ".data"))
    with ExitStack() as stack:
        url = os.environ.get("DATABASE_URL") or stack.enter_context(embedded.in_use(embedded.DATA))
        if action == "save":
            name = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
            print(save(Path(folder[0]) if folder else data / "backups" / name, url, data / "files"))
        else:
            load(Path(folder[0]), url, data / "files")
            print("restored")


if __name__ == "__main__":
    main()
