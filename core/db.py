"""Transactions as our services use them."""

from contextlib import ContextDecorator
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction


class Joined(ContextDecorator):
    """One transaction around a service and every service that it calls.

    Services call each other inside one transaction: a savepoint at each call
    would cost two round trips and protect nothing, since an error ends the
    whole act. Only the outermost call can be undone by itself; where something
    else holds a transaction open, as tests do, that is by a savepoint.
    """

    def __enter__(self) -> None:
        stack = self._stack()
        atomic = transaction.atomic(savepoint=not stack)
        atomic.__enter__()
        stack.append(atomic)

    def __exit__(self, *error: Any) -> None:
        self._stack().pop().__exit__(*error)

    @staticmethod
    def _stack() -> list[transaction.Atomic]:
        # Kept with the connection, of which every thread has its own.
        return connections[DEFAULT_DB_ALIAS].__dict__.setdefault("joined_atomics", [])


joined = Joined()
