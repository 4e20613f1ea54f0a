"""One-time form keys: a double click, a retry and a back button do a thing once (T43, T45)."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError
from django.http import HttpRequest
from psycopg.errors import UniqueViolation

from core.db import joined
from core.models import FormKey
from core.rows import build, insert, prepared_cursor

# Who a session without a user belongs to, where it outlives sessions; set by whoever found out.
SCOPE_KEY = "form_key_scope"


class KeyReused(Exception):
    """The key was used before with another content, or by somebody else.

    `path` leads to what it made, for whoever used it; empty for somebody else.
    """

    def __init__(self, path: str = ""):
        super().__init__(path)
        self.path = path


@dataclass(frozen=True)
class Answer:
    """What the act answered (a path to go to), and whether this was a replay."""

    path: str
    replayed: bool


def digest_of(request: HttpRequest) -> str:
    """A fingerprint of what was posted, files by name and size; the CSRF token does not count."""
    parts = [
        (name, value)
        for name, values in sorted(request.POST.lists())
        if name != "csrfmiddlewaretoken"
        for value in values
    ]
    parts += [
        (name, f"{file.name}:{file.size}") for name, files in sorted(request.FILES.lists()) for file in files
    ]
    return hashlib.sha256(repr((request.path, parts)).encode()).hexdigest()


def scope_of(request: HttpRequest) -> str:
    """Whose key it is: the signed-in user, the owner's phone, or the session of an owner's link."""
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    # A form that waited for the network may be sent again after another sign-in.
    if known := request.session.get(SCOPE_KEY):
        return known
    return f"session:{request.session.session_key}"


def once(*, request: HttpRequest, key: UUID, act: Callable[[], str]) -> Answer:
    """Run `act` in a transaction unless this key already did, and return its path.

    Two requests with one key wait for each other on the key's row. Raises
    KeyReused when the key comes with another body or from another person.
    """
    return _once(key=key, scope=scope_of(request), digest=digest_of(request), act=act)


def once_written(*, request: HttpRequest, key: UUID, act: Callable[["Claim"], str]) -> Answer:
    """What `once` does for an act that only writes new rows, with two statements less.

    The key is not claimed before but written with what the act writes (`Claim.give`). The loser of a
    race does the work, waits for the winner at this row, and all of its own is undone. So this is for
    acts that the winner's rows do not hinder, and that reach nothing but the database.
    """
    claim = Claim(key, scope_of(request), digest_of(request))
    try:
        with joined:
            path = act(claim)
            claim.give(path)
    except IntegrityError as error:
        if not _is_of_a_key(error):
            raise
        return _replay(claim.key, claim.scope, claim.digest)
    return Answer(path, replayed=False)


@dataclass
class Claim:
    """A key on its way into the database, with the answer that its act gives."""

    key: UUID
    scope: str
    digest: str
    given: bool = False

    def give(self, path: str) -> None:
        """Write key and answer, by the statement of `core.rows.together` within such a block; once."""
        if not self.given:
            insert(build(FormKey, key=self.key, scope=self.scope, digest=self.digest, answer=path))
            self.given = True


def _is_of_a_key(error: IntegrityError) -> bool:
    found = error.__cause__
    return isinstance(found, UniqueViolation) and found.diag.table_name == FormKey._meta.db_table


def answered(request: HttpRequest) -> Answer | None:
    """What this very request was answered when it came before, if it did.

    For views whose checks no longer hold once the act is done: the second click
    of a double click is no error.
    """
    return _given(request, digest=digest_of(request))


def spent(request: HttpRequest) -> Answer | None:
    """What this form made when it was sent before, whatever it holds now; None for a fresh one.

    After the back button a form is half empty: that it was sent already matters more than what it lacks.
    """
    return _given(request)


def _given(request: HttpRequest, **more: str) -> Answer | None:
    """The answer that the key of this request was given before, where `more` fits it too."""
    try:
        key = UUID(request.POST.get("form_key", ""))
    except ValueError:
        return None
    row = FormKey.objects.filter(pk=key, scope=scope_of(request), **more).first()
    return Answer(row.answer, replayed=True) if row else None


def _once(*, key: UUID, scope: str, digest: str, act: Callable[[], str]) -> Answer:
    with joined:
        if not _claim(key, scope, digest):
            return _replay(key, scope, digest)
        path = act()
        _answer(key, path)
    return Answer(path, replayed=False)


def _claim(key: UUID, scope: str, digest: str) -> bool:
    with prepared_cursor() as cursor:
        # Waits for a transaction that holds the same key, so the loser of a
        # race reads the winner's answer instead of doing the work again.
        cursor.execute(
            "INSERT INTO core_formkey (key, scope, digest, answer, created_at)"
            " VALUES (%s, %s, %s, '', now()) ON CONFLICT DO NOTHING",
            [key, scope, digest],
        )
        return cursor.rowcount == 1


def _answer(key: UUID, path: str) -> None:
    with prepared_cursor() as cursor:
        cursor.execute("UPDATE core_formkey SET answer = %s WHERE key = %s", [path, key])


def _replay(key: UUID, scope: str, digest: str) -> Answer:
    row = FormKey.objects.get(pk=key)
    if (row.scope, row.digest) != (scope, digest):
        raise KeyReused(row.answer if row.scope == scope else "")
    return Answer(row.answer, replayed=True)
