"""What every page's frame needs to know, worked out only if the page asks."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from core import nav


class Frame:
    """The places and the unread count of one request; each is asked for at most once."""

    def __init__(self, request: HttpRequest):
        self.request = request
        self.user = request.user

    @cached_property
    def surfaces(self) -> tuple[nav.Item, ...]:
        return nav.items_for(self.user)

    @property
    def slug(self) -> str:
        """The first part of the path: desk, dispatch, field, reports, admin."""
        return self.request.path_info.strip("/").partition("/")[0]

    @cached_property
    def pages(self) -> tuple[nav.Item, ...]:
        """The pages of the surface the request is in."""
        return nav.items_for(self.user, parent=self.slug)

    @property
    def here(self) -> str:
        """The slug of the page of the surface that is shown, or that the shown page belongs to."""
        return nav.section_of(self.request.path)

    @property
    def current(self) -> str:
        """How that page is marked: `page` where it is the one shown, `true` on a page below it."""
        shown = any(item.url == self.request.path for item in self.pages)
        return "page" if shown else "true"

    @property
    def search(self) -> str:
        """The template of the surface's own search box; empty where it has none."""
        return next((item.search for item in self.surfaces if item.slug == self.slug), "")

    @property
    def bell(self) -> nav.Bell | None:
        return nav.bell() if self.user.is_authenticated else None

    @property
    def unread(self) -> int:
        return self.bell.unread(self.user) if self.bell else 0


def surface(request: HttpRequest) -> dict[str, Any]:
    """Template variable ``frame``; nothing is queried until a template reads it."""
    if not hasattr(request, "user"):
        return {}
    return {"frame": SimpleLazyObject(lambda: Frame(request))}
