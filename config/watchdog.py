"""Kills a job cluster that has work and does none of it (F1).

When the kernel kills the q2 worker that waits first, it dies holding the lock
of the cluster's internal queue: the whole cluster then stands still for good,
its sentinel alive and its status "running". Nothing inside the cluster sees
that, so the supervisor looks from outside, through the database.
"""

import os
import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import LiteralString

import psutil
import psycopg

from config import settings
from config.processes import Child, say

# Work that does not move for this long, while no worker is busy, stands still (F1).
STALLED = 15
# A cluster that has just been started is given this much more.
STARTING = 20
# A message waits for its wake-up job, and when that was lost (F5) for the
# sweeper, which runs each minute and up to 30 seconds late.
OUTBOX_STALLED = 150
WINDOW = 50

_JOBS = """select id, lock from django_q_ormq where key = %s and (lock < now() or %s) order by id limit %s"""
_OUTBOX = """
    select id, next_try_at from notices_message where state = 'new' and next_try_at < now()
    order by next_try_at, id limit %s
"""
# What a dead cluster had taken would wait for q2's `retry`: four minutes, or ninety for long jobs.
# Its successor gets it back at once; jobs bear being run twice.
_RELEASE = "update django_q_ormq set lock = now() where key = %s and lock > now()"


def queues() -> list[str]:
    """The names of all job queues; the first is the default one."""
    return [settings.Q_CLUSTER["name"], *settings.Q_CLUSTER["ALT_CLUSTERS"]]


@dataclass
class Progress:
    """Tells work that stands still from work that moves.

    Work moves when a row seen before is gone or changed; new rows prove nothing.
    """

    limit: float
    seen: Mapping[int, Hashable] = field(default_factory=dict)
    since: float | None = None

    def stands_still(self, rows: Mapping[int, Hashable], at: float) -> bool:
        """Whether the rows waiting now have not moved for `limit` seconds; `at` in seconds."""
        moved = any(rows.get(key) != value for key, value in self.seen.items())
        if self.since is None or moved or not self.seen:
            self.since = max(at, self.since or at)
        self.seen = dict(rows)
        return bool(rows) and at - self.since >= self.limit

    def forgive(self, until: float) -> None:
        """Begin anew at the given time: the cluster has just been started, or was found busy."""
        self.seen = {}
        self.since = until


@dataclass
class _Cluster:
    idle: Progress
    busy: Progress
    outbox: Progress | None
    started: float = 0


class Watchdog:
    """Looks at every queue in the database and kills the group of the one that stands still."""

    def __init__(self, *, stalled: float = STALLED, starting: float = STARTING) -> None:
        self._starting = starting
        # With workers on several machines a taken job may be running on another one.
        self._shared = settings.env.bool("SHARED_QUEUE", default=False)
        self._connection: psycopg.Connection | None = None
        self._clusters = {}
        for queue in queues():
            conf = settings.Q_CLUSTER | settings.Q_CLUSTER["ALT_CLUSTERS"].get(queue, {})
            self._clusters[queue] = _Cluster(
                idle=Progress(stalled),
                # q2 ends a job at its timeout by itself; a cluster that no longer can is stuck too.
                busy=Progress(conf["timeout"] + 30),
                outbox=Progress(OUTBOX_STALLED) if queue == settings.Q_CLUSTER["name"] else None,
            )

    def look(self, children: list[Child]) -> None:
        """One look; a database that does not answer proves nothing against the workers."""
        for child in children:
            cluster = self._clusters.get(child.name)
            if cluster is None or child.process is None:
                continue
            try:
                reason = self._stalled(cluster, child)
                if reason:
                    say(f"{child.name}: {reason}; its processes are killed and started again")
                    child.kill()
            except psycopg.OperationalError as error:
                say(f"watchdog: no answer from the database ({str(error).strip().splitlines()[0]})")
                self.close()
                return

    def close(self) -> None:
        """End the connection to the database."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def _stalled(self, cluster: _Cluster, child: Child) -> str:
        at = time.monotonic()
        if child.started != cluster.started:
            self._release(child.name)
            cluster.started = child.started
            for progress in filter(None, [cluster.idle, cluster.busy, cluster.outbox]):
                progress.forgive(at + self._starting)
        jobs = self._rows(_JOBS, child.name, not self._shared, WINDOW)
        if cluster.busy.stands_still(jobs, at):
            return "its job neither ends nor times out"
        if cluster.idle.stands_still(jobs, at):
            if not is_busy(child):
                return f"{len(jobs)} or more jobs do not move"
            cluster.idle.forgive(at)
        if cluster.outbox and cluster.outbox.stands_still(self._rows(_OUTBOX, WINDOW), at):
            return "messages are due and nobody sends them"
        return ""

    def _rows(self, query: LiteralString, *values) -> dict[int, Hashable]:
        return dict(self._execute(query, *values).fetchall())

    def _release(self, queue: str) -> None:
        if not self._shared:
            self._execute(_RELEASE, queue)

    def _execute(self, query: LiteralString, *values) -> psycopg.Cursor:
        if self._connection is None:
            self._connection = connect()
        return self._connection.execute(query, values)


def is_busy(child: Child) -> bool:
    """Whether a worker of this cluster runs a job now, as q2 writes into its process' title."""
    assert child.process
    group = child.process.pid
    for process in psutil.process_iter(["pid", "cmdline"]):
        title = " ".join(process.info["cmdline"] or [])
        if title.startswith("qcluster ") and " processing " in title and _group(process.pid) == group:
            return True
    return False


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def connect() -> psycopg.Connection:
    """A connection of our own that never waits long: the supervisor has other things to do."""
    database = settings.DATABASES["default"]
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    options = {theirs: database[ours] for ours, theirs in names.items() if database.get(ours)}
    options |= {key: value for key, value in database.get("OPTIONS", {}).items() if key != "pool"}
    # Ours go before those of the site's connections.
    options |= {
        "connect_timeout": 3,
        "options": "-c statement_timeout=3000",
        "application_name": "fangxiu-watchdog",
        "prepare_threshold": None,
    }
    return psycopg.connect(**options, autocommit=True)
