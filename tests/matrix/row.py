"""One line of the matrix: an address and its two rules (tests.matrix.table says how they read)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One address: what stands in its path (words of the scene, or =literal), and its two rules."""

    get: str
    post: str = "405"
    path: str = ""
    query: str = ""
    open: bool = False


def page(get: str, post: str = "405", *, path: str = "", query: str = "") -> Row:
    """An address behind the login."""
    return Row(get, post, path, query)


def opened(get: str, post: str = "405", *, path: str = "") -> Row:
    """An address without login; its rules speak for everybody."""
    return Row(get, post, path, open=True)
