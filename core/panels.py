"""The register of panels on the first page of a desk (SL-09).

A floor above shows there what only it knows, announced from ``AppConfig.ready`` like its places
in the top bar; the page below draws the panels without knowing them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Panel:
    """One card of the first page.

    `read` gives what `template` shows as `panel`, for a user at a time; None where there is nothing to show.
    """

    slug: str
    order: int
    template: str
    may: Callable[[Any], bool]
    read: Callable[[Any, datetime], Mapping[str, Any] | None]


_panels: dict[str, Panel] = {}


def register(panel: Panel) -> None:
    """Announce a panel; announcing the same slug again replaces it."""
    _panels[panel.slug] = panel


def panels_for(user: Any, *, at: datetime) -> list[tuple[str, Mapping[str, Any]]]:
    """Template and content of each panel that this user gets, in order."""
    allowed = (panel for panel in _panels.values() if panel.may(user))
    found = ((panel.template, panel.read(user, at)) for panel in sorted(allowed, key=lambda each: each.order))
    return [(template, content) for template, content in found if content is not None]
