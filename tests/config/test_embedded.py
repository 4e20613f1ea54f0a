import os
import shutil
import signal
from pathlib import Path

import psutil
import psycopg
import pytest

from config import embedded


@pytest.fixture
def data(open_folder):
    folder = open_folder / "数据 1" / "pg"
    yield folder
    embedded.stop(folder)


@pytest.mark.row("OR-08")
def test_a_server_is_made_started_and_stopped(data):
    with psycopg.connect(embedded.start(data)) as connection:
        encoding = connection.execute("show server_encoding").fetchone()

    assert encoding == ("UTF8",)
    assert embedded.stop(data) is True
    assert embedded.stop(data) is False


@pytest.mark.parametrize(
    ("gigabytes", "buffers"), [(0.5, "128MB"), (2, "256MB"), (4, "512MB"), (64, "512MB")]
)
def test_a_server_takes_an_eighth_of_the_memory_within_bounds(gigabytes, buffers):
    assert embedded.durable(int(gigabytes * 2**30)) == {"shared_buffers": buffers}


def test_a_server_that_is_kept_has_these_settings(data):
    wanted = embedded.durable(psutil.virtual_memory().total)

    with psycopg.connect(embedded.start(data)) as connection:
        assert connection.execute("show shared_buffers").fetchone() == (wanted["shared_buffers"],)


def test_a_running_server_is_joined(data):
    embedded.start(data)
    before = _postmaster(data)

    url = embedded.start(data, database="second")

    assert _postmaster(data) == before
    with psycopg.connect(url) as connection:
        assert connection.execute("select current_database()").fetchone() == ("second",)


def test_a_killed_server_starts_again_although_its_lock_files_name_a_living_process(data):
    embedded.start(data)
    os.kill(_postmaster(data), signal.SIGKILL)
    place = embedded.location(data)
    stale = place / "postmaster.pid"
    stale.write_text("\n".join([str(os.getpid()), *stale.read_text().splitlines()[1:]]))

    with psycopg.connect(embedded.start(data)) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_deep_folder_gets_a_short_socket(data):
    deep = data.parent / ("x" * 100) / "pg"

    with psycopg.connect(embedded.start(deep)) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert embedded.stop(deep) is True


def test_the_last_user_stops_the_server(data):
    with embedded.in_use(data):
        with embedded.in_use(data) as url:
            pass
        with psycopg.connect(url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)

    assert embedded.stop(data) is False


def test_the_place_is_known_before_its_folder_is_made(data):
    assert (data.parent.exists(), embedded.location(data)) == (False, data)


def test_no_folder_above_the_data_is_opened_for_others(data):
    above = [folder for folder in data.parents if folder.exists()]
    before = {folder: folder.stat().st_mode for folder in above}

    embedded.start(data)

    assert {folder: folder.stat().st_mode for folder in above} == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to move the data")
def test_root_moves_the_data_out_of_a_closed_folder(data):
    data.parent.mkdir()
    data.parent.chmod(0o700)

    try:
        with psycopg.connect(embedded.start(data)) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        place = embedded.location(data)
        assert place.parent.name.startswith("fangxiu-")
        assert place.owner() == embedded.SERVICE_USER
        assert data.parent.stat().st_mode & 0o777 == 0o700
    finally:
        embedded.stop(data)
        shutil.rmtree(embedded.location(data).parent)


def _postmaster(data: Path) -> int:
    return int((embedded.location(data) / "postmaster.pid").read_text().split()[0])
