import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from urllib.parse import quote

import psutil
import pytest
from django.db import connection
from django_q.models import OrmQ, Success
from django_q.tasks import async_task

from config import watchdog
from config.processes import ROOT, Child, Guard, worker
from config.supervisor import Supervisor
from config.watchdog import Progress

LIMIT = 90


class TestProgress:
    def test_rows_that_do_not_change_stand_still_after_the_limit(self):
        progress = Progress(15)

        verdicts = [progress.stands_still({1: "a", 2: "b"}, at) for at in (0, 14, 15)]

        assert verdicts == [False, False, True]

    def test_new_rows_prove_no_progress(self):
        progress = Progress(15)

        verdicts = [progress.stands_still(dict.fromkeys(range(at + 1)), at) for at in (0, 5, 10, 15)]

        assert verdicts == [False, False, False, True]

    def test_a_finished_row_is_progress(self):
        progress = Progress(15)
        progress.stands_still({1: "a", 2: "b"}, 0)

        verdicts = [progress.stands_still({2: "b"}, at) for at in (14, 28, 29)]

        assert verdicts == [False, False, True]

    def test_a_row_taken_by_a_worker_is_progress(self):
        progress = Progress(15)
        progress.stands_still({1: "a"}, 0)

        verdicts = [progress.stands_still({1: "taken"}, at) for at in (14, 28, 29)]

        assert verdicts == [False, False, True]

    def test_no_rows_never_stand_still(self):
        progress = Progress(15)

        assert [progress.stands_still({}, at) for at in (0, 100)] == [False, False]
        assert progress.stands_still({1: "a"}, 101) is False

    def test_a_cluster_that_starts_has_time_to_do_so(self):
        progress = Progress(15)
        progress.stands_still({1: "a"}, 0)
        progress.forgive(30)

        verdicts = [progress.stands_still({1: "a"}, at) for at in (15, 44, 45)]

        assert verdicts == [False, False, True]


@pytest.fixture
def guard(monkeypatch, transactional_db):
    """A guard, with the environment of the children pointing at the test database."""
    database = connection.settings_dict
    host = quote(database["OPTIONS"].get("host") or database["HOST"], safe="/")
    port = f"&port={database['PORT']}" if database["PORT"] else ""
    login = f"{quote(database['USER'])}:{quote(database['PASSWORD'])}"
    monkeypatch.setenv("DATABASE_URL", f"postgresql://{login}@/{database['NAME']}?host={host}{port}")
    guard = Guard()
    yield guard
    guard.dismiss()


@pytest.fixture
def cluster(guard):
    """A supervised default cluster whose two workers wait for jobs, under an impatient watchdog."""
    child = worker(watchdog.queues()[0], grace=5)
    eye = watchdog.Watchdog(stalled=4, starting=12)
    supervisor = Supervisor([child], guard, watch=eye.look)
    try:
        _wait(supervisor, lambda: len(_idle_workers(child)) == 2)
        yield supervisor
    finally:
        supervisor.stop()
        eye.close()


@pytest.mark.slow
@pytest.mark.row("OR-07")
def test_queued_jobs_are_done_although_the_waiting_worker_was_killed(cluster, capfd):
    # Only one of them waits first and holds the queue's lock; which one is up to the kernel.
    for pid in _idle_workers(cluster.children[0]):
        os.kill(pid, signal.SIGKILL)
    for number in range(20):
        async_task("math.factorial", number)

    _wait(cluster, lambda: Success.objects.count() == 20)

    assert (Success.objects.count(), OrmQ.objects.count()) == (20, 0)
    # Without the watchdog they would wait for ever: it had to act.
    assert [line for line in capfd.readouterr().out.splitlines() if "jobs do not move" in line] != []


@pytest.mark.slow
def test_a_job_taken_by_a_killed_cluster_is_done_by_its_successor(cluster):
    async_task("time.sleep", 3)
    _wait(cluster, lambda: watchdog.is_busy(cluster.children[0]))
    cluster.children[0].kill()

    _wait(cluster, lambda: Success.objects.count() == 1)

    assert OrmQ.objects.count() == 0


@pytest.mark.slow
def test_a_killed_cluster_parent_takes_its_children_along(cluster):
    child = cluster.children[0]
    before = _group(child)

    os.kill(child.process.pid, signal.SIGKILL)
    _wait(cluster, lambda: child.process is not None and child.process.pid not in before)

    assert [pid for pid in before if _alive(pid)] == []


@pytest.mark.slow
def test_a_killed_supervisor_leaves_no_process_behind(guard):
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "config.supervisor", "workers"], cwd=ROOT, start_new_session=True
    )
    try:
        # Each of the two clusters: parent, sentinel, workers, monitor, pusher; and the guard.
        _until(lambda: len(psutil.Process(supervisor.pid).children(recursive=True)) >= 12)
        family = [process.pid for process in psutil.Process(supervisor.pid).children(recursive=True)]
    finally:
        supervisor.kill()
        supervisor.wait()

    _until(lambda: not any(map(_alive, family)))
    assert [pid for pid in family if _alive(pid)] == []


@pytest.mark.slow
def test_a_terminated_supervisor_lets_its_children_finish(guard):
    supervisor = subprocess.Popen([sys.executable, "-m", "config.supervisor", "workers"], cwd=ROOT)
    _until(lambda: len(psutil.Process(supervisor.pid).children(recursive=True)) >= 12)
    family = [process.pid for process in psutil.Process(supervisor.pid).children(recursive=True)]

    supervisor.terminate()

    assert supervisor.wait(60) == 0
    assert [pid for pid in family if _alive(pid)] == []


def _idle_workers(child: Child) -> list[int]:
    return [pid for pid in _group(child) if _title(pid).endswith(" idle")]


def _group(child: Child) -> list[int]:
    if child.process is None:
        return []
    return [pid for pid in psutil.pids() if _alive(pid) and os.getpgid(pid) == child.process.pid]


def _title(pid: int) -> str:
    try:
        return " ".join(psutil.Process(pid).cmdline())
    except psutil.NoSuchProcess:
        return ""


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _wait(supervisor: Supervisor, happened: Callable[[], bool]) -> None:
    """Supervise until it happened; fail after LIMIT seconds."""
    deadline = time.monotonic() + LIMIT
    came: list[bool] = []

    def over() -> bool:
        came.append(happened())
        return came[-1] or time.monotonic() > deadline

    supervisor.run(until=over)
    # Not asked again: a worker that waits may look up from its waiting in between.
    assert came[-1]


def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.2)
