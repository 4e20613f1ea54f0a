import http.client
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing

import psutil
import psycopg
import pytest
from psycopg import sql

from config.processes import ROOT
from tests.migrated import name_beside

pytestmark = pytest.mark.row("OR-08")


@pytest.fixture
def environment(tmp_path, django_db_setup) -> Iterator[dict[str, str]]:
    """The environment of a first start with a database of its own: migrated, which takes long, but empty."""
    address = os.environ["DATABASE_URL"]
    name = sql.Identifier(f"run_{os.getpid()}")
    path, _, query = address.partition("?")
    copied = sql.Identifier(name_beside(path.rsplit("/", 1)[1]))
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} template {}").format(name, copied))
    own = {
        "DATABASE_URL": f"{path.rsplit('/', 1)[0]}/run_{os.getpid()}?{query}",
        "FANGXIU_MODE": "local",
        "FANGXIU_DATA_DIR": str(tmp_path / "data"),
        "FANGXIU_DEMO": "0",
        "PORT": str(_free_port()),
    }
    yield {key: value for key, value in os.environ.items() if key != "SITE_URL"} | own
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(name))


@pytest.mark.slow
def test_one_command_serves_people_and_does_jobs_and_ctrl_c_leaves_nothing(environment):
    run = _start(environment)
    assert run.stdout
    with run.stdout as said:
        output = "".join(itertools.takewhile(lambda line: "Ctrl-C stops everything" not in line, said))
        assert "is ready after" in output, output
        family = [process.pid for process in psutil.Process(run.pid).children(recursive=True)]
        ready = _status(environment, "/healthz/ready")
        worker = _wait_for(environment, "/healthz/worker", 200)

        run.send_signal(signal.SIGINT)

        assert run.wait(60) == 0, output
    assert (ready, worker) == (200, 200)
    assert [pid for pid in family if psutil.pid_exists(pid)] == []


def test_a_taken_port_is_named_before_anything_is_started(environment):
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(environment["PORT"])))
        other.listen()

        run = _start(environment)
        output, _ = run.communicate(timeout=60)

    port = environment["PORT"]
    assert run.returncode == 1
    assert output == (
        f"make run: port {port} of 127.0.0.1 cannot be used (Address already in use); "
        "stop the other program or choose another port: `make run PORT=8001`\n"
    )


def test_a_port_that_is_no_number_is_refused(environment):
    run = _start(environment | {"PORT": "http"})
    output, _ = run.communicate(timeout=60)

    assert (run.returncode, output) == (
        1,
        "make run: PORT must be a number from 1 to 65535, not 'http'\n",
    )


def _start(environment) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "config.run"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _status(environment, path: str) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", int(environment["PORT"]), timeout=10)) as connection:
        connection.request("GET", path)
        return connection.getresponse().status


def _wait_for(environment, path: str, status: int) -> int:
    deadline = time.monotonic() + 60
    while (found := _status(environment, path)) != status and time.monotonic() < deadline:
        time.sleep(0.3)
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
