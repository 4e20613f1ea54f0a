"""The only door to django-q2: a job in the queue is a hint that there is work, never the work itself.

What is to be done stands in our own tables; a lost job (F1, F3, F5) costs a
minute, until the sweeper of that table looks again.
"""

from uuid import uuid4

from django.db import transaction
from django.utils.timezone import now
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from core.rows import build, insert


def wake(func_path: str, *ids: int, cluster: str | None = None) -> None:
    """Queue `func_path(*ids)` in the caller's transaction, once per transaction.

    The queue is a table of the same database, so the job exists if and only if
    the transaction commits. `cluster` names a queue other than the default one.
    Raises ValueError for a path outside a `tasks` module and TypeError for an
    argument that is no id: arguments are pickled, so they stay numbers (F6).
    """
    if ".tasks." not in func_path:
        raise ValueError(f"{func_path} is not a function of a tasks module")
    for each in ids:
        if type(each) is not int:
            raise TypeError(f"{func_path} was given {each!r}: ids only")
    if not _first_in_transaction(_WakeUp(func_path, ids, cluster)):
        return
    key = cluster or Conf.CLUSTER_NAME
    insert(build(OrmQ, key=key, payload=_package(func_path, ids, cluster), lock=now()))


def _package(func_path: str, ids: tuple[int, ...], cluster: str | None) -> str:
    """What `async_task` would sign for this call, without the names it would think up."""
    key = uuid4().hex
    task = {
        "id": key,
        "name": key,
        "func": func_path,
        "args": ids,
        "kwargs": {},
        "started": now(),
        "ack_failure": Conf.ACK_FAILURES,
    }
    return SignedPackage.dumps(task | ({"cluster": cluster} if cluster else {}))


class _WakeUp:
    """Remembers a wake-up for as long as its transaction lasts; does nothing on commit."""

    def __init__(self, *what):
        self.what = what

    def __call__(self):
        pass


def _first_in_transaction(wake_up: _WakeUp) -> bool:
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        return True
    # The list of on-commit hooks forgets exactly what a rolled-back transaction
    # or savepoint forgets, and so knows which queue rows still stand.
    for _, hook, *_ in connection.run_on_commit:
        if isinstance(hook, _WakeUp) and hook.what == wake_up.what:
            return False
    transaction.on_commit(wake_up)
    return True
