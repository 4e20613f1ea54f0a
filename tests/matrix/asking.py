"""Asks one question as one person and leaves no trace of it."""

import re
from dataclasses import dataclass
from http.cookies import SimpleCookie

from django.db import connection, transaction
from django.http import HttpResponseBase
from django.urls import NoReverseMatch, get_resolver, reverse

from tests.matrix.scene import BY_LINK, Scene

WRITE = re.compile(r'^(INSERT INTO|UPDATE|DELETE FROM) "?(\w+)', re.IGNORECASE)
SESSION = "django_session"
# What differs between two pages that say the same.
CHANGING = re.compile(rb'(csrfmiddlewaretoken|name="form_key")[^>]*value="[^"]*"|hx-headers=\'[^\']*\'')


@dataclass(frozen=True)
class Answer:
    """What came back, and which tables were written."""

    status: int
    body: bytes
    headers: dict[str, str]
    writes: tuple[str, ...]


def ask(scene: Scene, who: str, method: str, url: str, *, ticket=None, data=None) -> Answer:
    """The answer to this request; everything it did is taken back."""
    client = scene.clients[who]
    if who in BY_LINK and ticket is not None:
        scene.let_in(who, ticket)
    cookies = client.cookies.output(header="", sep=";")
    tables: list[str] = []

    def watch(execute, sql, params, many, context):
        if (found := WRITE.match(sql)) and found[2] != SESSION:
            tables.append(found[2])
        return execute(sql, params, many, context)

    with transaction.atomic(), connection.execute_wrapper(watch):
        response = (
            client.generic(method, url)
            if method not in {"GET", "POST"}
            else _plain(client, method, url, data)
        )
        body = _body(response)
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)
    return Answer(response.status_code, body, dict(response.headers), tuple(tables))


def _plain(client, method: str, url: str, data):
    return client.get(url, data) if method == "GET" else client.post(url, data or {})


def _body(response: HttpResponseBase) -> bytes:
    # Read to the end: a file that is half read stays open.
    return CHANGING.sub(b"", response.getvalue())


def names() -> list[str]:
    """Every name of every address, namespaces included; None for one without."""
    return list(_walk(get_resolver().url_patterns, ""))


def _walk(patterns, space: str):
    for each in patterns:
        if hasattr(each, "url_patterns"):
            yield from _walk(each.url_patterns, f"{space}{each.namespace}:" if each.namespace else space)
        else:
            yield f"{space}{each.name}" if each.name else f"{space}(none)"


def address(name: str, path: str, words: dict, query: str = "") -> str:
    """The address of this name with these words of the scene in it."""
    args = [word[1:] if word.startswith("=") else words[word] for word in path.split()]
    try:
        return reverse(name, args=args) + (f"?{query}={words[query]}" if query else "")
    except NoReverseMatch as error:
        raise LookupError(f"{name} cannot be reached with {args}") from error
