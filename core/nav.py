"""The register of places in the top bar.

A floor above announces its own surface from ``AppConfig.ready``, so that core
needs to know none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import reverse


def is_staff(user: Any) -> bool:
    """Whether the Django admin is open to this user."""
    return user.is_staff


@dataclass(frozen=True)
class Item:
    """One link of the top bar, or of a surface's own row of links when ``parent`` names a surface.

    ``may`` decides who sees it; the view behind the link still decides who may enter. ``search`` is the
    template of the box in the top bar of a surface's pages; it expects ``text``, what was searched.
    ``holds`` names parts of the paths that belong to the page besides its own: /desk/t/… is of the
    tickets, and /desk/t/…/responsibility/ of those to judge.
    """

    slug: str
    label: str
    url_name: str
    icon: str
    order: int
    may: Callable[[Any], bool]
    parent: str = ""
    key: str = ""
    search: str = ""
    holds: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return _address(self.url_name)


@dataclass(frozen=True)
class Bell:
    """Where the bell leads and how many notices wait unread there.

    ``count_url_name`` answers with components/bell.html alone.
    """

    url_name: str
    count_url_name: str
    unread: Callable[[Any], int]

    @property
    def url(self) -> str:
        return _address(self.url_name)

    @property
    def count_url(self) -> str:
        return _address(self.count_url_name)


@cache
def _address(url_name: str) -> str:
    """The frame of every page asks for the same few."""
    return reverse(url_name)


_items: dict[tuple[str, str], Item] = {}
_bells: list[Bell] = []


def register(item: Item) -> None:
    """Announce a place; announcing the same slug again replaces it."""
    _items[item.parent, item.slug] = item


def register_bell(bell: Bell) -> None:
    """Announce the inbox; the last one announced is shown."""
    _bells[:] = [bell]


def items_for(user: Any, parent: str = "") -> tuple[Item, ...]:
    """The places this user may go, in order: the surfaces, or the pages of one surface."""
    if not user.is_authenticated:
        return ()
    found = (item for item in _items.values() if item.parent == parent and item.may(user))
    return tuple(sorted(found, key=lambda item: item.order))


def section_of(path: str) -> str:
    """The slug of the page of a surface that an address belongs to, whoever may see it; "" where none does.

    The page whose address the path goes on from; what no other page claims is of the surface's first page.
    """
    surface, *parts = path.strip("/").split("/")
    # How much of the path each page claims; the one that claims most has it.
    found = {"": ""}
    for item in _items.values():
        if item.parent != surface:
            continue
        if path.startswith(item.url):
            found[item.url] = item.slug
        for end, part in enumerate(parts, start=1):
            if part in item.holds:
                found["/".join(["", surface, *parts[:end], ""])] = item.slug
    return found[max(found, key=len)]


def bell() -> Bell | None:
    """The inbox, if an app announced one."""
    return _bells[0] if _bells else None
